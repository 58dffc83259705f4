"""Forms of a clinic's own texts: one field for each part, and the list of discreet words."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import HiddenField

from scheduler.models import Site
from scheduler.services.outgoing.text_rules import LONGEST, LONGEST_TEXT, part_of
from scheduler.services.outgoing.texts import TextPage, TextRequest
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import LinesField
from scheduler.web.text_names import part_name


class TextForm(Form):
    """Its fields are made from the table that is edited; `names` are their keys of texts."""

    names: Mapping[str, str] = {}
    version = HiddenField()

    def request(self, language: str, table: str) -> TextRequest:
        """What is typed; two lines of spaces are nothing."""
        typed = {key: str(self[name].data or "") for name, key in self.names.items()}
        return TextRequest(language=language, table=table, texts=typed)

    def refuse_all(self, wrong: Mapping[str, str]) -> None:
        """Each reason at its field."""
        for name, key in self.names.items():
            if key in wrong:
                self[name].errors = [*self[name].errors, wrong[key]]


def text_form(page: TextPage, *, typed: bool) -> TextForm:
    """The form of one table; `typed`: with what was sent, else with what holds."""
    names = {f"text_{number}": part.key for number, part in enumerate(page.parts)}
    fields = {name: _field(key) for name, key in names.items()}
    made: type[TextForm] = type("TextForm", (TextForm,), {**fields, "names": names})
    if typed:
        return made()
    told = {f"text_{number}": part.text for number, part in enumerate(page.parts)}
    return made(formdata=None, data={**told, "version": page.version})


def _field(key: str) -> LinesField:
    part = part_of(key)
    return LinesField(part_name(part), most=2 * LONGEST.get(part, LONGEST_TEXT))


class WordsForm(Form):
    """One word or phrase a line."""

    words = LinesField("Your own words", most=4000)
    version = HiddenField()

    @classmethod
    def of(cls, site: Site) -> WordsForm:
        told = {"words": "\n".join(site.discreet_words), "version": site.messages_version}
        return cls(formdata=None, data=told)

    def to_words(self) -> list[str]:
        lines = (" ".join(line.split()) for line in (self.words.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

"""What the editor shows and sends back unchanged is the template that was opened, to the byte."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scheduler.planning.reading.protocol import from_plain
from scheduler.planning.writing.protocol import to_plain
from scheduler.web.forms.protocols import TemplateForm
from scheduler.web.forms.text import clean_line
from tests.template_strategies import documents


def cleaned(plain: Any) -> Any:
    """Texts as a form's edge leaves them; what it empties keeps a letter."""
    if isinstance(plain, dict):
        return {key: cleaned(one) for key, one in plain.items()}
    if isinstance(plain, list):
        return [cleaned(one) for one in plain]
    return (clean_line(plain) or "x") if isinstance(plain, str) else plain


def pairs(form: TemplateForm) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in form.values.data.items() for text in texts]


@given(documents())
def test_an_unchanged_form_is_an_unchanged_template(plain: dict[str, Any]) -> None:
    protocol = from_plain(cleaned(plain))
    opened = TemplateForm.of(protocol, None)
    sent = TemplateForm.sent(pairs(opened), protocol, None)
    assert sent.problems == ()
    assert to_plain(sent.template) == to_plain(protocol)


@given(documents(), st.data())
def test_anything_typed_anywhere_is_kept_and_never_crashes(
    plain: dict[str, Any], data: st.DataObject
) -> None:
    protocol = from_plain(plain)
    opened = TemplateForm.of(protocol, protocol)
    name = data.draw(st.sampled_from(sorted(opened.values.data)))
    typed = data.draw(st.one_of(st.text(max_size=30), st.just("9" * 400), st.just("-1")))
    others = [(key, text) for key, text in pairs(opened) if key != name]
    form = TemplateForm.sent([*others, (name, typed)], protocol, protocol)
    if name not in ("phase", "profile"):
        assert form.values.one(name) == clean_line(typed)
    assert form.problems or form.template
    assert set(form.errors) <= {"", *form.values.data, *form.draft.places.values()}

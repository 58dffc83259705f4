"""The words of a page behind a link: the patient's language, the clinic's own texts, its clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduler.models import Site
from scheduler.planning import opening
from scheduler.planning.wording import LANGUAGES, Block, Wording, shipped
from scheduler.planning.words import checklist, clock
from scheduler.services.outgoing import texts

NAMES = {"en": "English", "es": "Español"}
"""Each language calls itself by its own name."""


class OwnWords:
    """Called with a key it gives one line; `phone` and `clinic` are known to every text."""

    def __init__(self, wording: Wording, zone: ZoneInfo, clinic: str, phone: str) -> None:
        self.wording, self.zone, self.clinic, self.phone = wording, zone, clinic, phone

    def __call__(self, key: str, **values: str) -> str:
        return self.wording.line(key, self._known(values))

    def blocks(self, key: str, **values: str) -> tuple[Block, ...]:
        """A longer text, in paragraphs and items."""
        return self.wording.blocks(key, self._known(values))

    @property
    def language(self) -> str:
        return self.wording.language

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Code and own name of each."""
        return [(one, NAMES[one]) for one in LANGUAGES]

    @property
    def city(self) -> str:
        return clock.city(self.zone, self.language)

    @property
    def dial(self) -> str:
        """The number for a tel: link."""
        return "".join(one for one in self.phone if one in "+0123456789")

    def clock(self, at: datetime) -> str:
        """ "8:50 am"."""
        return clock.clock(at, self.zone, self.language)

    def day(self, at: datetime | date) -> str:
        """ "Tue 12 Jan"."""
        return clock.day(self.on(at), self.language)

    def day_short(self, at: datetime | date) -> str:
        """ "Tue 12"."""
        return clock.day(self.on(at), self.language).rsplit(" ", 1)[0]

    def long_day(self, at: datetime | date) -> str:
        """ "Tuesday, 12 January"."""
        return checklist.long_day(self.on(at), self.wording)

    def weekday(self, at: datetime | date) -> str:
        return checklist.weekday(self.on(at), self.wording)

    def on(self, at: datetime | date) -> date:
        """The site's date."""
        return opening.local(self.zone, at).date() if isinstance(at, datetime) else at

    def _known(self, values: dict[str, str]) -> dict[str, str]:
        return {"phone": self.phone, "clinic": self.clinic} | values


def words_for(site: Site, language: str) -> OwnWords:
    """The clinic's own texts where it wrote some; in a language that we do not have, English."""
    wording = texts.wording(site, language if language in LANGUAGES else "en")
    return OwnWords(wording, site.zone, site.public_name, site.phone)


def words_without_link(phone: str) -> OwnWords:
    """For a page that belongs to no clinic, such as the end of a link."""
    return OwnWords(shipped("en"), ZoneInfo("UTC"), "", phone)

"""What the pages of one series template show beside its fields: steps, preview, changes,
versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from scheduler.errors import NotFound
from scheduler.models import ProtocolVersion, Site
from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.plain import Problem
from scheduler.planning.words.protocol import Section, compared, sections
from scheduler.planning.words.source import SourceRow, source_rows
from scheduler.services import open_days, protocol_library, protocol_pages, sites
from scheduler.services.actor import Actor
from scheduler.services.protocol_check import impossible
from scheduler.services.protocol_files import parsed
from scheduler.services.protocol_pages import Versions
from scheduler.services.protocol_preview import Preview, previewed
from scheduler.services.protocols import is_own
from scheduler.web.forms import wall
from scheduler.web.forms.protocols import TemplateForm
from scheduler.web.forms.template_edits import edited, with_defaults

DAY = timedelta(days=1)
UTC = ZoneInfo("UTC")


@dataclass
class Showing:
    """A template at a site, for whoever looks at it."""

    versions: Versions
    actor: Actor
    now: datetime
    wanted: Mapping[str, str]  # preview.site and preview.first, as typed

    @cached_property
    def sites(self) -> list[Site]:
        return sites.all_sites(self.actor)

    @property
    def site(self) -> Site | None:
        chosen = self.wanted.get("preview.site", "")
        others = (one for one in self.sites if str(one.id) == chosen)
        return next(others, self.sites[0] if self.sites else None)

    @property
    def zone(self) -> ZoneInfo:
        return self.site.zone if self.site else UTC

    @cached_property
    def prescribers(self) -> list[str]:
        """Those who may approve, the person who looks left out."""
        return protocol_pages.prescribers(self.actor)

    def impossible(self, template: Protocol) -> tuple[Problem, ...]:
        """Why no site can plan it (domain H16)."""
        return impossible(template, open_days.open_weekdays(self.actor))

    def preview_of(self, template: Protocol) -> Preview | None:
        """None before there is a site."""
        if self.site is None:
            return None
        other = self.versions.in_use
        return previewed(
            template,
            self.site,
            _day(self.wanted.get("preview.first", "")),
            now=self.now,
            in_use=(other.number, parsed(other.document)) if other else None,
        )


@dataclass
class EditorPage(Showing):
    """The editor. `base_number` is the version that it was opened on (trust I6)."""

    form: TemplateForm
    base_number: int
    tried: bool = False  # somebody pressed save: say above the form what needs them
    newer: ProtocolVersion | None = None
    changed_since: tuple[Section, ...] = ()

    @classmethod
    def opened(
        cls, versions: Versions, asked: Mapping[str, str], actor: Actor, *, now: datetime
    ) -> EditorPage:
        """On the newest version; the address may say which phase is open."""
        form = TemplateForm.of(versions.template, _in_use(versions))
        form.values.put("at", _at(asked.get("at", ""), form.values.many("phase")))
        number = versions.newest.number
        return cls(
            versions=versions, actor=actor, now=now, wanted={}, form=form, base_number=number
        )

    @classmethod
    def sent(
        cls, versions: Versions, sent: MultiDict[str, str], actor: Actor, *, now: datetime
    ) -> EditorPage:
        """Raises NotFound if it was opened on a version that never was."""
        typed = sent.get("base", "")
        base = versions.numbered(int(typed) if typed.isdecimal() and len(typed) < 9 else 0)
        pairs = ((name, text) for name, texts in sent.lists() for text in texts)
        form = TemplateForm.sent(pairs, parsed(base.document), _in_use(versions))
        return cls(
            versions=versions,
            actor=actor,
            now=now,
            wanted=sent,
            form=form,
            base_number=base.number,
        )

    @property
    def at(self) -> str:
        """The phase whose tab is open."""
        ids, at = self.form.values.many("phase"), self.form.values.one("at")
        return at if at in ids else ids[0]

    @property
    def place(self) -> int:
        """The same as a number from 1, for an address: phases may be named after treatments."""
        return self.form.values.many("phase").index(self.at) + 1

    @property
    def note(self) -> str:
        return self.form.values.one("note")[:400]

    def carry_out(self, command: str) -> None:
        """A button that changes fields, or turns the first day of the preview."""
        if command in ("earlier", "later"):
            self._turn(DAY if command == "later" else -DAY)
        else:
            self.form.focus = edited(self.form.values, command)
        with_defaults(self.form.values)

    def _turn(self, step: timedelta) -> None:
        shown = self.preview
        if shown is not None:
            typed = wall.day_text(shown.first_on + step)
            self.wanted = {**self.wanted, "preview.first": typed}
            del self.preview

    def overtaken(self, newest: int) -> None:
        """Somebody saved meanwhile: show both, and let the next save be on top of theirs."""
        self.newer = self.versions.numbered(newest)
        theirs = parsed(self.newer.document)
        every = compared(self.form.template, theirs)
        self.changed_since = tuple(section for section in every if section.changes)
        self.base_number = newest

    @cached_property
    def preview(self) -> Preview | None:
        """None where there is no site, or where the fields do not make a template yet."""
        if self.form.problems:
            return None
        found = self.preview_of(self.form.template)
        self.form.more = list(found.problems) if found else []
        return found

    @property
    def no_plan(self) -> bool:
        """No site can plan what is typed: asking for approval is off (domain H16)."""
        return bool(self.form.problems or self.impossible(self.form.template))


@dataclass
class VersionPage(Showing):
    """One version to read, with what differs from the version in use."""

    version: ProtocolVersion
    template: Protocol

    @classmethod
    def of(
        cls,
        versions: Versions,
        number: int,
        asked: Mapping[str, str],
        actor: Actor,
        *,
        now: datetime,
    ) -> VersionPage:
        """Raises NotFound."""
        version = versions.numbered(number)
        return cls(
            versions=versions,
            actor=actor,
            now=now,
            wanted=asked,
            version=version,
            template=parsed(version.document),
        )

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        same = self.versions.in_use is self.version
        return compared(self.template, None if same else _in_use(self.versions))

    @property
    def changes(self) -> int:
        return sum(section.changes for section in self.sections)

    @property
    def sources(self) -> tuple[SourceRow, ...]:
        return source_rows(self.template)

    @cached_property
    def preview(self) -> Preview | None:
        return self.preview_of(self.template)

    @property
    def awaits(self) -> bool:
        """A prescriber has been asked about just this version."""
        return self.versions.asked and self.version is self.versions.newest

    @property
    def is_own(self) -> bool:
        return is_own(self.version, self.actor)


@dataclass(frozen=True)
class LibraryPage:
    """A built-in template to read before it is used."""

    template: Protocol
    sections: tuple[Section, ...]
    sources: tuple[SourceRow, ...]


def library_page(place: int) -> LibraryPage:
    """`place` counts from 1. Raises NotFound."""
    every = protocol_library.templates()
    if not 1 <= place <= len(every):
        raise NotFound
    template = every[place - 1]
    return LibraryPage(template, sections(template), source_rows(template))


def _at(place: str, ids: list[str]) -> str:
    """The phase at that place, else the first one."""
    number = int(place) if place.isdecimal() and len(place) < 4 else 1
    return ids[number - 1] if 1 <= number <= len(ids) else ids[0]


def _in_use(versions: Versions) -> Protocol | None:
    """The template that new series use, if there is one."""
    return parsed(versions.in_use.document) if versions.in_use else None


def _day(typed: str) -> date | None:
    """A day that cannot be read is the same as none: the preview finds a good one."""
    try:
        return wall.calendar_day(typed) if typed and len(typed) < 100 else None
    except ValueError:
        return None

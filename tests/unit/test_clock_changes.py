"""Over every change of clocks in every zone of the United States, 2024 to 2030: page, mail,
invitation and feed say one wall time and mean one instant."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

import pytest
from icalendar import STATUS

from scheduler.invites.feed import Shown, feed
from scheduler.mail.messages import calendar_file
from scheduler.planning.interval import Interval
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepSet
from scheduler.planning.visit import Part, VisitShape
from scheduler.planning.wording import shipped
from scheduler.services.outgoing.letters import letter
from scheduler.services.outgoing.mail_facts import MessageFacts, Sender, ToldVisit
from scheduler.web.filters import clock, day_year, span
from tests.calendar_readers import Component, event_of, parse
from tests.four_readers import found_by_all

SENDER = Sender(address="visits@larkmoor.example", name="Larkmoor", place="1 Main", phone="555-01")
SHAPE = VisitShape(parts=(Part(name="infusion", minutes=100),), arrive_early_minutes=15)
WALLS = (time(1, 45), time(9))
"""In the night of the change itself, where a wall time may come twice; the hour of most visits."""
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)
DAY = timedelta(days=1)


def zones() -> list[str]:
    """As the zone files list them for the country and its territories."""
    text = (importlib.resources.files("tzdata.zoneinfo") / "zone.tab").read_text()
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return sorted(line[2] for line in lines if line[0] in ("US", "PR", "GU", "VI", "AS", "MP"))


@cache
def changes(zone: ZoneInfo) -> list[date]:
    """Dates whose end has another offset than their beginning; a zone without any has no change."""
    days = [FIRST + DAY * n for n in range((LAST - FIRST).days + 1)]
    offsets = [datetime.combine(on, time(), tzinfo=zone).utcoffset() for on in days]
    return [on for on, (a, b) in zip(days, pairwise(offsets), strict=False) if a != b]


@dataclass(frozen=True)
class Case:
    """One visit, and its four faces."""

    visit: ToldVisit
    on: date
    wall: time

    @property
    def facts(self) -> MessageFacts:
        return MessageFacts(
            kind="invite",
            message_id="<1@larkmoor.example>",
            stamped_at=datetime(2023, 12, 1, tzinfo=UTC),
            recipient="pat@example.net",
            sender=SENDER,
            first_name="Ines",
            visits=(self.visit,),
            uid=f"00000000-0000-4000-8000-{self.visit.starts_at:%Y%m%d%H%M}@larkmoor.example",
        )

    @property
    def invitation(self) -> bytes:
        data = calendar_file(self.facts)
        assert data is not None
        return data

    @property
    def shown(self) -> Shown:
        times = self.visit.times
        return Shown(
            uid=str(self.facts.uid),
            sequence=0,
            changed_at=datetime(2023, 12, 1, tzinfo=UTC),
            span=Interval(times.arrives_at, times.leaves_at),
            zone=self.visit.zone,
            status=STATUS.CONFIRMED,
        )


def cases(zone: ZoneInfo) -> list[Case]:
    """The day before, the day and the day after each change; two quiet days where there is none."""
    changed = changes(zone)
    days = {one + DAY * n for one in changed for n in (-1, 0, 1)}
    found = []
    for on in sorted(days or {date(2027, 3, 14), date(2027, 11, 7)}):
        for wall in WALLS if on in changed else WALLS[1:]:
            starts_at = instant(zone, on, wall)
            visit = ToldVisit(starts_at=starts_at, shape=SHAPE, prep=PrepSet(), zone=zone)
            found.append(Case(visit, on, wall))
    return found


def instants(event: Component, zone: ZoneInfo) -> Iterator[datetime]:
    """As RFC 5545 3.3.5 reads the entry: of two equal wall times the first is meant."""
    for name in ("DTSTART", "DTEND"):
        ((params, value),) = event.all(name)
        wall = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
        yield wall.replace(tzinfo=zone if params else UTC).astimezone(UTC)


def assert_one_time(case: Case, invited: Component, fed: Component) -> None:
    zone, times = case.visit.zone, case.visit.times
    assert times.starts_at.astimezone(zone).date() == case.on
    page = span(times.arrives_at, times.leaves_at, zone)
    for entry in (invited, fed):
        arrive, leave = instants(entry, zone)
        assert (arrive, leave) == (times.arrives_at, times.leaves_at)
        assert span(arrive, leave, zone) == page
    mail = chain(*(block.items for block in letter(case.facts).blocks))
    arrive_words, leave_words = clock(times.arrives_at, zone), clock(times.leaves_at, zone)
    said = f"{day_year(times.starts_at, zone)}: arrive {arrive_words}, leave about {leave_words}"
    assert said in mail


@pytest.mark.parametrize("part", range(4))
def test_page_mail_invitation_and_feed_agree_over_every_change_of_clocks(part: int) -> None:
    files: list[bytes] = []
    truth = []
    for name in zones()[part::4]:
        zone = ZoneInfo(name)
        found = cases(zone)
        fed = feed("Larkmoor", zone, [case.shown for case in found])
        entries = parse(fed).children("VEVENT")
        for case, entry in zip(found, entries, strict=True):
            data = case.invitation
            assert_one_time(case, event_of(data, "REQUEST"), entry)
            if case.wall == WALLS[0]:
                files.append(data)
                truth.append([case.visit.times.arrives_at])
        files.append(fed)
        truth.append([case.visit.times.arrives_at for case in found])
    read = found_by_all(files)
    assert [[at for _, _, _, at, _ in one.events] for one in read] == truth


def test_words_of_the_other_language_name_the_same_hour() -> None:
    zone = ZoneInfo("America/New_York")
    for case in cases(zone)[:12]:
        spanish = replace(case.facts, wording=shipped("es"))
        said = " ".join(item for block in letter(spanish).blocks for item in block.items)
        shown = clock(case.visit.times.arrives_at, zone)
        assert shown.split()[0] in said

"""The demo's place: six chairs and a recovery bay, its hours, its closures, its templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.demo import staff
from scheduler.planning.opening import OpeningSpan, instant
from scheduler.services import (
    chairs,
    closures,
    opening,
    protocol_library,
    protocol_pages,
    protocols,
    sites,
)
from scheduler.services.actor import Actor
from scheduler.services.closed_over import opening as nothing_booked

ZONE_NAME = "America/New_York"
BAY = "Bay 1"
CHAIRS = (
    ("Chair 1", "chair"),
    ("Chair 2", "chair"),
    ("Chair 3", "chair"),
    ("Chair 4", "chair"),
    ("Chair 5", "chair"),
    ("Room 6", "room"),
    (BAY, "bay"),
)
DRAFTS = ("ket-crps-10d", "iron-sucrose-5in14")
"""Built-in templates that wait for the provider: the first as a draft, the second asked for."""
MORNING, NOON, EVENING, SATURDAY_END = time(8), time(12), time(17), time(13)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the visits stand on; they start in `chair_ids`. `versions`: a template's key -> id
    of its approved version."""

    site_id: int
    chair_ids: tuple[int, ...]
    versions: dict[str, int]


def build(actors: dict[str, Actor], monday: date, *, now: datetime) -> Place:
    """Everything that is there before the first visit. `now` is when the clinic was set up."""
    manager = actors["manager"]
    site_id = _site(manager, now)
    chair_ids = tuple(
        chairs.add(
            site_id,
            chairs.ChairRequest(name=name, kind=kind, in_service=True, position=place),
            manager,
            now=now,
        )
        for place, (name, kind) in enumerate(CHAIRS, start=1)
    )
    staff.build(site_id, _week(site_id, manager, now), manager, now=now)
    staff.change(site_id, ZoneInfo(ZONE_NAME), monday, manager, now=now)
    for request in _closures(chair_ids, monday):
        closures.add(site_id, request, manager, consent=nothing_booked(now))
    seats = tuple(one for one, (name, _) in zip(chair_ids, CHAIRS, strict=True) if name != BAY)
    return Place(site_id=site_id, chair_ids=seats, versions=_templates(actors, now))


def _site(manager: Actor, now: datetime) -> int:
    request = sites.SiteRequest(
        name="Halden Street",
        public_name="Halden Street Practice",
        zone_name=ZONE_NAME,
        address="14 Halden Street, Suite 2, Halden",
        phone="212-555-0100",
        sender_address="visits@halden-street.example",
        start_step_minutes=15,
        horizon_days=84,
        sms_on=True,
        voice_on=True,
    )
    return sites.add(request, manager, now=now)


def _week(site_id: int, manager: Actor, now: datetime) -> list[OpeningSpan]:
    """Monday to Friday 8 to 5, Saturday 9 to 1."""
    hours = [OpeningSpan(day, MORNING, EVENING) for day in range(5)]
    hours.append(OpeningSpan(5, time(9), SATURDAY_END))
    opening.set_week(
        site_id, hours, manager, was=opening.fingerprint([]), consent=nothing_booked(now)
    )
    return hours


def _closures(chair_ids: tuple[int, ...], monday: date) -> list[closures.ClosureRequest]:
    """Some of the past and some to come, by days from this week's Monday."""
    shut = (
        (None, -40, NOON, EVENING, "Staff training"),
        (None, -17, MORNING, EVENING, "Heating failed"),
        (None, 23, MORNING, EVENING, "New floor in the corridor"),
        (chair_ids[4], -25, MORNING, EVENING, "Pump repair"),
        (chair_ids[4], -24, MORNING, NOON, "Pump repair"),
        (chair_ids[2], 8, NOON, EVENING, "Pump repair"),
        (chair_ids[2], 9, MORNING, NOON, "Pump repair"),
    )
    return [
        closures.ClosureRequest(
            chair_id=chair_id,
            starts_at=_at(monday, days, starts),
            ends_at=_at(monday, days, ends),
            reason=reason,
        )
        for chair_id, days, starts, ends, reason in shut
    ]


def _at(monday: date, days: int, wall: time) -> datetime:
    return instant(ZoneInfo(ZONE_NAME), monday + timedelta(days=days), wall)


def _templates(actors: dict[str, Actor], now: datetime) -> dict[str, int]:
    """The built-in library; the invented provider approves it, which no real one has done."""
    manager, provider = actors["manager"], actors["provider"]
    for template in protocol_library.templates():
        saved = protocols.create_from_library(template.id, manager, now=now)
        if template.id == DRAFTS[0]:
            continue
        protocols.submit(saved.protocol_id, saved.number, manager, now=now)
        if template.id not in DRAFTS:
            protocols.approve(saved.protocol_id, saved.number, provider, now=now)
    listed = protocol_pages.all_templates(manager)
    return {one.row.key: one.in_use.id for one in listed if one.in_use is not None}

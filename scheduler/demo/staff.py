"""The demo's staff and equipment: the usual week, who is away when, what is out for repair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.planning.opening import CoverSpan, OpeningSpan, instant
from scheduler.services import cover, equipment, staffing
from scheduler.services.actor import Actor
from scheduler.services.closed_over import opening as nothing_booked
from scheduler.services.equipment import OutageRequest
from scheduler.services.staffing import StaffRequest

PUMPS, MONITORS = 6, 6
BUSY_FROM, BUSY_UNTIL = time(9), time(15)
NOON, ONE = time(12), time(12, 30)
DAY_END = time()
"""Midnight after the last day."""
CHANGES = (
    # role, days from this week's Monday, from, days, until, number, who, reason
    ("provider", -31, DAY_END, -31, DAY_END, -1, "Dr Noor Achter", "Congress"),
    ("nurse", -12, time(8), -12, NOON, -1, "Mara Lindqvist", "Training"),
    ("nurse", 3, time(9), 3, time(15), 1, "Ida Brandt", "From the other practice"),
    ("nurse", 10, time(13), 10, time(17), -1, "Mara Lindqvist", "Training"),
    ("provider", 14, DAY_END, 18, DAY_END, -1, "Dr Noor Achter", "Vacation"),
    ("provider", 16, time(8), 16, time(17), 1, "Dr Per Lund", "Stands in"),
    ("nurse", 17, time(8), 17, time(17), 1, "Ida Brandt", "Many first visits"),
)


def build(site_id: int, hours: Sequence[OpeningSpan], manager: Actor, *, now: datetime) -> None:
    """Two providers all week; three nurses, one of them at lunch from 12 to 12:30, and one more for
    the busy hours."""
    was, consent = cover.fingerprint([]), nothing_booked(now)
    nurses, providers = list(_nurses(hours)), [_there(row, 2) for row in hours]
    cover.set_nurses(site_id, nurses, manager, was=was, consent=consent)
    cover.set_providers(site_id, providers, manager, was=was, consent=consent)
    counted = equipment.fingerprint(equipment.counts(site_id, manager))
    owned = {"pump": PUMPS, "monitor": MONITORS}
    equipment.set_counts(site_id, owned, manager, was=counted, consent=consent)


def change(site_id: int, zone: ZoneInfo, monday: date, manager: Actor, *, now: datetime) -> None:
    """Absences, extra shifts and a pump at the repair shop, around this week."""
    consent = nothing_booked(now)
    for role, first, starts, last, ends, number, who, reason in CHANGES:
        request = StaffRequest(
            role=role,
            starts_at=_at(zone, monday, first, starts),
            ends_at=_at(zone, monday, last + (ends == DAY_END), ends),
            number=number,
            who=who,
            reason=reason,
        )
        staffing.add(site_id, request, manager, consent=consent)
    repair = OutageRequest(
        kind="pump",
        number=1,
        starts_at=_at(zone, monday, 7, DAY_END),
        ends_at=_at(zone, monday, 10, DAY_END),
        reason="Repair",
    )
    equipment.add_outage(site_id, repair, manager, consent=consent)


def _nurses(hours: Sequence[OpeningSpan]) -> Iterator[CoverSpan]:
    for row in hours:
        if row.closes <= ONE or row.opens >= NOON or row.weekday == 5:
            yield _there(row, 3)
            continue
        yield _there(row, 2)
        yield CoverSpan(row.weekday, row.opens, NOON, 1)
        yield CoverSpan(row.weekday, ONE, row.closes, 1)
        yield CoverSpan(row.weekday, BUSY_FROM, BUSY_UNTIL, 1)


def _there(row: OpeningSpan, number: int) -> CoverSpan:
    return CoverSpan(row.weekday, row.opens, row.closes, number)


def _at(zone: ZoneInfo, monday: date, days: int, wall: time) -> datetime:
    return instant(zone, monday + timedelta(days=days), wall)

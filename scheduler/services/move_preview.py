"""What a move would do, before anybody decides: the place, the rest of the series, the food stop.
Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from scheduler.errors import Invalid, PlaceTaken, SchedulerError
from scheduler.models import Site, Visit
from scheduler.planning.opening import instant, local
from scheduler.planning.preparation import PrepSet, clock_times
from scheduler.planning.slots.chairs import Seat
from scheduler.planning.spacing import BrokenRule
from scheduler.planning.visit import VisitShape
from scheduler.planning.words.clock import clock, day, moment_seen_from
from scheduler.services import capacity, daybooks, series_rules, visit_length
from scheduler.services.actor import Actor
from scheduler.services.moving import (
    NOTHING_MOVED,
    MoveRequest,
    Wanted,
    place_for,
    refuse_unless_movable,
)
from scheduler.services.scope import find
from scheduler.services.series_request import firm_limits


@dataclass(frozen=True, kw_only=True)
class Row:
    """One visit of the series before and after; `gap` in days to the visit before it, after the
    move."""

    label: str
    before: str
    after: str
    gap: int | None
    gap_rule: str | None
    chair: str
    moved: bool


@dataclass(frozen=True, kw_only=True)
class MovePreview:
    """`refusal` says why the place cannot be had; `broken` what the series would break.

    `needs_provider`: a hard rule of the series breaks, so only a provider may do it, with a reason.
    """

    allowed: bool
    refusal: str | None
    broken: tuple[str, ...]
    needs_provider: bool
    rows: tuple[Row, ...]
    chair_id: int | None
    chair_name: str
    stay: str
    food_stop_before: str | None
    food_stop_after: str | None


def preview(request: MoveRequest, actor: Actor, *, now: datetime) -> MovePreview:
    """Nothing changes. Raises NotFound, NotAllowed; whatever else is wrong is in the answer."""
    actor.require("move")
    visit = find(Visit, request.visit_id, actor)
    site = find(Site, visit.site_id, actor)
    starts_at = instant(site.zone, request.starts_on, request.starts)
    seat, refusal = _place(visit, request, site, starts_at, now)
    faults = _faults(visit, request.starts_on)
    hard = any(fault.hard for fault in faults)
    place = _words(seat, site)
    return MovePreview(
        allowed=refusal is None and not (hard and not actor.may("override_gap")),
        refusal=refusal,
        broken=tuple(fault.sentence for fault in faults),
        needs_provider=hard,
        rows=_rows(visit, starts_at, place, site, faults),
        chair_id=seat.chair_id if seat else None,
        chair_name=place,
        stay=_stay(_shape(visit, request), starts_at, site),
        food_stop_before=_food_stop(visit, visit.starts_at, site),
        food_stop_after=_food_stop(visit, starts_at, site),
    )


def _place(
    visit: Visit, request: MoveRequest, site: Site, starts_at: datetime, now: datetime
) -> tuple[Seat | None, str | None]:
    """The chair and bay that would be taken, or the sentence that refuses it."""
    try:
        refuse_unless_movable(visit, request)
        days = daybooks.load(site, [request.starts_on], without=(visit.id,))
        limits = firm_limits(visit.patient, now, without=(visit.id,))
        shape = visit_length.shape_with(visit, request.minutes)
        wanted = Wanted(shape, visit.chair_id, request.chair_id, starts_at)
        seat = place_for(wanted, days[request.starts_on], limits)
    except PlaceTaken as refused:
        return None, refused.message.removesuffix(NOTHING_MOVED).rstrip()
    except SchedulerError as refused:
        return None, refused.message
    return seat, None


def _words(seat: Seat | None, site: Site) -> str:
    """ "Chair 2", "Chair 2, then Bay 1"; empty where it is refused."""
    names = {chair.id: chair.name for chair in capacity.chairs(site)}
    places = (seat.chair_id, seat.bay_id) if seat else ()
    return ", then ".join(names[one] for one in places if one is not None)


def _shape(visit: Visit, request: MoveRequest) -> VisitShape:
    """With the minutes asked for; where they are refused, as it is."""
    try:
        return visit_length.shape_with(visit, request.minutes)
    except Invalid:
        return VisitShape.from_plain(visit.shape)


def _faults(visit: Visit, starts_on: date) -> tuple[BrokenRule, ...]:
    if visit.series is None:
        return ()
    return series_rules.broken(visit.series, {visit.id: starts_on})


def _rows(
    visit: Visit, starts_at: datetime, chair: str, site: Site, faults: tuple[BrokenRule, ...]
) -> tuple[Row, ...]:
    """Every visit of the series in the order it would have; a single visit is one row."""
    visits = series_rules.live_visits(visit.series) if visit.series else [visit]
    placed = [(starts_at if one.id == visit.id else one.starts_at, one) for one in visits]
    placed.sort(key=lambda pair: pair[0])
    dates = [local(site.zone, at).date() for at, _ in placed]
    gaps = [None, *((later - earlier).days for earlier, later in pairwise(dates))]
    rules = {fault.number: fault.rule for fault in faults if fault.hard}
    return tuple(
        Row(
            label=str(one.number),
            before=_when(one.starts_at, site),
            after=_when(at, site),
            gap=gap,
            gap_rule="against the rule" if one.number in rules else None,
            chair=(chair or one.place) if one.id == visit.id else one.place,
            moved=one.id == visit.id,
        )
        for (at, one), gap in zip(placed, gaps, strict=True)
    )


def _when(at: datetime, site: Site) -> str:
    return f"{day(local(site.zone, at).date())}, {clock(at, site.zone)}"


def _stay(shape: VisitShape, starts_at: datetime, site: Site) -> str:
    times = shape.times(starts_at)
    return f"{clock(times.arrives_at, site.zone)} to {clock(times.leaves_at, site.zone)}"


def _food_stop(visit: Visit, starts_at: datetime, site: Site) -> str | None:
    """The patient's food stop in clock words, or None where nothing is fasted."""
    shape = VisitShape.from_plain(visit.shape)
    times = clock_times(PrepSet.from_plain(visit.prep), shape, starts_at, site.zone)
    if times.food_stop_at is None:
        return None
    return moment_seen_from(times.on, times.food_stop_at, site.zone)

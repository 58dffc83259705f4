"""What a move would do, before anybody decides: the place, the rest of the series, the food stop.
Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from scheduler.errors import Invalid, PlaceTaken, SchedulerError
from scheduler.models import Site, Visit
from scheduler.planning.opening import instant, local
from scheduler.planning.patient import date_refusals, time_refusals
from scheduler.planning.preparation import PrepSet, clock_times
from scheduler.planning.replan import MovedVisit
from scheduler.planning.slots.chairs import Seat
from scheduler.planning.spacing import BrokenRule
from scheduler.planning.visit import VisitShape
from scheduler.planning.words.clock import clock, day, moment_seen_from
from scheduler.services import capacity, daybooks, reseating, series_rules, visit_length, why_not
from scheduler.services.actor import Actor
from scheduler.services.least_moves import LeastMoves, least_moves
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
    move, `gap_was` before it."""

    label: str
    before: str
    after: str
    gap: int | None
    gap_was: int | None
    gap_rule: str | None
    chair: str
    moved: bool


@dataclass(frozen=True, kw_only=True)
class MovePreview:
    """`refusal` says why the place cannot be had; `broken` what the series would break.

    `needs_provider`: a hard rule of the series breaks, so only a provider may do it alone, with a
    reason; `least` is the smallest legal change, the others of the series that would move with it.
    `rows` show the series with them. `reseats`: no chair is free, but one is once so many other
    visits change chairs, at their times; 0 where that is not needed or does not help.
    """

    allowed: bool
    refusal: str | None
    broken: tuple[str, ...]
    needs_provider: bool
    least: LeastMoves
    reseats: int
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
    least = LeastMoves()
    if hard and refusal is None:
        least = least_moves(visit, request, site=site, now=now)
    place = _words(seat, site)
    return MovePreview(
        allowed=refusal is None and not (hard and not actor.may("override_gap")),
        refusal=refusal,
        broken=tuple(fault.sentence for fault in faults),
        needs_provider=hard,
        least=least,
        reseats=0 if hard else _reseats(visit, request, site, refusal, now),
        rows=_rows(After(visit, starts_at, place, least), site, () if least.moves else faults),
        chair_id=seat.chair_id if seat else None,
        chair_name=place,
        stay=_stay(_shape(visit, request), starts_at, site),
        food_stop_before=_food_stop(visit, visit.starts_at, site),
        food_stop_after=_food_stop(visit, starts_at, site),
    )


def _place(
    visit: Visit, request: MoveRequest, site: Site, starts_at: datetime, now: datetime
) -> tuple[Seat | None, str | None]:
    """The chair and bay that would be taken, or the sentences that refuse it: every rule of the
    chair that was asked for, the first one where any would do."""
    try:
        refuse_unless_movable(visit, request)
        shape = visit_length.shape_with(visit, request.minutes)
    except SchedulerError as refused:
        return None, refused.message
    day = daybooks.load(site, [request.starts_on], without=(visit.id,))[request.starts_on]
    limits = firm_limits(visit.patient, now, without=(visit.id,))
    try:
        return place_for(
            Wanted(shape, visit.chair_id, request.chair_id, starts_at), day, limits
        ), None
    except PlaceTaken as refused:
        first = refused.message.removesuffix(NOTHING_MOVED).rstrip()
    if request.chair_id is None:
        return None, first
    return None, why_not.sentences(day, shape, limits, request.chair_id, starts_at) or first


def _reseats(
    visit: Visit, request: MoveRequest, site: Site, refusal: str | None, now: datetime
) -> int:
    """How many others would change chairs to make room (planner, late chair binding)."""
    if refusal is None or visit.version != request.version:
        return 0
    day = daybooks.load(site, [request.starts_on], without=(visit.id,))[request.starts_on]
    limits = firm_limits(visit.patient, now, without=(visit.id,))
    starts_at = instant(site.zone, request.starts_on, request.starts)
    shape = _shape(visit, request)
    if any(date_refusals(day.on, limits, shape)) or any(
        time_refusals(day, limits, shape, starts_at)
    ):
        return 0
    question = reseating.Question(site, day, shape, starts_at, (visit.id,))
    answer = reseating.seating(question, now=now)
    return len(answer.changes) if answer else 0


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
    known = set(series_rules.broken(visit.series))
    after = series_rules.broken(visit.series, {visit.id: starts_on})
    return tuple(fault for fault in after if fault not in known)


def _rows(after: After, site: Site, faults: tuple[BrokenRule, ...]) -> tuple[Row, ...]:
    """Every visit of the series in the order it would have; a single visit is one row."""
    visits = series_rules.live_visits(after.visit.series) if after.visit.series else [after.visit]
    before = _gaps([(one.starts_at, one) for one in visits], site)
    placed = sorted(((after.starts_at(one), one) for one in visits), key=lambda pair: pair[0])
    gaps = _gaps(placed, site)
    rules = {fault.number for fault in faults if fault.hard}
    return tuple(
        Row(
            label=str(one.number),
            before=_when(one.starts_at, site),
            after=_when(at, site),
            gap=gaps[one.number],
            gap_was=before[one.number],
            gap_rule="against the rule" if one.number in rules else None,
            chair=after.chair(one),
            moved=after.moves(one),
        )
        for at, one in placed
    )


@dataclass(frozen=True)
class After:
    """Where visits would stand: the one that is asked for, and the others of the smallest
    change."""

    visit: Visit
    asked: datetime
    place: str
    least: LeastMoves

    def starts_at(self, one: Visit) -> datetime:
        if one.id == self.visit.id:
            return self.asked
        return next((m.after.starts_at for m in self._of(one)), one.starts_at)

    def chair(self, one: Visit) -> str:
        if one.id == self.visit.id:
            return self.place or one.place
        return next((self.least.names[m.after.chair_id] for m in self._of(one)), one.place)

    def moves(self, one: Visit) -> bool:
        return one.id == self.visit.id or any(self._of(one))

    def _of(self, one: Visit) -> Iterator[MovedVisit]:
        return (move for move in self.least.moves if move.after.number == one.number)


def _gaps(placed: list[tuple[datetime, Visit]], site: Site) -> dict[int, int | None]:
    """Days to the visit before, by number."""
    found: dict[int, int | None] = {one.number: None for _, one in placed[:1]}
    for (earlier, _), (later, one) in pairwise(placed):
        days = local(site.zone, later).date() - local(site.zone, earlier).date()
        found[one.number] = days.days
    return found


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

"""A series judged by plain loops: which rules a plan breaks, and what the cost formula makes of
it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.plan import Plan
from scheduler.planning.request import SeriesRequest
from scheduler.planning.visit import VisitShape
from tests.oracle.cadence import Rule, rules
from tests.oracle.day import minute_of
from tests.oracle.prices import lost_steps
from tests.oracle.starts import PlainDay, Start

Calendar = Mapping[date, PlainDay]


def plain(days: Mapping[date, DayFacts]) -> dict[date, PlainDay]:
    return {on: PlainDay(facts) for on, facts in days.items()}


def allowed_starts(
    calendar: Calendar, request: SeriesRequest, shape: VisitShape, on: date
) -> list[Start]:
    """Starts of one date that the day and the patient allow, weekday sets aside."""
    day, patient = calendar.get(on), request.patient
    if day is None or on < request.earliest_on:
        return []
    if request.latest_on is not None and on > request.latest_on:
        return []
    if patient.weekdays and on.weekday() not in patient.weekdays:
        return []
    if on in patient.blackouts or (shape.sedating and on in patient.sedating_on):
        return []
    if any(on > clearance.until for clearance in patient.clearances):
        return []
    kinds = {chair.chair_id: chair.kind for chair in day.facts.chairs}
    return [
        start
        for start in day.starts(shape, request.chair_kind)
        if request.chair_kind in (None, kinds[start.chair_id])
        and _patient_can(day.facts, request, shape, start.minute)
    ]


def _patient_can(facts: DayFacts, request: SeriesRequest, shape: VisitShape, minute: int) -> bool:
    midnight = datetime.combine(facts.on, time(), tzinfo=facts.zone).timestamp()
    at = datetime.fromtimestamp(midnight + 60 * minute, tz=facts.zone)
    arrives, leaves = (
        datetime.fromtimestamp(midnight + 60 * (minute + m), tz=facts.zone)
        for m in (-shape.before_minutes, shape.stay_minutes)
    )
    window, patient = request.patient.window, request.patient

    def end(wall: time) -> datetime:
        on = facts.on + timedelta(days=wall == time())
        return datetime.combine(on, wall, tzinfo=facts.zone)

    def begin(wall: time) -> datetime:
        return datetime.combine(facts.on, wall, tzinfo=facts.zone)

    return (
        (window.starts_from is None or at.timestamp() >= begin(window.starts_from).timestamp())
        and (window.starts_until is None or at.timestamp() < end(window.starts_until).timestamp())
        and (
            window.arrives_from is None
            or arrives.timestamp() >= begin(window.arrives_from).timestamp()
        )
        and (window.leaves_by is None or leaves.timestamp() <= end(window.leaves_by).timestamp())
        and (patient.not_before is None or at >= patient.not_before)
        and not any(arrives < busy.ends_at and busy.starts_at < leaves for busy in patient.busy)
    )


def start_cost(facts: DayFacts, request: SeriesRequest, start: Start, on: date) -> int:
    """A visit's own share of the cost: day, time, chair, slivers, lost chair time."""
    weights, wishes = request.weights, request.wishes
    cost = weights.day * (on - request.earliest_on).days + weights.frag * start.slivers
    if wishes.start is not None:
        wished = minute_of(facts, datetime.combine(on, wishes.start, tzinfo=facts.zone))
        cost += weights.time * (abs(start.minute - wished) // 10)
    if wishes.chair_id is not None and start.chair_id != wishes.chair_id:
        cost += weights.chair
    if weights.tight:
        cost += weights.tight * sum(lost_steps(facts, hole) for hole in start.holes)
    return cost


def broken_dates(request: SeriesRequest, dates: Sequence[date]) -> list[str]:
    """Gaps, visits in 7 days, span; only what the new visits are part of."""
    spacing, broken = request.spacing, []
    every = [*request.after, *dates, *request.before]
    for earlier, later in pairwise(every):
        if later <= earlier and (earlier in dates or later in dates):
            broken.append("H5")
    for rule in rules(request):
        least, gap, most = _distance(rule, every)
        broken += ["H5"] * (gap < least) + ["H7"] * (gap > most)
    for end in every:
        week = [on for on in every if 0 <= (end - on).days <= 6]
        if spacing.max_per_7d is not None and set(week) & set(dates):
            broken += ["H6"] * (len(week) > spacing.max_per_7d)
    if spacing.max_days is not None and (max(every) - min(every)).days > spacing.max_days:
        broken.append("span")
    return broken


def _distance(rule: Rule, every: Sequence[date]) -> tuple[int, int, int]:
    """The least, the real and the greatest number of days that a visit is after what it counts
    from."""
    on = every[rule.of] if rule.of is not None else rule.on
    assert on is not None
    shift = rule.base(on) - on.toordinal()
    most = 10_000 if rule.gap.hard_max is None else shift + rule.gap.hard_max
    return max(1, shift + rule.gap.hard_min), (every[rule.place] - on).days, most


def plan_breaks(calendar: Calendar, request: SeriesRequest, plan: Plan) -> list[str]:
    """Every rule of the request that the plan breaks; empty for a plan that may be booked."""
    broken = broken_dates(request, [visit.on for visit in plan.visits])
    if not any(all(v.on.weekday() in (s or range(7)) for v in plan.visits) for s in request.sets):
        broken.append("weekday")
    for visit, shape in zip(plan.visits, request.shapes, strict=True):
        minute = minute_of(calendar[visit.on].facts, visit.starts_at)
        allowed = allowed_starts(calendar, request, shape, visit.on)
        if not any((s.minute, s.chair_id) == (minute, visit.chair_id) for s in allowed):
            broken.append(f"start of {visit.number}")
    return broken


def plan_cost(calendar: Calendar, request: SeriesRequest, plan: Plan) -> int:
    """planner.md's formula, term by term."""
    weights, dates = request.weights, [visit.on for visit in plan.visits]
    cost = weights.early * (dates[0] - request.earliest_on).days
    every = [*request.after, *dates, *request.before]
    for rule in rules(request):
        on = every[rule.of] if rule.of is not None else rule.on
        assert on is not None
        due = rule.base(on) + rule.gap.target
        cost += weights.gap * abs(every[rule.place].toordinal() - due)
    for visit, shape in zip(plan.visits, request.shapes, strict=True):
        day = calendar[visit.on]
        minute = minute_of(day.facts, visit.starts_at)
        start = next(
            s
            for s in day.starts(shape, request.chair_kind)
            if (s.minute, s.chair_id) == (minute, visit.chair_id)
        )
        cost += start_cost(day.facts, request, start, visit.on)
    places = [
        place
        for place, days in enumerate(request.sets)
        if all(on.weekday() in (days or range(7)) for on in dates)
    ]
    return cost + weights.set * places[0]

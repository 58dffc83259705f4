"""The dates that the search found as visits: what moves, how far, and which rule forces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from scheduler.planning.explain import day_words
from scheduler.planning.replanning.least_change import Item
from scheduler.planning.replanning.nearest import Spot
from scheduler.planning.replanning.standing import MovedVisit, Replanned, StandingVisit
from scheduler.planning.replanning.task import Solved, Task
from scheduler.planning.spacing import BrokenRule, Spacing, judge


def answer_of(task: Task, solved: Solved) -> Replanned:
    """Every visit at its place, each move with its reason."""
    visits: list[StandingVisit] = []
    spots: list[Spot | None] = []
    for item, stood in zip(solved.items, solved.found.path, strict=True):
        spot = None if stood.stays else _spot(task, item, date.fromordinal(stood.day))
        spots.append(spot)
        visits.append(_placed(item, spot, stood.day))
    broken = _judged(visits, task.series.spacing)
    pairs = zip(solved.items, visits, spots, strict=True)
    cost, _, minutes = solved.found.price
    return Replanned(
        visits=tuple(visits),
        moves=tuple(_move(task, item, visits, v, s) for item, v, s in pairs if s is not None),
        cost=cost,
        minutes=minutes,
        flags=tuple(rule for rule in broken if not rule.hard),
        proven=solved.proven,
    )


def _spot(task: Task, item: Item, on: date) -> Spot | None:
    return item.pinned or task.spots.spot(item.wish, on)


def _placed(item: Item, spot: Spot | None, day: int) -> StandingVisit:
    on = date.fromordinal(day)
    if item.visit is None:
        if spot is None:
            raise AssertionError("an added visit has a place")
        return StandingVisit(
            number=item.number,
            on=on,
            starts_at=spot.starts_at,
            chair_id=spot.chair_id,
            shape=item.wish.shape,
        )
    if spot is None:
        return item.visit
    return replace(
        item.visit, on=on, starts_at=spot.starts_at, chair_id=spot.chair_id, bay_id=spot.bay_id
    )


def _move(
    task: Task,
    item: Item,
    visits: Sequence[StandingVisit],
    after: StandingVisit,
    spot: Spot,
) -> MovedVisit:
    before = item.visit
    if before is None:
        return MovedVisit(before=None, after=after, minutes=spot.minutes)
    forced = "" if before.number in task.asked else _forced(task, visits, before)
    return MovedVisit(
        before=before,
        after=after,
        days=(after.on - before.on).days,
        minutes=spot.minutes,
        forced_by=forced,
    )


def _forced(task: Task, visits: Sequence[StandingVisit], before: StandingVisit) -> str:
    """What would break if this visit had stayed while all others stand as planned."""
    if before.on in task.series.patient.blackouts:
        return f"The patient cannot come on {day_words(before.on)}."
    put_back = [before if visit.number == before.number else visit for visit in visits]
    hard = [rule for rule in _judged(put_back, task.series.spacing) if rule.hard]
    own = [rule for rule in hard if before.number in (rule.number, *rule.involved)]
    return next((rule.sentence for rule in (*own, *hard)), "")


def _judged(visits: Sequence[StandingVisit], spacing: Spacing) -> tuple[BrokenRule, ...]:
    return judge([v.on for v in visits], spacing, [v.number for v in visits])

"""CP-SAT as a referee: the most displaced visits that find places while all others stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ortools.sat.python import cp_model

from scheduler.planning.daybook import Day
from scheduler.planning.reaccommodate import AffectedSeries
from scheduler.planning.request import SeriesRequest
from scheduler.planning.visit import VisitShape
from tests.oracle.day import share_at
from tests.oracle.series import allowed_starts
from tests.oracle.starts import PlainDay, Start


@dataclass(frozen=True)
class Use:
    """What one start would take: a slot of a chair, nurse time in a slot, a start in a quarter."""

    on: date
    what: tuple[str, int]
    at: int
    amount: int


def most_placed(days: Mapping[date, Day], affected: Sequence[AffectedSeries]) -> int:
    """The proven most; each series has lost one visit, which keeps its own rules of spacing."""
    plain = {on: _plain(day) for on, day in days.items()}
    model = cp_model.CpModel()
    used = defaultdict(list)
    placed = []
    for one in affected:
        starts = []
        for on, start, shape in _candidates(plain, one):
            here = model.new_bool_var("")
            starts.append(here)
            for use in _uses(plain[on], on, start, shape):
                used[use.on, use.what, use.at].append(use.amount * here)
        model.add_at_most_one(starts)
        placed += starts
    for (on, what, at), amounts in used.items():
        model.add(sum(amounts) <= _room(plain[on], what[0], at))
    model.maximize(sum(placed))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError("the small case is solved to its end")
    most: int = round(solver.objective_value)
    return most


def _plain(day: Day) -> PlainDay:
    """With what is held now, which need not be what its facts began with."""
    facts = day.facts
    return PlainDay(type(facts)(**{**vars(facts), "held": tuple(day.held)}))


def _candidates(
    plain: Mapping[date, PlainDay], one: AffectedSeries
) -> Iterator[tuple[date, Start, VisitShape]]:
    (number,) = one.lost
    visit = next(visit for visit in one.series.visits if visit.number == number)
    others = [other.on for other in one.series.visits if other.number != number]
    question = SeriesRequest(
        shapes=(visit.shape,), earliest_on=date.min, patient=one.series.patient
    )
    for on in plain:
        if _spaced(sorted([*others, on]), one):
            for start in allowed_starts(plain, question, visit.shape, on):
                yield on, start, visit.shape


def _spaced(dates: list[date], one: AffectedSeries) -> bool:
    spacing = one.series.spacing
    gaps = [(later - earlier).days for earlier, later in pairwise(dates)]
    most: int = spacing.gap.hard_max or 10_000
    weeks = [sum(0 <= (end - on).days <= 6 for on in dates) for end in dates]
    return (
        all(max(1, spacing.gap.hard_min) <= gap <= most for gap in gaps)
        and max(weeks) <= (spacing.max_per_7d or 10_000)
        and (spacing.max_days is None or (dates[-1] - dates[0]).days <= spacing.max_days)
    )


def _uses(day: PlainDay, on: date, start: Start, shape: VisitShape) -> Iterator[Use]:
    first, grid = start.minute // day.grid, day.grid
    for slot in range(-(-shape.chair_minutes // grid)):
        yield Use(on, ("chair", start.chair_id), first + slot, 1)
        share = max(share_at(shape, slot * grid + minute) for minute in range(grid))
        if share:
            yield Use(on, ("nurse", 0), first + slot, share)
    if any(share_at(shape, minute) for minute in range(shape.chair_minutes)):
        yield Use(on, ("start", 0), start.minute // 15, 1)


def _room(day: PlainDay, what: str, at: int) -> int:
    if what == "chair":
        return 1
    if what == "start":
        return day.limit[at] - day.begun.get(at, 0)
    return 100 * day.duty[at] - day.load[at]

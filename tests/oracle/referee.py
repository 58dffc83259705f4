"""CP-SAT as a referee: the proven optimum of a series, from plainly found starts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from ortools.sat.python import cp_model

from scheduler.planning.request import SeriesRequest
from tests.oracle.cadence import Rule, rules
from tests.oracle.series import Calendar, allowed_starts, start_cost

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Candidate:
    """A visit could stand on this day (counted from the earliest one) for this price."""

    day: int
    cost: int


def candidates(calendar: Calendar, request: SeriesRequest) -> list[list[Candidate]]:
    """For each visit all its starts; visits of the same shape share one list."""
    by_shape = {}
    for shape in set(request.shapes):
        found = []
        for on in sorted(calendar):
            for start in allowed_starts(calendar, request, shape, on):
                cost = start_cost(calendar[on].facts, request, start, on)
                found.append(Candidate((on - request.earliest_on).days, cost))
        by_shape[shape] = found
    return [by_shape[shape] for shape in request.shapes]


class Referee:
    """One boolean for every visit and start; the solver knows nothing of days being apart."""

    def __init__(self, request: SeriesRequest, starts: list[list[Candidate]]) -> None:
        self.request = request
        self.model = cp_model.CpModel()
        self.costs: list[cp_model.LinearExprT] = []
        self.on: list[dict[int, cp_model.LinearExprT]] = []
        self.days = [self._visit(found) for found in starts]
        self._gaps()
        self._weeks()
        self._sets()
        self.costs.append(request.weights.early * self.days[0])
        self.model.minimize(sum(self.costs))

    def _visit(self, found: list[Candidate]) -> cp_model.LinearExprT:
        by_day = defaultdict(list)
        chosen = []
        for candidate in found:
            here = self.model.new_bool_var("")
            chosen.append(here)
            by_day[candidate.day].append(here)
            self.costs.append(candidate.cost * here)
        self.model.add_exactly_one(chosen)
        self.on.append({day: sum(here) for day, here in by_day.items()})
        return sum(day * self.on[-1][day] for day in by_day)

    def _fixed(self, dates: tuple[date, ...]) -> list[int]:
        return [(on - self.request.earliest_on).days for on in dates]

    def _gaps(self) -> None:
        spacing = self.request.spacing
        after, before = self._fixed(self.request.after), self._fixed(self.request.before)
        every = [*after, *self.days, *before]
        for place in range(len(after), len(every)):
            if 0 < place <= len(after) + len(self.days):
                self.model.add_linear_constraint(every[place] - every[place - 1], 1, 10_000)
        for rule in rules(self.request):
            self._distance(rule, every)
        if spacing.max_days is not None and not (after and before):
            self.model.add(every[-1] - every[0] <= spacing.max_days)

    def _distance(self, rule: Rule, every: list[cp_model.LinearExprT]) -> None:
        """Days between a visit and what it counts from; months are looked up for each day."""
        most = 10_000 if rule.gap.hard_max is None else rule.gap.hard_max
        gap = every[rule.place] - self._base(rule, every)
        self.model.add_linear_constraint(gap, rule.gap.hard_min, most)
        off = self.model.new_int_var(0, 10_000, "")
        self.model.add_abs_equality(off, gap - rule.gap.target)
        self.costs.append(self.request.weights.gap * off)

    def _base(self, rule: Rule, every: list[cp_model.LinearExprT]) -> cp_model.LinearExprT:
        zero = self.request.earliest_on.toordinal()
        if rule.of is None:
            assert rule.on is not None
            return rule.base(rule.on) - zero
        visit = rule.of - len(self.request.after)
        if 0 <= visit < len(self.on):
            bases = {day: rule.base(date.fromordinal(zero + day)) - zero for day in self.on[visit]}
            return sum(bases[day] * here for day, here in self.on[visit].items())
        fixed = [*self.request.after, *self.days, *self.request.before][rule.of]
        return rule.base(fixed) - zero

    def _weeks(self) -> None:
        most = self.request.spacing.max_per_7d
        fixed = {*self._fixed(self.request.after), *self._fixed(self.request.before)}
        days = sorted({day for on in self.on for day in on} | fixed)
        for end in range(days[0], days[-1] + 7) if days and most is not None else ():
            week = range(end - 6, end + 1)
            new = [on[day] for on in self.on for day in week if day in on]
            if new:
                # visits that stay may break it already: then no new one joins them
                self.model.add(sum(new) <= max((most or 0) - len(fixed & set(week)), 0))

    def _sets(self) -> None:
        sets = self.request.sets
        chosen = [self.model.new_bool_var("") for _ in sets]
        self.model.add_exactly_one(chosen)
        for place, one in enumerate(chosen):
            self.costs.append(self.request.weights.set * place * one)
        for on in self.on:
            for day, here in on.items():
                weekday = (self.request.earliest_on + DAY * day).weekday()
                self.model.add(
                    here
                    <= sum(one for one, days in zip(chosen, sets, strict=True) if weekday in days)
                )

    def optimum(self, seconds: float = 60) -> int | None:
        """The proven least cost, None if there is no plan. Raises RuntimeError if it cannot say."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 2
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(self.model)
        if status == cp_model.OPTIMAL:
            least: int = round(solver.objective_value)
            return least
        if status == cp_model.INFEASIBLE:
            return None
        raise RuntimeError("the referee found no answer in time")


def optimum(calendar: Calendar, request: SeriesRequest, *, one_a_day: bool = False) -> int | None:
    """The proven least cost; starts of one day that cost the same are looked at once.

    With `one_a_day` only the cheapest start of each day is: two visits of a series never share a
    date, so that a dearer one is never better. It keeps long calendars small.
    """
    starts = [sorted(set(found)) for found in candidates(calendar, request)]
    if one_a_day:
        starts = [[*{one.day: one for one in reversed(found)}.values()] for found in starts]
    return Referee(request, starts).optimum() if all(starts) else None

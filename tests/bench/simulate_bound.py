"""The most chair minutes that a day can hold, proven: what utilisation is measured against."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from ortools.sat.python import cp_model

from scheduler.planning.day_facts import QUARTER_MINUTES, DayFacts
from tests.bench.instances import ClinicSettings


def day_bound(clinic: ClinicSettings, facts: DayFacts) -> int:
    """Chair minutes, turnaround included, of the best day anyone could lay out.

    Visits of the mix's lengths in any numbers (the mix's shares are not kept: that could only be
    less), on the grid, on the chairs in service, within the nurses of every slot and their starts
    of every clock quarter. Chairs that are open all day are interchangeable, so counting them by
    slot is exact.
    """
    chairs = sum(bool(chair.open) for chair in facts.chairs)
    if not chairs or not facts.cover:
        return 0
    opens = min(span.starts_at for span in facts.hours)
    cover = tuple(
        (
            (span.starts_at - opens).seconds // 60 // clinic.grid,
            (span.ends_at - opens).seconds // 60 // clinic.grid,
            nurses,
        )
        for span, nurses in facts.cover
    )
    lengths = tuple(minutes for minutes, _ in clinic.mix)
    return _most_minutes(lengths, clinic.turnaround, clinic.nurse_share, clinic.grid, chairs, cover)


@lru_cache(maxsize=1024)
def _most_minutes(
    lengths: tuple[int, ...],
    turnaround: int,
    share: int,
    grid: int,
    chairs: int,
    cover: tuple[tuple[int, int, int], ...],
) -> int:
    """`cover`: (first slot, slot after the last, nurses), one after the other from slot 0."""
    nurses = [number for first, until, number in cover for _ in range(first, until)]
    model, claimed = cp_model.CpModel(), list[cp_model.LinearExprT]()
    held, cared, begun = (defaultdict[int, list[cp_model.IntVar]](list) for _ in range(3))
    for minutes in lengths:
        claim, care = -(-(minutes + turnaround) // grid), -(-minutes // grid)
        for start in range(len(nurses) - claim + 1):
            number = model.new_int_var(0, chairs, "")
            claimed.append((minutes + turnaround) * number)
            begun[start * grid // QUARTER_MINUTES].append(number)
            for slot in range(start, start + claim):
                held[slot].append(number)
            for slot in range(start, start + care):
                cared[slot].append(number)
    for slot, there in enumerate(nurses):
        model.add(sum(held[slot]) <= chairs)
        model.add(share * sum(cared[slot]) <= 100 * there)
    for quarter, starts in begun.items():
        model.add(sum(starts) <= nurses[quarter * QUARTER_MINUTES // grid])
    model.maximize(sum(claimed))
    return _proven(model)


def _proven(model: cp_model.CpModel) -> int:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = 120
    if solver.solve(model) != cp_model.OPTIMAL:
        raise RuntimeError("the bound of a day was not proven in time")
    most: int = round(solver.objective_value)
    return most

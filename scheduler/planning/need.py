"""What the visits of a day ask of staff and equipment, minute by minute, beside what is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from scheduler.planning.day_facts import Counts
from scheduler.planning.interval import Interval
from scheduler.planning.visit import VisitShape


@dataclass(frozen=True)
class NeedStep:
    """A span in which neither number changes. `need` is in hundredths of one nurse, provider, pump
    or monitor; `on_duty` is how many are there (domain H8, H9, H10)."""

    span: Interval
    need: int
    on_duty: int

    @property
    def is_short(self) -> bool:
        return self.need > 100 * self.on_duty


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One of planning.visit.RESOURCES, and how much of it is there. With `serves` one of them is
    enough for so many visits at a time, and the need is counted in whole ones; else in shares."""

    resource: str
    there: Counts
    serves: int | None = None


@dataclass(frozen=True)
class Shortage:
    """Too few on duty all through `span`; `worst` is the first step in which most is missing."""

    span: Interval
    worst: NeedStep


def need_steps(
    day: Interval, held: Iterable[tuple[datetime, VisitShape]], asked: Asked
) -> tuple[NeedStep, ...]:
    """The whole of `day` in steps, in order. `held`: starts, shapes. Overlapping counts add up."""
    changes: dict[datetime, list[int]] = {day.starts_at: [0, 0], day.ends_at: [0, 0]}
    for starts_at, shape in held:
        for span, share in uses(starts_at, shape, asked.resource):
            _add(changes, day, span, (share, 0))
    for span, number in asked.there:
        _add(changes, day, span, (0, number))
    steps: list[NeedStep] = []
    used = there = 0
    for begins, ends in pairwise(sorted(changes)):
        used, there = used + changes[begins][0], there + changes[begins][1]
        need = used if asked.serves is None else 100 * -(-used // (100 * max(asked.serves, 1)))
        _extend(steps, NeedStep(Interval(begins, ends), need, max(there, 0)))
    return tuple(steps)


def nurse_steps(
    day: Interval, held: Iterable[tuple[datetime, VisitShape]], cover: Counts
) -> tuple[NeedStep, ...]:
    """Shares of nurses beside nurses on duty (domain H8)."""
    return need_steps(day, held, Asked(resource="nurse", there=cover))


def uses(starts_at: datetime, shape: VisitShape, resource: str) -> Iterable[tuple[Interval, int]]:
    """The spans in which a visit holds a resource, with hundredths of one."""
    for offset, minutes, share in shape.load(resource):
        begins = starts_at + timedelta(minutes=offset)
        yield Interval(begins, begins + timedelta(minutes=minutes)), share


def shortages(steps: Sequence[NeedStep]) -> tuple[Shortage, ...]:
    """Each stretch in which too few are there."""
    found: list[Shortage] = []
    for step in steps:
        if not step.is_short:
            continue
        if found and found[-1].span.ends_at == step.span.starts_at:
            span = Interval(found[-1].span.starts_at, step.span.ends_at)
            found[-1] = Shortage(span, max(found[-1].worst, step, key=_missing))
        else:
            found.append(Shortage(step.span, step))
    return tuple(found)


def highest(steps: Sequence[NeedStep]) -> NeedStep | None:
    """The first step with the greatest need; None where nothing is asked for."""
    peak = max(steps, key=lambda step: step.need, default=None)
    return peak if peak is not None and peak.need else None


def _missing(step: NeedStep) -> int:
    return step.need - 100 * step.on_duty


def _add(
    changes: dict[datetime, list[int]], day: Interval, span: Interval, numbers: tuple[int, int]
) -> None:
    inside = span.cut(day)
    if inside is None:
        return
    for at, sign in ((inside.starts_at, 1), (inside.ends_at, -1)):
        change = changes.setdefault(at, [0, 0])
        change[0] += sign * numbers[0]
        change[1] += sign * numbers[1]


def _extend(steps: list[NeedStep], step: NeedStep) -> None:
    last = steps[-1] if steps else None
    if last is not None and (last.need, last.on_duty) == (step.need, step.on_duty):
        joined = Interval(last.span.starts_at, step.span.ends_at)
        steps[-1] = NeedStep(joined, step.need, step.on_duty)
    else:
        steps.append(step)

"""How much nurse time the visits of a day ask for, minute by minute, beside who is on duty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from scheduler.planning.interval import Interval
from scheduler.planning.visit import VisitShape


@dataclass(frozen=True)
class NurseStep:
    """A span in which neither number changes. `need` is in hundredths of a nurse (domain H8)."""

    span: Interval
    need: int
    on_duty: int

    @property
    def is_short(self) -> bool:
        return self.need > 100 * self.on_duty


@dataclass(frozen=True)
class Shortage:
    """Too few on duty all through `span`; `worst` is the first step in which most is missing."""

    span: Interval
    worst: NurseStep


def nurse_steps(
    day: Interval,
    held: Iterable[tuple[datetime, VisitShape]],
    cover: Iterable[tuple[Interval, int]],
) -> tuple[NurseStep, ...]:
    """The whole of `day` in steps, in order. `held`: starts, shapes. Overlapping cover adds up."""
    changes: dict[datetime, list[int]] = {day.starts_at: [0, 0], day.ends_at: [0, 0]}
    for span, share in _asked(held):
        _add(changes, day, span, (share, 0))
    for span, nurses in cover:
        _add(changes, day, span, (0, nurses))
    steps: list[NurseStep] = []
    need = on_duty = 0
    for begins, ends in pairwise(sorted(changes)):
        need, on_duty = need + changes[begins][0], on_duty + changes[begins][1]
        _extend(steps, NurseStep(Interval(begins, ends), need, on_duty))
    return tuple(steps)


def shortages(steps: Sequence[NurseStep]) -> tuple[Shortage, ...]:
    """Each stretch in which too few nurses are on duty."""
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


def highest(steps: Sequence[NurseStep]) -> NurseStep | None:
    """The first step with the greatest need; None where nothing is asked for."""
    peak = max(steps, key=lambda step: step.need, default=None)
    return peak if peak is not None and peak.need else None


def _missing(step: NurseStep) -> int:
    return step.need - 100 * step.on_duty


def _asked(held: Iterable[tuple[datetime, VisitShape]]) -> Iterable[tuple[Interval, int]]:
    for starts_at, shape in held:
        for offset, minutes, share in shape.nurse_load():
            begins = starts_at + timedelta(minutes=offset)
            yield Interval(begins, begins + timedelta(minutes=minutes)), share


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


def _extend(steps: list[NurseStep], step: NurseStep) -> None:
    last = steps[-1] if steps else None
    if last is not None and (last.need, last.on_duty) == (step.need, step.on_duty):
        joined = Interval(last.span.starts_at, step.span.ends_at)
        steps[-1] = NurseStep(joined, step.need, step.on_duty)
    else:
        steps.append(step)

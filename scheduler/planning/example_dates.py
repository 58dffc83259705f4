"""The cheapest dates for a run of visits that keep gap, weekly limit and span, chairs aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

MOST_KEPT = 400
"""Partial plans kept per visit. Phases of usual size have far fewer, and are searched exactly."""
State = tuple[int, tuple[int, ...]]  # the last day, and the visits in the six days before it
Trail = tuple[int, object]  # the last day and the trail before it
Layer = dict[State, tuple[int, Trail]]


@dataclass(frozen=True, kw_only=True)
class Window:
    """The next visit lies in [low, high] days after this one, best at target."""

    low: int
    target: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`window` gives the next visit's days from a day (an ordinal). Cost: w_day per day since the
    first visit, w_gap per day off the target (planner "Exactly")."""

    count: int
    window: Callable[[int], Window]
    max_per_7d: int | None = None
    span: int | None = None
    w_day: int = 20
    w_gap: int = 2


@dataclass(frozen=True)
class Dates:
    """A plan's dates, rising, and what they cost."""

    cost: int
    days: tuple[date, ...]


def best_dates(
    limits: Limits, first_days: Iterable[tuple[date, int]], is_open: Callable[[date], bool]
) -> Dates | None:
    """The cheapest plan that begins on one of `first_days` (each with its own cost), or None."""
    firsts = {day.toordinal(): cost for day, cost in first_days if is_open(day)}
    together = [firsts] if limits.span is None else [{day: cost} for day, cost in firsts.items()]
    plans = (_from(limits, starts, is_open) for starts in together if starts)
    return min((one for one in plans if one), key=lambda one: (one.cost, one.days), default=None)


def _from(limits: Limits, starts: dict[int, int], is_open: Callable[[date], bool]) -> Dates | None:
    """Layer by layer: the cheapest way to each state after 1, 2, ... visits."""
    origin = min(starts)
    last_allowed = None if limits.span is None else origin + limits.span
    layer: Layer = {(first, ()): (cost, (first, None)) for first, cost in starts.items()}
    for _ in range(limits.count - 1):
        reached: Layer = {}
        for (last, recent), (spent, trail) in layer.items():
            for day, price in _next_days(limits, (last, recent), last_allowed, is_open):
                total = spent + price + limits.w_day * (day - origin)
                seen = (*recent, last) if limits.max_per_7d is not None else ()
                state = (day, tuple(one for one in seen if one > day - 7))
                if state not in reached or total < reached[state][0]:
                    reached[state] = (total, (day, trail))
        layer = _cheapest(reached)
    if not layer:
        return None
    best_cost, best = min(layer.values(), key=lambda found: (found[0], _unrolled(found[1])))
    return Dates(best_cost, tuple(date.fromordinal(day) for day in _unrolled(best)))


def exists(limits: Limits, first: date, is_open: Callable[[date], bool]) -> bool:
    """Is there any plan that begins on this day? Earliest days are tried first."""
    if not is_open(first):
        return False
    start = first.toordinal()
    last_allowed = None if limits.span is None else start + limits.span
    dead: set[tuple[int, State]] = set()
    begin: State = (start, ())
    untried = [(1, begin, _places(limits, begin, last_allowed, is_open))]
    while untried:
        visits, state, places = untried[-1]
        if visits == limits.count:
            return True
        following = next((one for one in places if (visits + 1, one) not in dead), None)
        if following is None:
            dead.add((visits, state))
            untried.pop()
        else:
            onward = _places(limits, following, last_allowed, is_open)
            untried.append((visits + 1, following, onward))
    return False


def _places(
    limits: Limits, state: State, last_allowed: int | None, is_open: Callable[[date], bool]
) -> Iterator[State]:
    """The states that the next visit may lead to, earliest first."""
    last, recent = state
    seen = (*recent, last) if limits.max_per_7d is not None else ()
    for day, _ in _next_days(limits, state, last_allowed, is_open):
        yield day, tuple(one for one in seen if one > day - 7)


def _next_days(
    limits: Limits, state: State, last_allowed: int | None, is_open: Callable[[date], bool]
) -> Iterable[tuple[int, int]]:
    """(day, cost of its gap) of every place that the next visit may take."""
    last, recent = state
    window = limits.window(last)
    high = last + window.high if last_allowed is None else min(last + window.high, last_allowed)
    for day in range(last + max(window.low, 1), high + 1):
        in_week = 1 + sum(one > day - 7 for one in (*recent, last))
        if limits.max_per_7d is not None and in_week > limits.max_per_7d:
            continue
        if is_open(date.fromordinal(day)):
            yield day, limits.w_gap * abs(day - last - window.target)


def _cheapest(reached: Layer) -> Layer:
    """The layer, cut to its cheapest and earliest states where it grew too wide."""
    if len(reached) <= MOST_KEPT:
        return reached
    by_cost = sorted(reached, key=lambda state: (reached[state][0], state))[: MOST_KEPT // 2]
    by_day = sorted(reached)[: MOST_KEPT // 2]
    return {state: reached[state] for state in (*by_cost, *by_day)}


def _unrolled(trail: Trail) -> tuple[int, ...]:
    days: list[int] = []
    at: object = trail
    while isinstance(at, tuple):
        days.append(at[0])
        at = at[1]
    return tuple(reversed(days))

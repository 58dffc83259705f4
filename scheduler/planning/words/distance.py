"""How far apart the visits of a series lie, in a few words."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.planning.explain import count_words, day_words, list_words
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Anchored, Spacing


def distance_words(count: int, spacing: Spacing) -> Iterator[str]:
    """As "2 to 7 days apart", "1 month apart (5 days earlier to 9 later)", "on days 0, 14 and 42
    (2 days earlier to 4 later)", "each run 28 days after the one before"."""
    if _are_fixed_days(count, spacing):
        yield _fixed_days(spacing)
        return
    if count - 1 > sum(one.number > 1 for one in spacing.anchored):
        yield _apart(spacing.gap, spacing.months)
    for one in spacing.anchored:
        if one.on is not None:
            yield f"the first {_after(one)} {day_words(one.on)}"
    runs = [one for one in spacing.anchored if one.of is not None]
    if runs:
        yield f"each run {_after(runs[0])} the one before"


def _are_fixed_days(count: int, spacing: Spacing) -> bool:
    """All visits count from one day: a date, or the first of them."""
    bases = {(one.of, one.on) for one in spacing.anchored}
    return count > 1 and len(bases) == 1 and len(spacing.anchored) >= count - 1


def _fixed_days(spacing: Spacing) -> str:
    first = spacing.anchored[0]
    own = [0] if first.of is not None else []
    days = list_words(str(day) for day in [*own, *(one.gap.target for one in spacing.anchored)])
    since = "" if first.on is None else f" after {day_words(first.on)}"
    return f"on days {days}{since}{_off(first.gap)}"


def _apart(gap: Gap, months: int) -> str:
    if months:
        return f"{count_words(months, 'month')} apart{_off(gap)}"
    if gap.hard_max is None:
        return f"at least {count_words(gap.hard_min, 'day')} apart"
    return f"{gap.hard_min} to {count_words(gap.hard_max, 'day')} apart"


def _after(one: Anchored) -> str:
    if one.months:
        return f"{count_words(one.months, 'month')}{_off(one.gap)} after"
    return f"{count_words(one.gap.target, 'day')}{_off(one.gap)} after"


def _off(gap: Gap) -> str:
    """What a target may be off: " (2 days earlier to 4 later)"."""
    before = gap.target - gap.hard_min
    after = None if gap.hard_max is None else gap.hard_max - gap.target
    if before <= 0 and after == 0:
        return ""
    late = "or later" if after is None else f"to {after} later"
    return f" ({count_words(before, 'day')} earlier {late})"

"""Plain data -> the six schedules of a phase; each problem is noted at its own field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from scheduler.planning.phase import MOST_VISITS
from scheduler.planning.reading.plain import Path, Reader, whole
from scheduler.planning.schedules import (
    ANY_DAY,
    KINDS,
    UNIT_DAYS,
    UNITS,
    WEEKDAYS,
    Choice,
    Count,
    Cycle,
    DailyRun,
    Every,
    Gap,
    Offsets,
    OnDemand,
    Quota,
    Schedule,
    Spread,
    Tolerance,
    Unit,
)

MOST_DAYS = 1_830  # five years: longer gaps are a new order, not a schedule
NAMED_VISIT = re.compile(r"([a-z0-9][a-z0-9_+-]{0,59})#([1-9][0-9]?|100)")
OFFSET_REFS = ("series_start", "phase_start", "phase_prev_last")


def read_schedule(reader: Reader) -> Schedule:
    kind = reader.one_of("type", KINDS)
    schedule = READERS[kind](reader)
    reader.finish()
    return schedule


def _quota(reader: Reader) -> Schedule:
    per_week = reader.integer("per_week", low=1, high=7)
    return Quota(
        per_week=per_week,
        count=read_count(reader, "count"),
        gap=_gap(reader, "gap"),
        weekday_sets=_weekday_sets(reader),
        max_per_7d=reader.optional_integer("max_per_7d", low=1, high=7),
    )


def _offsets(reader: Reader) -> Schedule:
    days = reader.integers("days", low=0, high=MOST_DAYS, most=MOST_VISITS, least=1)
    extra = reader.integers("optional_days", low=1, high=MOST_DAYS, most=MOST_VISITS)
    if set(days) & set(extra):
        reader.note("A day is either planned or optional, not both.", "optional_days")
    ref = reader.text("ref", longest=70, default="series_start")
    if ref not in OFFSET_REFS and not NAMED_VISIT.fullmatch(ref):
        reader.note(
            f"Use one of: {', '.join(OFFSET_REFS)}, or a named visit such as induction#1.", "ref"
        )
    return Offsets(days=days, optional_days=extra, ref=ref, tol=_tolerance(reader))


def _every(reader: Reader) -> Schedule:
    unit = _unit(reader)
    n = _choice(reader, high=int(MOST_DAYS / UNIT_DAYS[unit]))
    relative = reader.has("gap_rel")
    if relative == reader.has("gap"):
        reader.note("Give the days between visits once: as gap, or as gap_rel.", "gap")
    gap = _gap(reader, "gap") if not relative and reader.has("gap") else None
    gap_rel = (
        _gap(reader, "gap_rel", relative_to=round(min(n.options) * UNIT_DAYS[unit]))
        if relative
        else None
    )
    first_ref = reader.text("first_ref", longest=70, default="") or None
    if first_ref and not NAMED_VISIT.fullmatch(first_ref):
        reader.note("Name a visit as phase#number, such as induction#1.", "first_ref")
    if relative:
        reader.raw("gap")
    return Every(
        n=n,
        unit=unit,
        count=read_count(reader, "count"),
        gap=gap,
        gap_rel=gap_rel,
        first_ref=first_ref,
    )


def _daily_run(reader: Reader) -> Schedule:
    return DailyRun(
        count=read_count(reader, "count", may_be_open=False),
        run_on=reader.one_of("run_on", ("clinic_days", "calendar_days"), default="clinic_days"),
        max_break_days=reader.optional_integer("max_break_days", low=1, high=14, default=3) or 3,
        gap=_gap(reader, "gap") if reader.has("gap") else None,
        cycle=_cycle(reader) if reader.has("cycle") else None,
    )


def _spread(reader: Reader) -> Schedule:
    return Spread(
        count=read_count(reader, "count", may_be_open=False),
        within_days=reader.integer("within_days", low=1, high=MOST_DAYS),
        gap=_gap(reader, "gap"),
        max_per_7d=reader.optional_integer("max_per_7d", low=1, high=7),
    )


def _on_demand(reader: Reader) -> Schedule:
    return OnDemand(gap=_gap(reader, "gap"))


READERS: dict[str, Callable[[Reader], Schedule]] = {
    "quota": _quota,
    "offsets": _offsets,
    "every": _every,
    "daily_run": _daily_run,
    "spread": _spread,
    "on_demand": _on_demand,
}


def read_count(reader: Reader, key: str, *, may_be_open: bool = True) -> Count:
    """A number, {min, default, max}, or "open"."""
    value = reader.raw(key)
    if value is None:
        reader.note("This is missing.", key)
        return Count.fixed(1)
    if value == "open":
        if not may_be_open:
            reader.note("This pattern needs a number of visits.", key)
        return Count()
    if isinstance(value, dict):
        return _count_range(reader.nested(key))
    return Count.fixed(whole(value, 1, MOST_VISITS, reader.noter(key)))


def _count_range(reader: Reader) -> Count:
    least = reader.integer("min", low=1, high=MOST_VISITS)
    usual = reader.integer("default", low=1, high=MOST_VISITS)
    most = reader.integer("max", low=1, high=MOST_VISITS)
    reader.finish()
    if not least <= usual <= most:
        reader.note(f"The usual number must lie between {least} and {most}.", "default")
    return Count(minimum=least, default=usual, maximum=most)


def _choice(reader: Reader, *, high: int) -> Choice:
    """A number, or {choice: [4, 6, 8], default: 8}."""
    value = reader.raw("n")
    if not isinstance(value, dict):
        number = reader.integer("n", low=1, high=high)
        return Choice(options=(number,), default=number)
    inner = reader.nested("n")
    options = inner.integers("choice", low=1, high=high, most=12, least=1) or (1,)
    default = inner.integer("default", low=1, high=high)
    inner.finish()
    if default not in options:
        inner.note("The usual interval must be one of the choices.", "default")
    return Choice(options=options, default=default)


def _unit(reader: Reader) -> Unit:
    given = reader.one_of("unit", UNITS)
    return next((unit for unit in UNITS if unit == given), "week")


def _gap(reader: Reader, key: str, *, relative_to: int | None = None) -> Gap:
    """Days between visits; with `relative_to` the figures are added to that many days and may be
    negative."""
    if not reader.has(key):
        reader.raw(key)
        reader.note("Say how many days lie between two visits.", key)
        return Gap(hard_min=1, target=1, soft_max=1)
    before, inner = len(reader.problems), reader.nested(key)
    low = 1 if relative_to is None else 1 - relative_to
    gap = Gap(
        hard_min=inner.integer("hard_min", low=low, high=MOST_DAYS),
        target=inner.integer("target", low=low, high=MOST_DAYS),
        soft_max=inner.integer("soft_max", low=low, high=MOST_DAYS),
        hard_max=inner.optional_integer("hard_max", low=low, high=MOST_DAYS),
        recall_after=inner.optional_integer("recall_after", low=low, high=MOST_DAYS),
    )
    inner.finish()
    if len(reader.problems) == before:  # stand-ins would be compared with each other
        _check_order(inner, gap)
    return gap


def _check_order(reader: Reader, gap: Gap) -> None:
    """Least <= best <= good up to <= limit; recall not before the flag."""
    if gap.target < gap.hard_min:
        reader.note(f"The best gap cannot be under the least gap ({gap.hard_min}).", "target")
    if gap.soft_max < gap.target:
        reader.note(f"This cannot be under the best gap ({gap.target}).", "soft_max")
    for key, value in (("hard_max", gap.hard_max), ("recall_after", gap.recall_after)):
        if value is not None and value < gap.soft_max:
            reader.note(f"This cannot be under 'good up to' ({gap.soft_max}).", key)


def _tolerance(reader: Reader) -> Tolerance:
    inner = reader.nested("tol")
    found = Tolerance(
        before=inner.optional_integer("before", low=0, high=60, default=0) or 0,
        after=inner.optional_integer("after", low=0, high=60, default=0) or 0,
    )
    inner.finish()
    return found


def _cycle(reader: Reader) -> Cycle:
    inner = reader.nested("cycle")
    unit = _unit(inner)
    found = Cycle(
        n=inner.integer("n", low=1, high=365),
        unit=unit,
        tol=_tolerance(inner),
        times=read_count(inner, "times") if inner.has("times") else Count(),
    )
    inner.one_of("from", ("cycle_start",), default="cycle_start")
    inner.raw("times")
    inner.finish()
    return found


def _weekday_sets(reader: Reader) -> tuple[frozenset[int], ...]:
    """Lists of mo..su, best first; the word any may end the list. None at all means any day."""
    before, items = len(reader.problems), reader.items("weekday_sets", most=20)
    found = [_weekday_set(reader, path, item) for path, item in items]
    if len(reader.problems) > before:
        return (ANY_DAY,)
    if any(one == ANY_DAY for one in found[:-1]):
        reader.note("'any' can only be the last set.", "weekday_sets")
    if len(set(found)) != len(found):
        reader.note("The same set is listed twice.", "weekday_sets")
    return tuple(found) or (ANY_DAY,)


def _weekday_set(reader: Reader, path: Path, item: Any) -> frozenset[int]:
    place = path[len(reader.path) :]
    if item == "any":
        return ANY_DAY
    if not isinstance(item, list | tuple) or not item:
        reader.note("Name weekdays as mo, tu, we, th, fr, sa, su, or write any.", *place)
        return ANY_DAY
    wrong = [day for day in item if day not in WEEKDAYS]
    if wrong or len(set(map(str, item))) != len(item):
        reader.note("Name each weekday once, as mo, tu, we, th, fr, sa, su.", *place)
        return ANY_DAY
    return frozenset(WEEKDAYS.index(day) for day in item)

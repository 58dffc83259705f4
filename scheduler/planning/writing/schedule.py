"""The six schedules -> plain data, keys in a fixed order, nothing that only repeats a default."""

from __future__ import annotations

from typing import Any

from scheduler.planning.schedules import (
    ANY_DAY,
    WEEKDAYS,
    Count,
    DailyRun,
    Every,
    Gap,
    Offsets,
    Quota,
    Schedule,
    Spread,
    Tolerance,
)

Plain = dict[str, Any]


def given(**values: Any) -> Plain:
    """Without the keys that say nothing: None, False and empty collections."""
    return {key: value for key, value in values.items() if not _empty(value)}


def _empty(value: Any) -> bool:
    """0 says something; None, False and an empty text or collection do not."""
    return (
        value is None
        or value is False
        or (isinstance(value, str | list | tuple | dict) and not value)
    )


def schedule_to_plain(schedule: Schedule) -> Plain:
    plain: Plain = {"type": schedule.kind}
    if isinstance(schedule, Quota):
        return plain | _quota(schedule)
    if isinstance(schedule, Offsets):
        return plain | given(
            days=list(schedule.days),
            optional_days=list(schedule.optional_days),
            ref=schedule.ref,
            tol=_tolerance(schedule.tol),
        )
    if isinstance(schedule, Every):
        return plain | _every(schedule)
    if isinstance(schedule, DailyRun):
        return plain | _daily_run(schedule)
    if isinstance(schedule, Spread):
        return plain | given(
            count=count_to_plain(schedule.count),
            within_days=schedule.within_days,
            gap=gap_to_plain(schedule.gap),
            max_per_7d=schedule.max_per_7d,
        )
    return plain | {"gap": gap_to_plain(schedule.gap)}


def _quota(quota: Quota) -> Plain:
    sets = (
        [] if quota.weekday_sets == (ANY_DAY,) else [_weekdays(one) for one in quota.weekday_sets]
    )
    return given(
        per_week=quota.per_week,
        count=count_to_plain(quota.count),
        weekday_sets=sets,
        max_per_7d=quota.max_per_7d,
        gap=gap_to_plain(quota.gap),
    )


def _every(every: Every) -> Plain:
    one = every.n.options == (every.n.default,)
    return given(
        n=every.n.default if one else {"choice": list(every.n.options), "default": every.n.default},
        unit=every.unit,
        count=count_to_plain(every.count),
        first_ref=every.first_ref,
        gap=gap_to_plain(every.gap),
        gap_rel=gap_to_plain(every.gap_rel),
    )


def _daily_run(run: DailyRun) -> Plain:
    cycle = run.cycle and given(
        n=run.cycle.n,
        unit=run.cycle.unit,
        **{"from": "cycle_start"},
        tol=_tolerance(run.cycle.tol),
        times=count_to_plain(run.cycle.times),
    )
    return given(
        count=count_to_plain(run.count),
        run_on=run.run_on,
        max_break_days=run.max_break_days,
        cycle=cycle,
        gap=gap_to_plain(run.gap),
    )


def count_to_plain(count: Count) -> int | str | Plain:
    if count.default is None:
        return "open"
    if count.is_fixed:
        return count.default
    return {"min": count.minimum, "default": count.default, "max": count.maximum}


def gap_to_plain(gap: Gap | None) -> Plain | None:
    if gap is None:
        return None
    plain: Plain = {"hard_min": gap.hard_min, "target": gap.target, "soft_max": gap.soft_max}
    limits = {"hard_max": gap.hard_max, "recall_after": gap.recall_after}
    return plain | {key: value for key, value in limits.items() if value is not None}


def _tolerance(tol: Tolerance) -> Plain | None:
    return {"before": tol.before, "after": tol.after} if tol.before or tol.after else None


def _weekdays(days: frozenset[int]) -> list[str] | str:
    return "any" if days == ANY_DAY else [WEEKDAYS[day] for day in sorted(days)]

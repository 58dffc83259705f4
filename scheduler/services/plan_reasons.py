"""Why one plan ranks before another, in the patient's terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from zoneinfo import ZoneInfo

from scheduler.planning.spacing import BrokenRule
from scheduler.services.plan_words import OfferedVisit, number_words, wall

MOST = 3
"""Reasons per side; more are not read."""


def pros(
    visits: Sequence[OfferedVisit],
    rivals: Sequence[Sequence[OfferedVisit]],
    wished: time | None,
    zone: ZoneInfo,
) -> list[str]:
    """What speaks for it, at most three. `rivals` are all plans shown, this one included."""
    found = []
    if visits[0].on <= min(plan[0].on for plan in rivals) and _differ(rivals, 0):
        found.append("Starts soonest")
    if (
        len(visits) > 1
        and visits[-1].on <= min(plan[-1].on for plan in rivals)
        and _differ(rivals, -1)
    ):
        found.append("Ends soonest")
    if wished is not None:
        kept = sum(wall(visit.starts_at, zone) == wished for visit in visits)
        if kept:
            found.append(_kept(kept, len(visits), wished))
    if len(visits) > 1 and len({wall(visit.starts_at, zone) for visit in visits}) == 1:
        found.append("Same time every visit")
    if len(visits) > 1 and len({visit.chair_id for visit in visits}) == 1:
        found.append("Same chair every visit")
    return found[:MOST]


def cons(
    visits: Sequence[OfferedVisit],
    rivals: Sequence[Sequence[OfferedVisit]],
    flags: Sequence[BrokenRule],
    zone: ZoneInfo,
) -> list[str]:
    """What speaks against it, at most three; `flags` are soft rules that it passes."""
    found = _flags(flags)
    later = (visits[0].on - min(plan[0].on for plan in rivals)).days
    if later:
        found.append(f"Starts {_days(later)} later")
    ends_later = (visits[-1].on - min(plan[-1].on for plan in rivals)).days
    if len(visits) > 1 and ends_later:
        found.append(f"Ends {_days(ends_later)} later")
    spread = _spread_minutes(visits, zone)
    if spread > 60:
        found.append(f"Times differ by up to {spread // 60} h {spread % 60:02}")
    return found[:MOST]


def _flags(flags: Sequence[BrokenRule]) -> list[str]:
    """One flag in its own words, several of a rule as their number."""
    if len(flags) < 2:
        return [flag.sentence for flag in flags]
    long_gaps = sum(flag.rule == "H7" for flag in flags)
    others = [flag.sentence for flag in flags if flag.rule != "H7"]
    gaps = [f"{long_gaps} gaps are longer than usual: the provider is told"] if long_gaps else []
    return gaps + others


def _differ(rivals: Sequence[Sequence[OfferedVisit]], place: int) -> bool:
    return len({plan[place].on for plan in rivals}) > 1


def _kept(kept: int, count: int, wished: time) -> str:
    when = f"{wished.hour % 12 or 12}:{wished.minute:02}"
    if kept == count:
        return f"At the wished {when}" if count == 1 else f"All at the wished {when}"
    return f"{number_words(kept).capitalize()} of {number_words(count)} at the wished {when}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _spread_minutes(visits: Sequence[OfferedVisit], zone: ZoneInfo) -> int:
    """Latest minus earliest start on the wall clock, in minutes."""
    starts = [wall(visit.starts_at, zone) for visit in visits]
    minutes = [at.hour * 60 + at.minute for at in starts]
    return max(minutes) - min(minutes)

"""What happens where a reminder is not answered: a second way, then a person (domain G)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.planning.due_times import DAY, USUAL_HOUR, on_the_wall
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepTimes
from scheduler.planning.rung import ReminderRule

UNLESS = {
    "accept_dates": "heard",
    "confirm": "coming",
    "forms_and_driver": "arranged",
    "confirm_driver_changes": "ready",
    "confirm_changes": "ready",
    "ok_or_problem": "coming",
    "driver_ok": "driver_says",
}
"""What makes a person's work needless, by what the rung asks for."""


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """A person's work that comes up at `at` (aware UTC), unless it has become needless."""

    rule_id: str
    at: datetime
    unless: str
    high: bool = False


def second_at(rule: ReminderRule, times: PrepTimes) -> datetime | None:
    """When the same question goes out by a second way, if it has not been answered."""
    wall = (rule.escalate or {}).get("second_channel")
    return None if wall is None else on_the_wall(str(wall), times.on, times.zone)


def person_at(rule: ReminderRule, times: PrepTimes, booked_at: datetime) -> Escalation | None:
    """When the question of a rung before a visit becomes a person's work; None: never."""
    plan = rule.escalate or {}
    at = _at(plan, times, booked_at)
    unless = UNLESS.get(rule.action)
    if at is None or unless is None:
        return None
    return Escalation(rule_id=rule.id, at=at, unless=unless, high=plan.get("priority") == "high")


def after_event(rule: ReminderRule, at: datetime) -> datetime | None:
    """For a rung that an event sets off: so many hours after it (R10 after 72 h, R13 after 2 h)."""
    hours = (rule.escalate or {}).get("after_h")
    return None if hours is None else at + timedelta(hours=int(hours))


def around(rule: ReminderRule, on: date, zone: ZoneInfo) -> datetime | None:
    """For a rung that counts days from a date: so many days from it (R12: 7 days before)."""
    days = (rule.escalate or {}).get("days")
    return None if days is None else instant(zone, on + int(days) * DAY, USUAL_HOUR)


def _at(plan: dict[str, Any], times: PrepTimes, booked_at: datetime) -> datetime | None:
    if "local" in plan:
        return on_the_wall(str(plan["local"]), times.on, times.zone)
    if "after_h" in plan:
        return booked_at + timedelta(hours=int(plan["after_h"]))
    if plan.get("anchor") == "start":
        return times.starts_at + timedelta(minutes=int(plan.get("offset_min", 0)))
    return None

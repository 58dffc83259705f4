"""Reminder rungs in words: when each leaves, what it is about, and by which ways."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from scheduler.planning.rung import ReminderRule

ABOUT = {
    "R0": "all dates, calendar file",
    "R1": "what to bring to the consultation",
    "R2": "driver, clothing, time off, forms",
    "R3": "driver, anything new?",
    "R3p": "anything new?",
    "R4": "food and drink stops, arrival",
    "R5": "food stop, same day",
    "R6": "to the driver, if the patient agrees",
    "R7": "next date, no driving",
    "R8": "how are you?",
    "R9": "short score",
    "R10": "review and next step",
    "R11": "time to plan the next visit?",
    "R12": "a form or an order ends soon",
    "R13": "we must move your visit",
}
EVENTS = {
    "booked": "On booking",
    "discharged": "At discharge",
    "last_session_of_phase": "After the last visit of a phase",
    "displaced": "When a visit must move",
}
ANCHORS = {
    "fast_stop": "the food stop",
    "start": "the visit",
    "consult": "the consultation",
    "due_date": "the next visit is due",
    "expiry": "the end of a form or order",
}
CHANNELS = {
    "sms": "text",
    "email": "e-mail",
    "phone": "call",
    "voice": "voice call",
    "letter": "letter",
    "paper": "paper",
    "preferred": "as preferred",
}
_LOCAL = re.compile(r"D([+-]\d+)? (\d{2}):(\d{2})")


def occasion(rule: ReminderRule) -> str:
    """ "3 days before, 10:00 am", "1 h before the food stop", "On booking" """
    at = rule.at
    if "event" in at:
        return EVENTS.get(at["event"], str(at["event"]).replace("_", " "))
    if at.get("rule") == "evening_rule":
        return evening_words(str(at.get("else_local", "D-1 18:00")))
    if "local" in at:
        return local_words(at["local"])
    return _anchored(at)


def _anchored(at: dict[str, Any]) -> str:
    anchor = ANCHORS.get(at.get("anchor", ""), str(at.get("anchor", "")).replace("_", " "))
    if "offset_min" in at:
        minutes = int(at["offset_min"])
        size = f"{abs(minutes) // 60} h" if minutes % 60 == 0 else f"{abs(minutes)} min"
        return f"{size} {'before' if minutes < 0 else 'after'} {anchor}"
    if "working_days" in at:
        return f"{abs(int(at['working_days']))} working days before {anchor}"
    days = at.get("days", [])
    shown = ", ".join(_day_words(int(day)) for day in days) if isinstance(days, list) else ""
    return f"{shown} {anchor}".strip()


def evening_words(usual: str, closes: str = "8:00 pm") -> str:
    """ "Evening before, 6:00 or 8:00 pm": the usual time, and the end of the sending hours."""
    first = local_words(usual).rpartition(", ")[2]
    half = first[-3:]
    shown = first.removesuffix(half) if closes.endswith(half) else first
    return f"Evening before, {shown} or {closes}"


def _day_words(days: int) -> str:
    if days == 0:
        return "on the day"
    return f"{abs(days)} days {'before' if days < 0 else 'after'}"


def local_words(local: str) -> str:
    """ "D-3 10:00" -> "3 days before, 10:00 am" """
    found = _LOCAL.fullmatch(local)
    if found is None:
        return local
    days, hour = int(found[1] or 0), int(found[2])
    clock = f"{hour % 12 or 12}:{found[3]} {'am' if hour < 12 else 'pm'}"
    words = {0: "Same day", -1: "Day before", 1: "Day after"}.get(days)
    return f"{words or _day_words(days)}, {clock}"


def about(rule: ReminderRule) -> str:
    if rule.is_own:
        return rule.text or "a reminder of your own"
    return ABOUT.get(rule.id, rule.action.replace("_", " "))


def channel_words(channels: Iterable[str]) -> str:
    return ", ".join(CHANNELS.get(one, one) for one in channels if one) or "nothing is sent"

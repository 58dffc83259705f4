"""Plain data -> the reminder ladder of a template (domain E, G)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scheduler.planning import ladder_when
from scheduler.planning.reading.plain import Reader, text_problem
from scheduler.planning.rung import CONSULT, ReminderRule

CHANNELS = ("sms", "email", "phone", "voice", "letter", "paper", "preferred")
RUNG = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")
LOCAL = re.compile(r"D([+-][0-9]{1,3})? ([01][0-9]|2[0-3]):[0-5][0-9]")
"""A wall-clock time on a day counted from the visit: "D-1 20:00", "D 18:00", "D+1 10:00"."""
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
AT_KEYS = (
    *("local", "else_local", "anchor", "offset_min", "working_days", "days", "event", "rule"),
    "time",
)
LONGEST_TEXT = 400


def read_reminders(reader: Reader) -> tuple[ReminderRule, ...]:
    found = [
        _rung(Reader(item, path, reader.problems))
        for path, item in reader.items("reminders", most=40)
    ]
    ids = [rule.id for rule in found]
    if len(set(ids)) != len(ids):
        reader.note("Two reminders have the same id.", "reminders")
    return tuple(found)


def _rung(reader: Reader) -> ReminderRule:
    rule_id = reader.text("id", longest=20)
    if rule_id and not RUNG.fullmatch(rule_id):
        reader.note("Use letters and digits, such as R3.", "id")
    rule = ReminderRule(
        id=rule_id,
        at=_at(reader),
        when=_small(reader, "when"),
        channels=_channels(reader),
        action=reader.slug("action", default="none"),
        escalate=_small(reader, "escalate"),
        optional=reader.flag("optional"),
        text=reader.text("text", longest=LONGEST_TEXT, default=""),
    )
    reader.finish()
    _check_plans(reader, rule)
    if rule.kind is not None and not _before_a_visit(rule.at):
        reader.note(
            "This one leaves before a visit: name a day and a time, such as D-3 10:00.", "at"
        )
    return rule


def _check_plans(reader: Reader, rule: ReminderRule) -> None:
    """The condition can be asked, and what happens without an answer has a time."""
    if rule.when is not None and (why := ladder_when.problem(rule.when)) is not None:
        reader.note(why, "when")
    for key in ("local", "second_channel"):
        at = (rule.escalate or {}).get(key, "D 00:00")
        if not (isinstance(at, str) and LOCAL.fullmatch(at)):
            reader.note("Write a day and a time, such as D-1 20:00.", "escalate", key)
    for key in ("after_h", "offset_min", "days"):
        number = (rule.escalate or {}).get(key, 0)
        if not isinstance(number, int) or isinstance(number, bool):
            reader.note("Use a whole number.", "escalate", key)


def _before_a_visit(at: dict[str, Any]) -> bool:
    """The forms that planning.reminders can turn into a time before a visit."""
    local = at.get("local", at.get("else_local", "D 00:00"))
    after = isinstance(local, str) and local.startswith("D+")
    offset = at.get("offset_min", 0)
    if after or (isinstance(offset, int) and offset > 0):
        return False
    return "rule" in at or "local" in at or at.get("anchor") in ("fast_stop", "start", CONSULT)


def _channels(reader: Reader) -> tuple[str, ...]:
    found = reader.slugs("channels", most=len(CHANNELS))
    for place, channel in enumerate(found):
        if channel not in CHANNELS:
            reader.note(f"Use one of: {', '.join(CHANNELS)}.", "channels", place)
    return found


def _at(reader: Reader) -> dict[str, Any]:
    """When it leaves: a local time, an anchor with an offset, an event, or a named rule with a
    local time otherwise."""
    at = _small(reader, "at")
    if not at:
        reader.note("Say when it leaves.", "at")
        return {"local": "D-1 18:00"}
    for key, value in at.items():
        if key not in AT_KEYS:
            reader.note("Nothing has this name here. Check the spelling.", "at", key)
        if key in ("local", "else_local") and not (
            isinstance(value, str) and LOCAL.fullmatch(value)
        ):
            reader.note("Write a day and a time, such as D-1 20:00.", "at", key)
    if not {"local", "anchor", "event", "rule"} & set(at):
        reader.note("Say when it leaves: local, anchor, event or rule.", "at")
    if "time" in at and not (isinstance(at["time"], str) and CLOCK.fullmatch(at["time"])):
        reader.note("Write a time, such as 10:00.", "at", "time")
    _check_at(reader.nested("at"))
    return at


def _check_at(at: Reader) -> None:
    at.one_of("rule", ("", "evening_rule"), default="")
    at.optional_integer("offset_min", low=-10_080, high=10_080)
    at.optional_integer("working_days", low=-30, high=30)
    for key in ("anchor", "event"):
        at.slug(key, default="")
    for place, days in enumerate(_listed(at.raw("days"))):
        if not isinstance(days, int) or isinstance(days, bool) or abs(days) > 365:
            at.note("Use whole days from -365 to 365.", "days", place)


def _listed(days: Any) -> list[Any]:
    """The days as a list; what is no list is one wrong day."""
    if days is None:
        return []
    return list(days) if isinstance(days, list | tuple) and days else [None]


def _small(reader: Reader, key: str) -> dict[str, Any] | None:
    """A small mapping of words, numbers and short lists, kept as it is."""
    value = reader.raw(key)
    if value is None:
        return None
    if not isinstance(value, Mapping) or not value or not _tame(value, 4):
        reader.note("Names with short values belong here.", key)
        return None
    return {name: _copied(one) for name, one in value.items()}


def _tame(value: Any, depth: int) -> bool:
    if isinstance(value, Mapping):
        names = all(isinstance(name, str) and RUNG.fullmatch(name) for name in value)
        return (
            depth > 0
            and len(value) <= 12
            and names
            and all(_tame(one, depth - 1) for one in value.values())
        )
    if isinstance(value, list | tuple):
        return depth > 0 and len(value) <= 12 and all(_tame(one, depth - 1) for one in value)
    if isinstance(value, str):
        return text_problem(value, 120) is None
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) <= 100_000)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(one) for one in value]
    return value

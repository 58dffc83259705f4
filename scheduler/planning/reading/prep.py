"""Plain data -> the preparation set and the reminder ladder of a template (domain E, G)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scheduler.planning.preparation import PrepSet
from scheduler.planning.reading.notes import read_notes
from scheduler.planning.reading.plain import Reader, text_problem
from scheduler.planning.reminders import KINDS, ReminderRule
from scheduler.planning.visit_profile import Notes
from scheduler.planning.writing.protocol import DRIVER_WORDS, HOURS

MOST_HOURS = {
    "fasting_solids": 48,
    "limit_fluids": 24,
    "alcohol_before": 168,
    "alcohol_after": 168,
    "nasal_products_gap": 24,
}
NO_DRIVING = ("next_day_after_sleep",)
CLOTHING = ("comfortable_arm_access",)
MEDICINES = ("provider_reviewed_list",)
CHANNELS = ("sms", "email", "phone", "voice", "letter", "paper", "preferred")
RUNG = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")
LOCAL = re.compile(r"D([+-][0-9]{1,3})? ([01][0-9]|2[0-3]):[0-5][0-9]")
"""A wall-clock time on a day counted from the visit: "D-1 20:00", "D 18:00", "D+1 10:00"."""
AT_KEYS = ("local", "else_local", "anchor", "offset_min", "working_days", "days", "event", "rule")


def read_prep(reader: Reader) -> tuple[PrepSet, Notes]:
    minutes = {field: _elapsed(reader, name) for field, name in HOURS.items()}
    prep = PrepSet(
        **minutes,
        driver=_driver(reader),
        no_driving_until=reader.one_of("no_driving_until", ("", *NO_DRIVING), default="") or None,
        clothing=reader.one_of("clothing", ("", *CLOTHING), default="") or None,
        medicines=reader.one_of("medicines", ("", *MEDICINES), default="") or None,
        arrive_early_minutes=reader.optional_integer("arrive_early_min", low=0, high=240, default=0)
        or 0,
        hydrate=reader.flag("hydrate"),
        infection_check=reader.flag("infection_check"),
    )
    src = read_notes(reader, "src")
    reader.finish()
    return prep, src


def _elapsed(reader: Reader, name: str) -> int:
    """Minutes, from hours in quarters ("fasting_solids_h: 4") or from minutes ("..._min: 20"); 0 if
    neither."""
    hours, minutes = f"{name}_h", f"{name}_min"
    most = MOST_HOURS[name]
    if reader.has(minutes):
        if reader.raw(hours) is not None:
            reader.note("Give hours or minutes, not both.", hours)
        return reader.integer(minutes, low=0, high=most * 60)
    reader.raw(minutes)
    value = reader.raw(hours)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        reader.note(f"Use hours from 0 to {most}.", hours)
        return 0
    if value * 4 != int(value * 4):
        reader.note("Use quarters of an hour, such as 0.5, or give minutes.", hours)
    return int(value * 60)


def _driver(reader: Reader) -> str:
    value = reader.raw("driver_required")
    for word, plain in DRIVER_WORDS.items():
        if value is plain or (isinstance(value, str) and value == plain):
            return word
    if value is not None:
        reader.note("Use true, false or recommended.", "driver_required")
    return "none"


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
    )
    reader.finish()
    if rule.id in KINDS and not _before_a_visit(rule.at):
        reader.note(
            "This one leaves before a visit: name a day and a time, such as D-3 10:00.", "at"
        )
    return rule


def _before_a_visit(at: dict[str, Any]) -> bool:
    """The forms that planning.reminders can turn into a time before a visit."""
    local = at.get("local", at.get("else_local", "D 00:00"))
    after = isinstance(local, str) and local.startswith("D+")
    offset = at.get("offset_min", 0)
    if after or (isinstance(offset, int) and offset > 0):
        return False
    return "rule" in at or "local" in at or at.get("anchor") in ("fast_stop", "start")


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
    _check_at(reader.nested("at"))
    return at


def _check_at(at: Reader) -> None:
    at.one_of("rule", ("", "evening_rule"), default="")
    at.optional_integer("offset_min", low=-10_080, high=10_080)
    at.optional_integer("working_days", low=-30, high=30)
    for key in ("anchor", "event"):
        at.slug(key, default="")


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

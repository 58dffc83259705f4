"""The fields of reminder rungs, on the page of a template and on that of a site.

`fill` writes a rung into fields, `rungs_document` reads the fields back; what is wrong is said by
the document's reader, at the field that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scheduler.planning.reading.plain import Path
from scheduler.planning.rung import ReminderRule
from scheduler.services.outgoing.ladders import shipped
from scheduler.web.forms import wall
from scheduler.web.forms.template_draft import Draft, Plain, number_list, whole
from scheduler.web.forms.template_values import Values

OWN_ID = re.compile(r"(?:own|site)-[0-9]{1,3}")
"""What the pages call a rung that a clinic adds: to a template, or at a site."""
MOST_OWN = 10
MOMENTS = {"second_channel": "second", "local": "call"}
CALLS = {"after_h": "call.hours", "days": "call.before", "offset_min": "call.offset"}
"""Key of `escalate` -> fields; what is counted backwards is shown without its sign."""
BACKWARDS = ("days", "offset_min")


def new_own(rule_id: str) -> ReminderRule:
    """What a rung starts with that a clinic adds."""
    channels = ("email", "sms")
    return ReminderRule(id=rule_id, at={"local": "D-2 10:00"}, channels=channels)


def shape(rule_id: str) -> ReminderRule:
    """A rung that shows which fields there are: as shipped, or as a clinic's own begins."""
    return shipped().get(rule_id) or new_own(rule_id)


def with_all_plans(rule: ReminderRule) -> ReminderRule:
    """A rung with a field for everything that may happen without an answer, also for what does not
    happen here."""
    plans = {**(shape(rule.id).escalate or {}), **(rule.escalate or {})}
    return replace(rule, escalate=plans or None)


def fill(values: Values, rule: ReminderRule, *, on: bool) -> None:
    at = f"reminders.{rule.id}"
    values.put(f"{at}.on", on)
    values.put(f"{at}.channels", *rule.channels)
    values.put(f"{at}.text", rule.text or None)
    _fill_at(values, at, rule.at)
    values.put(f"{at}.pause", pause(rule.when))
    plan = rule.escalate or {}
    for key, name in MOMENTS.items():
        if key in plan:
            _fill_local(values, f"{at}.{name}", str(plan[key]))
    for key, name in CALLS.items():
        if key in plan:
            values.put(f"{at}.{name}", abs(plan[key]) if key in BACKWARDS else plan[key])


def _fill_at(values: Values, at: str, plain: Plain) -> None:
    if "local" in plain:
        _fill_local(values, at, str(plain["local"]))
    if plain.get("rule") == "evening_rule":
        _fill_local(values, f"{at}.else", str(plain.get("else_local", "D-1 18:00")))
    if "offset_min" in plain:
        values.put(f"{at}.offset", -int(plain["offset_min"]))
    if "working_days" in plain:
        values.put(f"{at}.working", -int(plain["working_days"]))
    if "days" in plain:
        values.put(f"{at}.list", ", ".join(map(str, plain["days"])))


def _fill_local(values: Values, at: str, local: str) -> None:
    day, clock = local.split(" ")
    hour, minute = (int(part) for part in clock.split(":"))
    values.put(f"{at}.days", str(-int(day.removeprefix("D") or 0)))
    values.put(f"{at}.time", f"{hour % 12 or 12}:{minute:02} {'am' if hour < 12 else 'pm'}")


def pause(when: Mapping[str, Any] | None) -> int | None:
    """The days without a visit after which a rung leaves again, where its condition asks that."""
    asks = (when or {}).get("any", ())
    found = (one["days_since_last"].get("gt") for one in asks if "days_since_last" in one)
    return next(found, None)


def rungs_document(draft: Draft, known: Mapping[str, Plain]) -> list[Plain]:
    """Rungs that are switched on, in their order. `known` are those that may be there, as the
    template or site has them; a clinic's own may be new."""
    found: list[Plain] = []
    for rule_id in draft.values.many("reminder"):
        at = f"reminders.{rule_id}"
        rule = known.get(rule_id) or _new(rule_id)
        if rule is None or not draft.values.is_on(f"{at}.on"):
            continue
        found.append(rung_document(draft, rule, ("reminders", len(found))))
    return found


def _new(rule_id: str) -> Plain | None:
    if not OWN_ID.fullmatch(rule_id):
        return None
    rule = new_own(rule_id)
    return {"id": rule.id, "at": rule.at, "channels": list(rule.channels)}


def rung_document(draft: Draft, known: Plain, path: Path) -> Plain:
    """One rung as its fields say, on top of what has no field."""
    at, like = f"reminders.{known['id']}", shape(known["id"])
    rule = {**known, "channels": [one for one in draft.values.many(f"{at}.channels") if one]}
    draft.places[(*path, "channels")] = f"{at}.channels"
    rule["at"] = at_document(draft, known["at"], path, at)
    if "when" in known:
        rule["when"] = _when(draft, known["when"], path, at)
    plan = _escalate(draft, like.escalate or {}, known.get("escalate") or {}, (path, at))
    rule.pop("escalate", None)
    if plan:
        rule["escalate"] = plan
    if like.is_own:
        rule["text"] = draft.values.one(f"{at}.text")
        draft.places[(*path, "text")] = f"{at}.text"
    return rule


def at_document(draft: Draft, known: Plain, path: Path, at: str) -> Plain:
    """When it leaves, as its fields say."""
    values = draft.values
    if "local" in known:
        return {**known, "local": _local(draft, at, (*path, "at"), "local")}
    if known.get("rule") == "evening_rule":
        return {**known, "else_local": _local(draft, f"{at}.else", (*path, "at"), "else_local")}
    for key, name in (("offset_min", "offset"), ("working_days", "working")):
        if key in known:
            draft.places[(*path, "at", key)] = f"{at}.{name}"
            before = whole(values.one(f"{at}.{name}"))
            return {**known, key: -before if isinstance(before, int) else before}
    if "days" in known:
        draft.places[(*path, "at", "days")] = f"{at}.list"
        return {**known, "days": number_list(values.one(f"{at}.list"))}
    return known


def _local(draft: Draft, at: str, path: Path, key: str) -> str:
    """Days before and a time of two fields; a problem belongs to the one that cannot be read."""
    days, clock = draft.values.one(f"{at}.days"), draft.values.one(f"{at}.time")
    wrong = "time" if isinstance(whole(days), int) else "days"
    draft.places[path] = draft.places[(*path, key)] = f"{at}.{wrong}"
    return local_time(days, clock)


def local_time(days: str, clock: str) -> str:
    """ "3" and "10:00 am" -> "D-3 10:00"; what cannot be read stays as it is and is refused."""
    before = whole(days or "0")
    try:
        at = wall.wall_time(clock)
    except ValueError:
        return f"{days} {clock}"
    if not isinstance(before, int):
        return f"{days} {clock}"
    day = "D" if before == 0 else f"D{-before:+d}"
    return f"{day} {at.hour:02}:{at.minute:02}"


def _when(draft: Draft, known: Plain, path: Path, at: str) -> Plain:
    """The condition with another number of days."""
    if pause(known) is None:
        return known
    draft.places[(*path, "when")] = f"{at}.pause"
    days = whole(draft.values.one(f"{at}.pause"))
    asks = [{"days_since_last": {"gt": days}} if "days_since_last" in one else one
            for one in known["any"]]  # fmt: skip
    return {**known, "any": asks}


def _escalate(draft: Draft, like: Plain, known: Plain, where: tuple[Path, str]) -> Plain:
    """What happens without an answer: `known`, with its times as typed. A time that is filled in
    anew brings along what the shipped rung says about whom to tell; an empty one takes it away."""
    path, at = (*where[0], "escalate"), where[1]
    typed: Plain = {}
    for key, name in MOMENTS.items():
        if key in like or key in known:
            typed[key] = _moment(draft, f"{at}.{name}", path, key)
    for key, name in CALLS.items():
        if key in like or key in known:
            typed[key] = _number(draft, f"{at}.{name}", path, key)
    timed = {key: value for key, value in typed.items() if value != ""}
    rest = {key: value for key, value in known.items() if key not in typed}
    if not timed:
        return {} if set(known) & set(typed) else rest
    merged = {**{key: one for key, one in like.items() if key not in typed}, **rest, **timed}
    return {key: merged[key] for key in {**known, **like} if key in merged}  # in the file's order


def _moment(draft: Draft, at: str, path: Path, key: str) -> str:
    typed = draft.values.one(f"{at}.time") or draft.values.one(f"{at}.days")
    return _local(draft, at, path, key) if typed else ""


def _number(draft: Draft, name: str, path: Path, key: str) -> int | str:
    draft.places[(*path, key)] = name
    number = whole(draft.values.one(name))
    return -number if key in BACKWARDS and isinstance(number, int) else number


def add_own(values: Values, stem: str = "own") -> str:
    """A rung of the clinic's own; the name of the field that gets the focus, "" if there are
    enough."""
    taken = values.many("reminder")
    numbers = [int(one.partition("-")[2]) for one in taken if OWN_ID.fullmatch(one)]
    if len(numbers) >= MOST_OWN:
        return ""
    rule_id = f"{stem}-{max(numbers, default=0) + 1}"
    values.drop(f"reminders.{rule_id}")
    fill(values, new_own(rule_id), on=True)
    values.put("reminder", *taken, rule_id)
    return f"reminders.{rule_id}.text"


def drop_own(values: Values, rule_id: str) -> str:
    if OWN_ID.fullmatch(rule_id):
        values.put("reminder", *[one for one in values.many("reminder") if one != rule_id])
        values.drop(f"reminders.{rule_id}")
    return "add-own"

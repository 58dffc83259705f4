"""What the editor's buttons do to its fields: add, order and remove phases, weekday sets,
reviews, profiles, rules.

Nothing is saved by them; the page comes back with the changed fields and everything typed.
"""

from __future__ import annotations

from collections.abc import Callable

from scheduler.planning.phase import Phase
from scheduler.planning.reading.plain import SLUG
from scheduler.planning.reading.profile import MOST_PROFILES
from scheduler.planning.reading.protocol import MOST_PHASES
from scheduler.planning.schedules import Choice, Count, Every, Gap
from scheduler.planning.visit_profile import VisitProfile
from scheduler.web.forms import rung_fields
from scheduler.web.forms.template_fill import FOLLOWING, fill_phase, fill_profile
from scheduler.web.forms.template_values import Values

MOST_ROWS = 20
DEFAULTS: dict[str, dict[str, str]] = {
    "quota": {"per_week": "3", "count.default": "6"},
    "every": {"n": "1", "unit": "week", "count.default": "4"},
    "offsets": {"days": "0, 14, 42", "ref": "series_start"},
    "daily_run": {"count.default": "5", "run_on": "clinic_days", "max_break_days": "3"},
    "spread": {"count.default": "5", "within_days": "14"},
    "on_demand": {},
}
GAPS: dict[str, tuple[str, str, str, str]] = {
    "quota": ("2", "2", "4", "7"),
    "every": ("5", "7", "10", "14"),
    "spread": ("2", "3", "5", ""),
    "on_demand": ("7", "28", "42", ""),
}
"""What a pattern starts with where its own fields are empty: a plan that works, to change."""
NEW_PHASE = Every(
    n=Choice(options=(1,), default=1),
    unit="week",
    count=Count.fixed(4),
    gap=Gap(hard_min=5, target=7, soft_max=10, hard_max=14),
)
NEW_PROFILE = (
    ("checkin", 10),
    ("prep", 15),
    ("infusion", 40),
    ("recovery", 30),
    ("discharge", 5),
    ("turnaround", 15),
)


def edited(values: Values, command: str) -> str:
    """Carry out one button, "up-phase:taper"; the id of the field that gets the focus, or ""."""
    verb, *words = command.split(":")
    if verb not in COMMANDS or len(words) != WORDS[verb]:
        return ""
    if not all(SLUG.fullmatch(word) for word in words):
        return ""
    return COMMANDS[verb](values, *words)


def with_defaults(values: Values) -> None:
    """Fill the empty fields of each phase's pattern, so that a new choice begins with a plan."""
    for phase_id in values.many("phase"):
        at = f"phases.{phase_id}.schedule"
        kind = values.one(f"{at}.type")
        for name, text in DEFAULTS.get(kind, {}).items():
            if not values.one(f"{at}.{name}") and not values.is_on(f"{at}.count.open"):
                values.put(f"{at}.{name}", text)
        if kind == "daily_run" and values.is_on(f"{at}.repeats"):
            _cycle_defaults(values, f"{at}.cycle")
        names = ("hard_min", "target", "soft_max", "hard_max")
        if kind in GAPS and not any(values.one(f"{at}.gap.{name}") for name in names):
            for name, text in zip(names, GAPS[kind], strict=True):
                values.put(f"{at}.gap.{name}", text or None)


def _cycle_defaults(values: Values, at: str) -> None:
    """Every four weeks, without a planned end."""
    if not values.one(f"{at}.n"):
        values.put(f"{at}.n", 4)
        values.put(f"{at}.unit", "week")
    if not values.one(f"{at}.times.default"):
        values.put(f"{at}.times.open", True)


def _unused(taken: list[str], stem: str) -> str:
    return next(name for n in range(1, 1000) if (name := f"{stem}-{n}") not in taken)


def _next_number(taken: list[str]) -> str:
    return str(max((int(one) for one in taken if one.isdigit()), default=-1) + 1)


def _add_phase(values: Values) -> str:
    ids = values.many("phase")
    if len(ids) >= MOST_PHASES:
        return ""
    phase_id = _unused(ids, "phase")
    values.drop(f"phases.{phase_id}")
    fill_phase(values, Phase(id=phase_id, title="New phase", schedule=NEW_PHASE), None)
    values.put("phase", *ids, phase_id)
    values.put("at", phase_id)
    return f"phases.{phase_id}.title"


def _remove_phase(values: Values, phase_id: str) -> str:
    ids = [one for one in values.many("phase") if one != phase_id]
    if not ids:
        return ""
    values.put("phase", *ids)
    values.drop(f"phases.{phase_id}")
    for one in ids:
        if values.one(f"phases.{one}.next") == phase_id:
            values.put(f"phases.{one}.next", FOLLOWING)
    values.put("at", ids[0])
    return f"tab-{ids[0]}"


def _moved(values: Values, phase_id: str, by: int) -> str:
    ids = list(values.many("phase"))
    if phase_id in ids:
        place = ids.index(phase_id)
        ids.insert(max(0, min(len(ids) - 1, place + by)), ids.pop(place))
        values.put("phase", *ids)
        values.put("at", phase_id)
    return f"tab-{phase_id}"


def _add_row(values: Values, name: str) -> str:
    """A new number under `name`; "" if there are enough rows."""
    taken = values.many(name)
    if len(taken) >= MOST_ROWS:
        return ""
    number = _next_number(taken)
    values.drop(f"{name}.{number}")
    values.put(name, *taken, number)
    return number


def _drop_row(values: Values, name: str, number: str) -> None:
    values.put(name, *[one for one in values.many(name) if one != number])
    values.drop(f"{name}.{number}")


def _add_set(values: Values, phase_id: str) -> str:
    name = f"phases.{phase_id}.schedule.sets"
    number = _add_row(values, name)
    return f"{name}.{number}.mo" if number else ""


def _drop_set(values: Values, phase_id: str, number: str) -> str:
    _drop_row(values, f"phases.{phase_id}.schedule.sets", number)
    return f"add-set-{phase_id}"


def _up_set(values: Values, phase_id: str, number: str) -> str:
    name = f"phases.{phase_id}.schedule.sets"
    numbers = list(values.many(name))
    if number in numbers and (place := numbers.index(number)) > 0:
        numbers[place - 1], numbers[place] = numbers[place], numbers[place - 1]
        values.put(name, *numbers)
    return f"{name}.{number}.mo"


def _add_review(values: Values, phase_id: str) -> str:
    name = f"phases.{phase_id}.reviews"
    number = _add_row(values, name)
    if not number:
        return ""
    values.put(f"{name}.{number}.when", "after")
    return f"{name}.{number}.number"


def _drop_review(values: Values, phase_id: str, number: str) -> str:
    _drop_row(values, f"phases.{phase_id}.reviews", number)
    return f"add-review-{phase_id}"


def _add_profile(values: Values) -> str:
    names = values.many("profile")
    if len(names) >= MOST_PROFILES:
        return ""
    name = _unused(names, "visit")
    values.drop(f"profiles.{name}")
    fill_profile(values, VisitProfile(name=name, title="Another visit", parts=NEW_PROFILE))
    values.put("profile", *names, name)
    if not values.many("rule"):
        values.put("rules.else", names[-1] if names else name)
    return f"profiles.{name}.title"


def _remove_profile(values: Values, name: str) -> str:
    """With it go the rules and choices that name it."""
    names = [one for one in values.many("profile") if one != name]
    if not names:
        return ""
    values.put("profile", *names)
    values.drop(f"profiles.{name}")
    for number in list(values.many("rule")):
        if values.one(f"rules.{number}.use") == name:
            _drop_row_of_rules(values, number)
    if values.one("rules.else") == name:
        values.put("rules.else", names[-1])
    for phase_id in values.many("phase"):
        if values.one(f"phases.{phase_id}.profile") == name:
            values.put(f"phases.{phase_id}.profile")
    return f"profiles.{names[0]}.title"


def _add_rule(values: Values) -> str:
    taken, names = values.many("rule"), values.many("profile")
    if len(taken) >= MOST_ROWS:
        return ""
    number = _next_number(taken)
    values.drop(f"rules.{number}")
    values.put("rule", *taken, number)
    values.put(f"rules.{number}.use", names[0] if names else None)
    values.put(f"rules.{number}.join", "all")
    values.put(f"rules.{number}.tests", 0)
    values.put(f"rules.{number}.tests.0.subject", "session_no")
    values.put(f"rules.{number}.tests.0.op", "lte")
    values.put(f"rules.{number}.tests.0.value", 1)
    if not values.one("rules.else"):
        values.put("rules.else", names[-1] if names else None)
    return f"rules.{number}.tests.0.subject"


def _drop_row_of_rules(values: Values, number: str) -> str:
    values.put("rule", *[one for one in values.many("rule") if one != number])
    values.drop(f"rules.{number}")
    return "add-rule"


def _add_test(values: Values, number: str) -> str:
    name = f"rules.{number}.tests"
    test = _add_row(values, name)
    if not test:
        return ""
    values.put(f"{name}.{test}.subject", "days_since_last")
    values.put(f"{name}.{test}.op", "gt")
    return f"{name}.{test}.subject"


def _drop_test(values: Values, number: str, test: str) -> str:
    if len(values.many(f"rules.{number}.tests")) > 1:
        _drop_row(values, f"rules.{number}.tests", test)
    return f"rules.{number}.use"


COMMANDS: dict[str, Callable[..., str]] = {
    "add-phase": _add_phase,
    "remove-phase": _remove_phase,
    "up-phase": lambda values, phase_id: _moved(values, phase_id, -1),
    "down-phase": lambda values, phase_id: _moved(values, phase_id, 1),
    "add-set": _add_set,
    "drop-set": _drop_set,
    "up-set": _up_set,
    "add-review": _add_review,
    "drop-review": _drop_review,
    "add-profile": _add_profile,
    "remove-profile": _remove_profile,
    "add-rule": _add_rule,
    "drop-rule": _drop_row_of_rules,
    "add-test": _add_test,
    "drop-test": _drop_test,
    "add-own": rung_fields.add_own,
    "drop-own": rung_fields.drop_own,
}
WORDS = {
    "add-phase": 0,
    "remove-phase": 1,
    "up-phase": 1,
    "down-phase": 1,
    "add-set": 1,
    "drop-set": 2,
    "up-set": 2,
    "add-review": 1,
    "drop-review": 2,
    "add-profile": 0,
    "remove-profile": 1,
    "add-rule": 0,
    "drop-rule": 1,
    "add-test": 1,
    "drop-test": 2,
    "add-own": 0,
    "drop-own": 1,
}

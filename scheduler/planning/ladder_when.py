"""On what condition a rung leaves: plain data, asked about one visit (domain E)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduler.planning.visit_profile import OPERATORS

NUMBERS = ("session_no", "session_no_in_phase", "days_since_last")
WORDS = ("phase", "driver_consent", "flag")
SUBJECTS = (*NUMBERS, *WORDS)
JOINS = {"any": any, "all": all}
INSIDE = "send_window"
Facts = Mapping[str, int | str | bool | None]
"""What is known of the visit; a subject that is missing or None answers no question."""


def holds(when: Mapping[str, Any] | None, facts: Facts) -> bool:
    """Whether the rung leaves. `inside` is a matter of its due time and is not asked here.

    >>> holds({"any": [{"session_no": {"lte": 1}}, {"days_since_last": {"gt": 21}}]}, {...})
    """
    return all(_one(subject, test, facts) for subject, test in (when or {}).items())


def _one(subject: str, test: Any, facts: Facts) -> bool:
    if subject in JOINS:
        return JOINS[subject](holds(one, facts) for one in test)
    if subject == "inside":
        return True
    have = facts.get(subject)
    return have is not None and all(_compared(have, op, want) for op, want in test.items())


def _compared(have: int | str | bool, operator: str, want: Any) -> bool:
    if isinstance(have, int) and not isinstance(have, bool):
        return OPERATORS[operator](have, int(want))
    return bool(have == want)


def problem(when: Any, depth: int = 3) -> str | None:
    """What is wrong with a condition as written, in words; None if it can be asked."""
    if not isinstance(when, Mapping) or not when or depth == 0:
        return "Give a condition, such as session_no: {lte: 1}."
    found = (_problem_of(subject, test, depth) for subject, test in when.items())
    return next((why for why in found if why), None)


def _problem_of(subject: str, test: Any, depth: int) -> str | None:
    if subject in JOINS:
        if not isinstance(test, list | tuple) or not test:
            return "List conditions under all or any."
        return next((why for one in test if (why := problem(one, depth - 1))), None)
    if subject == "inside":
        return None if test == INSIDE else "The only span with a name is send_window."
    if subject not in SUBJECTS:
        return f"Use one of: {', '.join(SUBJECTS)}, inside, all, any."
    return _problem_of_test(subject, test)


def _problem_of_test(subject: str, test: Any) -> str | None:
    operators = OPERATORS if subject in NUMBERS else {"eq": None}
    if not isinstance(test, Mapping) or not test or not set(test) <= set(operators):
        return f"Compare with one of: {', '.join(operators)}."
    for want in test.values():
        is_number = isinstance(want, int) and not isinstance(want, bool)
        if (subject in NUMBERS) is not is_number:
            return "Give a number." if subject in NUMBERS else "Give a word, or true or false."
    return None

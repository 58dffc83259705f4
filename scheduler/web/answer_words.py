"""What patients and drivers answered, in words for staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scheduler.models import Answer
from scheduler.services.own.suspension import QUESTIONS

VIA = {
    "page": "on their page", "sms": "by text message", "voice": "by phone", "mail": "by e-mail",
}  # fmt: skip


def _driver(facts: dict[str, Any]) -> str:
    texted = "may be texted" if facts["may_text"] else "no text messages"
    return f"{facts['name']}, {facts['phone']}, takes them home ({texted})"


def _changed(facts: dict[str, Any]) -> str:
    yes = [QUESTIONS.get(one, one) for one in facts["yes"]]
    return f"Something changed: {', '.join(yes)}" if yes else "Nothing has changed"


_SAY: dict[str, dict[str, str]] = {
    "coming": {"yes": "Is coming", "no": "Cannot come"},
    "driver_says": {"yes": "Driver: will be there", "no": "Driver: cannot come"},
    "well": {"1": "Is well", "2": "Asks to be called"},
    "recall": {"book": "Wants the next visit", "later": "Not now", "stop": "Wants no more of it"},
}
_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "driver": _driver,
    "changed": _changed,
    "other_time": lambda facts: f"Asks for another time: {facts['wish']}",
    "score": lambda facts: f"Score {facts['score']} of 10",
    "off": lambda _facts: "Wants no more messages this way",
}


def said(answer: Answer) -> str:
    """One short sentence without its full stop."""
    if answer.kind in _WORDS:
        return _WORDS[answer.kind](answer.facts)
    return _SAY[answer.kind].get(str(answer.facts.get("say")), "Answered")


def way(answer: Answer) -> str:
    """ "on their page", "told to Dana Front"."""
    return VIA.get(answer.via) or f"told to {answer.by_name}"

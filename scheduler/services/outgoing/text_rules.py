"""What a text that a clinic writes may hold: known placeholders, no word that gives it away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.errors import Invalid
from scheduler.planning import discreet
from scheduler.planning.wording import LANGUAGES, placeholders, shipped, stray_brace
from scheduler.services.outgoing.message_values import COMMON

HIDDEN = ("clock", "zones")
"""Tables of words that are not sentences; nobody edits them."""
BEHIND_THE_GATE = "expect"
"""Shown only after the birth date, so it may name things (trust I17 is about what is in the
clear)."""
IN_A_SUBJECT = ("day", "date", "clinic")
OWN_RUNG = "own-"
"""A table of texts for one rung that the clinic added to the ladder: "own-W1"."""
LONGEST = {"subject": 100, "sms": 480, "voice": 1500}
LONGEST_TEXT = 8000


def table_of(key: str) -> str:
    return key.rpartition(".")[0]


def part_of(key: str) -> str:
    return key.rpartition(".")[2]


def shipped_key(key: str) -> str:
    """Where the shipped text stands: all own rungs begin with the same."""
    return f"own.{part_of(key)}" if key.startswith(OWN_RUNG) else key


def editable(key: str) -> bool:
    return table_of(key) not in HIDDEN and part_of(key) != "placeholders"


def allowed(key: str) -> tuple[str, ...]:
    """The placeholders that this text may hold, in the order in which the page lists them.

    A message may say what every message may, and what its shipped text says beside that; a table
    with a list of its own only that. Other texts keep to what is shipped.
    """
    table, part, base = table_of(key), part_of(key), shipped_key(key)
    english = shipped("en").texts
    if f"{table}.placeholders" in english:
        listed = tuple(english[f"{table}.placeholders"].split())
    elif f"{table_of(base)}.subject" in english:
        listed = tuple(dict.fromkeys((*COMMON, *_of_table(table_of(base)))))
    else:
        listed = tuple(dict.fromkeys(_of_texts([base])))
    if part == "subject":
        return tuple(name for name in listed if name in IN_A_SUBJECT)
    return tuple(name for name in listed if not (part == "voice" and name == "link"))


def fillable(key: str, text: str) -> bool:
    """Whether the text stands for something here, and every placeholder in it has a value."""
    there = shipped_key(key) in shipped("en").texts
    return there and set(placeholders(text)) <= set(allowed(key))


def refusal(key: str, text: str, discreet_words: Iterable[str]) -> str | None:
    """Why this text must not be; None if it may (trust fact 8, I17)."""
    longest = LONGEST.get(part_of(key), LONGEST_TEXT)
    if len(text) > longest:
        return f"This text may have {longest} characters; it has {len(text)}."
    may = allowed(key)
    for name in placeholders(text):
        if name not in may:
            return _unknown(name, may)
    if stray_brace(text):
        return "A { or } stands alone. Placeholders look like {day}, small letters, no spaces."
    if table_of(key) == BEHIND_THE_GATE:
        return None
    if telling := discreet.tell_tales(text, discreet_words):
        return f'"{telling[0]}" must not leave in the clear. Please say it in other words.'
    return None


def check(key: str, text: str, discreet_words: Iterable[str]) -> None:
    """Raises Invalid with the key as its field."""
    if (why := refusal(key, text, discreet_words)) is not None:
        raise Invalid(why, field=key)


def check_words(words: Sequence[str], told: Iterable[tuple[str, str]]) -> None:
    """`told` are (what it is, its text). Raises Invalid for a word that stands in one of them."""
    for word in words:
        for what, text in told:
            if discreet.holds(text, word):
                raise Invalid(
                    f'"{word}" stands in {what}: nothing could be sent. Change that first.',
                    field="words",
                )


def _unknown(name: str, may: Sequence[str]) -> str:
    known = ", ".join(f"{{{one}}}" for one in may) or "none"
    return f"{{{name}}} is not known here. Known are: {known}."


def _of_table(table: str) -> list[str]:
    return _of_texts([key for key in shipped("en").texts if table_of(key) == table])


def _of_texts(keys: Iterable[str]) -> list[str]:
    texts = [shipped(language).texts.get(key, "") for key in keys for language in LANGUAGES]
    return [name for text in texts for name in placeholders(text)]

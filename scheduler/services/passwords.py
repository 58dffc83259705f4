"""Which passwords are too weak to guard patients' data (trust fact 9)."""

from __future__ import annotations

from collections.abc import Iterable

LEAST, MOST = 12, 256
_LEAST_DIFFERENT = 6
_COMMON = frozenset({
    "abcdefghijkl", "administrator", "asdfghjkl123", "changeme1234", "computer1234",
    "football1234", "iloveyou1234", "letmein12345", "monkey123456", "password1234",
    "password12345", "password123456", "passwordpassword", "princess1234", "q1w2e3r4t5y6",
    "qwerty123456", "qwertyuiop12", "qwertyuiop123", "qwertyuiopasdf", "sunshine1234",
    "superman1234", "trustno11234", "welcome12345", "1q2w3e4r5t6y", "1qaz2wsx3edc",
    "123456789012", "1234567890123", "0123456789012", "1234567890qwerty", "123456789qwerty",
})  # fmt: skip


def refusal(password: str, personal: Iterable[str] = ()) -> str | None:
    """A sentence saying why it is too weak, or None. `personal`: the owner's name and address."""
    folded = password.casefold()
    if len(password) < LEAST:
        return f"Use at least {LEAST} characters. Several words are easy to remember."
    if len(password) > MOST:
        return f"Use at most {MOST} characters."
    if folded in _COMMON or len(set(folded)) < _LEAST_DIFFERENT:
        return "That password is among the first that anybody would try. Use several words."
    if any(word in folded for word in _words(personal)):
        return "Leave your own name and address out of the password."
    return None


def _words(personal: Iterable[str]) -> set[str]:
    """Parts of names and addresses that are long enough to be more than chance."""
    parts = " ".join(personal).casefold().replace("@", " ").replace(".", " ").split()
    return {part for part in parts if len(part) >= 4}

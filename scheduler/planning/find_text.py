"""Folds names, phones and birth dates so that a person is found however they are typed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i"}
)
_QUOTES = re.compile("['\u2018\u2019\u02bc`\u00b4\"]")
_GAPS = re.compile(r"[\s\-_,;()]+")
_NOT_DIGIT = re.compile(r"\D")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = {
    "january", "february", "march", "april", "june", "july", "august", "september", "october",
    "november", "december",
}  # fmt: skip
_PHONE = re.compile(r"[\d\s+().\-]+")
_ISO_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_US_DATE = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{4})?")
MOST_WORDS, LONGEST = 8, 200


def fold(text: str) -> str:
    """Without accents, case, quotes and runs of spaces: "O\u2019Neill-Björk" is "oneill bjork"."""
    apart = unicodedata.normalize("NFKD", _QUOTES.sub("", text.casefold()))
    plain = "".join(one for one in apart if not unicodedata.combining(one))
    return _GAPS.sub(" ", plain.translate(_NOT_DECOMPOSED)).strip()


def digits(text: str) -> str:
    return _NOT_DIGIT.sub("", text)


def text_of(names: tuple[str, ...], phones: tuple[str, ...], birth_on: date) -> str:
    """What the search looks in: every word after a space, phones as bare digits, the birth date as
    people write it.
    """
    month = _MONTHS[birth_on.month - 1]
    birth = (
        f"{birth_on:%Y-%m-%d} {birth_on:%m/%d/%Y} {birth_on.month}/{birth_on.day}/{birth_on.year}"
        f" {birth_on.day} {month} {birth_on.year}"
    )
    numbers = " ".join(f"#{digits(one)}" for one in phones if digits(one))
    whole = " ".join(names)
    split = _QUOTES.sub(" ", whole)  # O'Neill is found as Neill too
    both = whole if split == whole else f"{whole} {split}"
    return f" {fold(both)} {birth} {numbers}"


def parts_of(typed: str) -> list[str]:
    """What the text must contain, every one of them: words at their beginning, numbers anywhere."""
    plain = typed.casefold().strip()[:LONGEST]
    if _PHONE.fullmatch(plain) and not _ISO_DATE.fullmatch(plain) and len(digits(plain)) >= 7:
        return [_without_country(digits(plain))]
    return [
        part for word in plain.split()[:MOST_WORDS] if (part := _part(word.strip(",."))).strip()
    ]


def _part(word: str) -> str:
    if _ISO_DATE.fullmatch(word) or _US_DATE.fullmatch(word):
        return f" {word}"
    if _PHONE.fullmatch(word) and len(digits(word)) > 2:
        return digits(word)
    return f" {_month(fold(word))}"


def _without_country(phone: str) -> str:
    return phone[1:] if len(phone) == 11 and phone.startswith("1") else phone


def _month(word: str) -> str:
    """ "march" is looked for as "mar", which a name like March begins with too."""
    return word[:3] if word in _LONG_MONTHS else word

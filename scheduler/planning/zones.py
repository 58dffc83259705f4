"""Which time zones a site may have, and what somebody probably meant who typed another."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import available_timezones

_REGIONS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
}  # fmt: skip
_MEANT = {
    "eastern": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "et": "America/New_York", "central": "America/Chicago", "cst": "America/Chicago",
    "cdt": "America/Chicago", "ct": "America/Chicago", "mountain": "America/Denver",
    "mst": "America/Denver", "mdt": "America/Denver", "mt": "America/Denver",
    "arizona": "America/Phoenix", "pacific": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu", "gmt": "Europe/London", "cet": "Europe/Berlin",
}  # fmt: skip


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """IANA names of the form Region/City, in order. Fixed offsets are none: they know no summer."""
    return tuple(sorted(one for one in available_timezones() if one.split("/")[0] in _REGIONS))


def is_known(name: str) -> bool:
    return name in names()


def suggestions(typed: str) -> list[str]:
    """At most three names that were probably meant: by common name, by city, by spelling."""
    plain = typed.strip().lower().replace(" ", "_").removesuffix("_time").removeprefix("us/")
    cities: dict[str, list[str]] = {}
    for name in names():
        cities.setdefault(name.split("/")[-1].lower(), []).append(name)
    found = [_MEANT[plain]] if plain in _MEANT else []
    city = plain.split("/")[-1]
    found += cities.get(city, [])
    for near in get_close_matches(city, cities, n=3, cutoff=0.7):
        found += cities[near]
    return list(dict.fromkeys(found))[:3]


def refusal(typed: str) -> str:
    """The sentence for a name that is no zone, with what was probably meant."""
    meant = suggestions(typed)
    if meant:
        return f"There is no such time zone. Did you mean {' or '.join(meant)}?"
    return "There is no such time zone. Write one like America/New_York."

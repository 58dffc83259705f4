"""A plan in the words that the desk reads aloud: title, times, one whole sentence, and why it
ranks where it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scheduler.planning.opening import local
from scheduler.planning.words.clock import clock, day

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
)  # fmt: skip
_LONG_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
_SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


LONG_DAYS = 90
"""A longer plan names its years, and its length in weeks."""


@dataclass(frozen=True, kw_only=True)
class OfferedVisit:
    """One visit of a plan as it is shown; instants are aware UTC."""

    number: int
    on: date
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    chair_id: int
    chair_name: str
    bay_name: str | None = None


def number_words(number: int) -> str:
    """ "six"; figures above ten."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def wall(at: datetime, zone: ZoneInfo) -> time:
    return local(zone, at).time()


def short_clock(at: datetime, zone: ZoneInfo) -> str:
    """ "9:00", where am or pm is plain from what stands beside it."""
    shown = local(zone, at)
    return f"{shown.hour % 12 or 12}:{shown.minute:02}"


def stay(visit: OfferedVisit, zone: ZoneInfo) -> tuple[str, str]:
    """Arrival and leaving as words."""
    return clock(visit.arrives_at, zone), clock(visit.leaves_at, zone)


def stay_words(visit: OfferedVisit, zone: ZoneInfo) -> str:
    """ "8:50 to 10:30 am", or "11:50 am to 1:30 pm"."""
    arrives, leaves = stay(visit, zone)
    return f"{arrives[:-3] if arrives[-2:] == leaves[-2:] else arrives} to {leaves}"


def usual_start(visits: Sequence[OfferedVisit], zone: ZoneInfo) -> time:
    """The start that most visits have; of equals the earliest."""
    counted = Counter(wall(visit.starts_at, zone) for visit in visits)
    return min(counted, key=lambda at: (-counted[at], at))


def usual_stay(visits: Sequence[OfferedVisit], zone: ZoneInfo) -> OfferedVisit:
    """A visit whose arrival and leaving most visits share."""
    counted = Counter(stay(visit, zone) for visit in visits)
    return max(visits, key=lambda visit: (counted[stay(visit, zone)], -visit.number))


def title(visits: Sequence[OfferedVisit], zone: ZoneInfo) -> str:
    """ "Mon, Wed, Fri at 9:00 am"; "always" when every visit starts at that time."""
    if len(visits) == 1:
        return f"{day(visits[0].on)} at {clock(visits[0].starts_at, zone)}"
    weekdays = sorted({visit.on.weekday() for visit in visits})
    names = ", ".join(_SHORT_DAYS[number] for number in weekdays)
    usual = usual_start(visits, zone)
    same = [visit for visit in visits if wall(visit.starts_at, zone) == usual]
    when = clock(same[0].starts_at, zone)
    return f"{names}, always {when}" if len(same) == len(visits) else f"{names} at {when}"


def times_note(visits: Sequence[OfferedVisit], zone: ZoneInfo) -> str | None:
    """The visits whose stay differs from the usual one, in few words."""
    usual = stay(usual_stay(visits, zone), zone)
    others = [visit for visit in visits if stay(visit, zone) != usual]
    if not others:
        return None
    if len(others) > 2:
        return f"{number_words(len(others))} visits at other times"
    return ", ".join(
        f"{'first visit' if visit.number == 1 else day(visit.on)} {stay_words(visit, zone)}"
        for visit in others
    )


def where(visits: Sequence[OfferedVisit]) -> str:
    """ "Wed 13 Jan to Mon 25 Jan, 12 days. Chair 2 every time, number 3 recovers in Bay 1." """
    first, last = visits[0], visits[-1]
    chairs = sorted({visit.chair_name for visit in visits})
    if len(visits) == 1:
        return f"{chairs[0]}, then {first.bay_name}." if first.bay_name else f"{chairs[0]}."
    place = f"{chairs[0]} every time" if len(chairs) == 1 else f"Chairs: {', '.join(chairs)}"
    return f"{_span(first.on, last.on)}. {place}{_recovering(visits)}."


def _span(first: date, last: date) -> str:
    """ "Wed 13 Jan to Mon 25 Jan, 12 days"; a long one names its years, and weeks."""
    days = (last - first).days
    if days < LONG_DAYS:
        return f"{day(first)} to {day(last)}, {days} days"
    return f"{day(first)} {first.year} to {day(last)} {last.year}, {round(days / 7)} weeks"


def _recovering(visits: Sequence[OfferedVisit]) -> str:
    """ ", number 3 recovers in Bay 1"; empty where everybody stays on the chair."""
    moved_on = [visit for visit in visits if visit.bay_name]
    if not moved_on:
        return ""
    numbers = _listed([str(visit.number) for visit in moved_on])
    bays = _listed(sorted({visit.bay_name or "" for visit in moved_on}))
    who = f"number {numbers} recovers" if len(moved_on) == 1 else f"numbers {numbers} recover"
    return f", {who} in {bays}"


def say(visits: Sequence[OfferedVisit], zone: ZoneInfo) -> str:
    """Whole sentences, in the order in which a patient writes them down."""
    first, rest = visits[0], visits[1:]
    arrives, leaves = stay(first, zone)
    opening = f"{_long(first.on)}: please arrive at {arrives} and plan to leave at {leaves}."
    if not rest:
        return f"One visit on {opening}"
    weekdays = sorted({visit.on.weekday() for visit in visits})
    names = _listed([f"{_LONG_DAYS[number]}s" for number in weekdays])
    count = number_words(len(visits)).capitalize()
    sentences = [f"{count} visits on {names}.", f"The first is {opening}"]
    usual = usual_stay(rest, zone)
    same = [visit for visit in rest if stay(visit, zone) == stay(usual, zone)]
    arrives, leaves = stay(usual, zone)
    dates = _dates([visit.on for visit in same], first.on)
    sentences.append(f"After that {dates}, arriving at {arrives}, done by {leaves}.")
    sentences += _others([visit for visit in rest if visit not in same], zone)
    return " ".join(sentences)


def _others(visits: Sequence[OfferedVisit], zone: ZoneInfo) -> list[str]:
    """One sentence for each other stay, with all its dates."""
    by_stay: dict[str, list[OfferedVisit]] = {}
    for visit in visits:
        by_stay.setdefault(stay_words(visit, zone), []).append(visit)
    return [
        f"{_listed([_long(visit.on) for visit in group])}"
        f" {'is' if len(group) == 1 else 'are'} different: {times}."
        for times, group in by_stay.items()
    ]


def _long(on: date) -> str:
    return f"{_LONG_DAYS[on.weekday()]}, {_MONTHS[on.month - 1]} {on.day}"


def _dates(days: Sequence[date], after: date) -> str:
    """ "Friday the 15th, Monday the 18th and Monday, February 1": a new month is named once, and
    a new year of a long plan."""
    words, before = [], after
    is_long = (max(days, default=after) - after).days >= LONG_DAYS
    for on in days:
        new = (on.year, on.month) != (before.year, before.month)
        named = _long(on) if new else f"{_LONG_DAYS[on.weekday()]} the {_ordinal(on.day)}"
        words.append(f"{named}, {on.year}" if is_long and on.year != before.year else named)
        before = on
    return _listed(words)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else ending}"


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last

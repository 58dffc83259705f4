"""Why a start asks for more than is there: nurses, providers, equipment; one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.planning.day_facts import QUARTER_MINUTES
from scheduler.planning.explain import clock, count_words, day_words, span_words
from scheduler.planning.interval import Interval
from scheduler.planning.refusal import Refusal
from scheduler.planning.slots.footprint import Footprint
from scheduler.planning.slots.pools import EQUIPMENT, Short
from scheduler.planning.visit import VisitShape

if TYPE_CHECKING:
    from scheduler.planning.daybook import Day


def shortfalls(day: Day, shape: VisitShape, print_: Footprint, slot: int) -> Iterator[Refusal]:
    """Every shared resource that a visit from this slot on would overdraw.

    Beyond the day's slots nothing is counted: there only the limits on starts are looked at.
    """
    if 0 <= slot <= day.grid.slots - max(print_.chair_slots, 1):
        yield from (_SENTENCES[one.rule](day, one) for one in day.pools.short(print_, slot))
        if "provider" in print_.runs:
            left = day.pools.providers.left_at(slot, print_.runs["provider"])
            if left is not None:
                yield _provider_leaves(day, shape, slot, left)
    if day.pools.is_late(slot):
        yield _too_late(day)
    if "nurse" in print_.runs and not day.pools.nurse_starts.allows(slot):
        yield _too_many_starts(day, slot)


def _nurses_short(day: Day, short: Short) -> Refusal:
    """H8 at the first slot that asks for more nurse time than there is."""
    span, number = day.grid.span(short.slot, short.slot + 1), day.pools.nurses[short.slot]
    when = f"at {clock(day.zone, span.starts_at)} on {day_words(day.on)}"
    if number == 0:
        return Refusal("H8", f"No nurse is on duty {when}.", span=span)
    busy = f"Not enough nurse time {when}: {count_words(number, 'nurse')} on duty, already busy."
    return Refusal("H8", busy, span=span)


def _too_many_sedating(day: Day, short: Short) -> Refusal:
    """H8-sedating: the site's own cap on sedating visits for each nurse."""
    span, nurses = _stretch(day, short), day.pools.nurses[short.slot]
    if nurses == 0:
        return Refusal(short.rule, f"No nurse is on duty {_when(day, span)}.", span=span)
    most = count_words((day.facts.max_sedating_per_nurse or 0) * nurses, "sedating visit")
    staff = count_words(nurses, "nurse")
    sentence = f"At most {most} at a time with {staff}, and that is booked {_when(day, span)}."
    return Refusal(short.rule, sentence, span=span)


def _no_provider(day: Day, short: Short) -> Refusal:
    """H9: nobody is on site, or each has as many patients as one may have."""
    present = day.pools.providers.present
    number = present[short.slot]
    if not any(present):
        span = day.grid.span(0, day.grid.slots)
        sentence = f"No provider is on site on {day_words(day.on)}. Cover, under Setup, says when."
        return Refusal("H9", sentence, span=span)
    if number == 0:
        span = _absence(day, short.slot)
        return Refusal("H9", f"No provider is on site {_when(day, span)}.", span=span)
    span = _stretch(day, short)
    patients = count_words(number * day.facts.patients_per_provider, "patient")
    staff = count_words(number, "provider")
    sentence = f"{staff} on site {_when(day, span)} for at most {patients}, and that is booked."
    return Refusal("H9", sentence, span=span)


def _provider_leaves(day: Day, shape: VisitShape, slot: int, left: int) -> Refusal:
    """H15: it begins with a provider on site and would go on without one."""
    last = max(offset + minutes for offset, minutes, _ in shape.load("provider"))
    needed = clock(day.zone, day.grid.at(slot) + timedelta(minutes=last))
    span = _absence(day, left)
    if any(day.pools.providers.present[left:]):
        gone = f"No provider is on site {_when(day, span)}"
    else:
        gone = f"The last provider leaves at {clock(day.zone, span.starts_at)}"
        gone += f" on {day_words(day.on)}"
    return Refusal("H15", f"{gone}; this visit would need one until {needed}.", span=span)


def _too_little_equipment(day: Day, short: Short) -> Refusal:
    """H10: pumps or monitors, of those that are in service."""
    kind, span = EQUIPMENT[short.rule], _stretch(day, short)
    capacity = day.pools.of(short.rule)
    there, used = capacity.there[short.slot] // 100, capacity.used[short.slot]
    free, asked = max(there * 100 - used, 0) // 100, -(-short.share // 100)
    when = _when(day, span)
    if there == 0:
        sentence = f"No {kind} is in service {when}."
    elif free:
        sentence = f"This visit needs {asked} {kind}s, and {free} of {there} is free {when}."
    else:
        sentence = f"{'The only' if there == 1 else f'All {there}'} {kind}"
        sentence += f" is in use {when}." if there == 1 else f"s are in use {when}."
    return Refusal(short.rule, sentence, span=span)


def _too_late(day: Day) -> Refusal:
    """H15: the site's own last start of the day."""
    latest = day.grid.midnight + timedelta(minutes=day.pools.latest_minute)
    last = f"The last start on {day_words(day.on)} is at {clock(day.zone, latest)}."
    return Refusal("H15", last)


def _too_many_starts(day: Day, slot: int) -> Refusal:
    """H8-starts: the nurses on duty begin no more visits in this clock quarter."""
    quarter = day.pools.nurse_starts.quarter(slot)
    starts_at = day.grid.midnight + timedelta(minutes=quarter * QUARTER_MINUTES)
    span = Interval(starts_at, starts_at + timedelta(minutes=QUARTER_MINUTES))
    limit = day.pools.nurse_starts.limit.get(quarter, 0)
    when = _when(day, span)
    if limit == 0:
        return Refusal("H8-starts", f"No nurse can start a visit {when}.", span=span)
    most = f"{count_words(limit, 'visit')} may start {when}, and as many already do."
    return Refusal("H8-starts", most, span=span)


_SENTENCES: dict[str, Callable[[Day, Short], Refusal]] = {
    "H8": _nurses_short,
    "H8-sedating": _too_many_sedating,
    "H9": _no_provider,
    "H10-pump": _too_little_equipment,
    "H10-monitor": _too_little_equipment,
}


def _when(day: Day, span: Interval) -> str:
    return f"{span_words(day.zone, span)} on {day_words(day.on)}"


def _stretch(day: Day, short: Short) -> Interval:
    """From the short slot on, as long as as many are there and none can give the share."""
    capacity = day.pools.of(short.rule)
    there, room = capacity.there[short.slot], capacity.room(short.share)
    return _span_while(day, short.slot, lambda s: capacity.there[s] == there and not room >> s & 1)


def _absence(day: Day, slot: int) -> Interval:
    """All of the span around this slot in which no provider is on site."""
    present = day.pools.providers.present
    while slot > 0 and not present[slot - 1]:
        slot -= 1
    return _span_while(day, slot, lambda one: not present[one])


def _span_while(day: Day, first: int, holds: Callable[[int], bool]) -> Interval:
    until = first + 1
    while until < day.grid.slots and holds(until):
        until += 1
    return day.grid.span(first, until)

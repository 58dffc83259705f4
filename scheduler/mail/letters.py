"""The words of each message: plain, kind, discreet; text and HTML are made from the same blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from scheduler.planning.preparation import PrepTimes
from scheduler.planning.words import preparation
from scheduler.planning.words.clock import city, clock, day
from scheduler.services.mail_facts import MessageFacts, ToldVisit


@dataclass(frozen=True)
class Block:
    """A heading, paragraphs and items, in this order; each may be missing."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a person reads. `subject` stands on lock screens: a day, nothing more (calendar M8)."""

    subject: str
    greeting: str
    blocks: tuple[Block, ...]
    signature: tuple[str, ...] = field(default=())


def letter(facts: MessageFacts) -> Letter:
    """Raises KeyError for a kind that has no words."""
    subject, *blocks = KINDS[facts.kind](facts)
    greeting = f"Hello {facts.first_name}," if facts.first_name else "Hello,"
    sender = facts.sender
    return Letter(
        subject=subject.heading,
        greeting=greeting,
        blocks=tuple(block for block in blocks if block != Block()),
        signature=tuple(line for line in (sender.name, sender.place, sender.phone) if line),
    )


def calendar_words(facts: MessageFacts) -> str:
    """The preparation as the calendar entry carries it: one paragraph, by clock (calendar R3)."""
    times = facts.visit.times
    said = preparation.sentences(times)
    return " ".join([*said, _zone_words(times), _call(facts, "To change it")])


def _digest(facts: MessageFacts) -> list[Block]:
    """R0: every date, the preparation by the clock, how to change (domain G)."""
    many = len(facts.visits) > 1
    every_day = _same_for_all(facts.visits)
    invitation = (
        "Each appointment also comes to you as a calendar invitation of its own. If your mail "
        "program asks whether you know the sender, please say yes: then your calendar fills by "
        "itself."
    )
    return [
        Block("Your appointments" if many else f"Appointment on {day(facts.visit.times.on)}"),
        *_dates_moved(facts),
        Block(
            "",
            (_booked_words(facts),),
            tuple(_when(visit.times) for visit in facts.visits),
        ),
        Block("", (_where(facts), _zone_words(facts.visit.times))),
        Block("Before and after", (), (*_by_day(facts.visits), *every_day)),
        Block("", (invitation, _call(facts, "To change or cancel"))),
    ]


def _dates_moved(facts: MessageFacts) -> list[Block]:
    """What is news comes first (domain F: one message lists all moved dates)."""
    new = tuple(_when(visit.times) for visit in facts.moved)
    return [Block("", ("These appointments have a new time:",), new)] if new else []


def _booked_words(facts: MessageFacts) -> str:
    if facts.moved:
        return "So these are all your appointments now:"
    many = len(facts.visits) > 1
    return "Your appointments are booked:" if many else "Your appointment is booked:"


def _invite(facts: MessageFacts) -> list[Block]:
    times = facts.visit.times
    return [
        Block(f"Appointment on {day(times.on)}"),
        Block("", ("Your appointment:",), (_when(times),)),
        *_particulars(facts, times),
    ]


def _update(facts: MessageFacts) -> list[Block]:
    times = facts.visit.times
    moved = facts.before is not None and facts.before.times.arrives_at != times.arrives_at
    news = "Your appointment has moved." if moved else "Your appointment has changed."
    items = [f"Now: {_when(times)}"]
    if facts.before is not None and moved:
        items.insert(0, f"It was: {_when(facts.before.times)}")
    return [
        Block(f"{'Moved: a' if moved else 'A'}ppointment on {day(times.on)}"),
        Block("", (news,), tuple(items)),
        *_particulars(facts, times),
    ]


def _cancel(facts: MessageFacts) -> list[Block]:
    times = facts.visit.times
    gone = f"Your appointment is cancelled: {day(times.on)}, {clock(times.arrives_at, times.zone)}."
    return [
        Block(f"Cancelled: appointment on {day(times.on)}"),
        Block("", (gone, "Its entry in your calendar goes away with this message.")),
        Block("", (_zone_words(times), _call(facts, "If you have a question"))),
    ]


def _three_days(facts: MessageFacts) -> list[Block]:
    """R3: is anything different, who drives, and what has to be planned for (domain G)."""
    times = facts.visit.times
    return [
        Block(f"Appointment on {day(times.on)}"),
        Block("", ("Your appointment is in a few days:",), (_when(times),)),
        _questions(facts),
        *_particulars(facts, times),
    ]


def _evening(facts: MessageFacts) -> list[Block]:
    """R4: the fast by the clock; days are named because it may leave late."""
    times = facts.visit.times
    return [
        Block(f"Appointment on {day(times.on)}"),
        Block("", ("Please get ready for your appointment:",), (_when(times),)),
        *([_questions(facts)] if facts.asks else [_driver(facts)]),
        *_particulars(facts, times),
    ]


def _same_day(facts: MessageFacts) -> list[Block]:
    """R5: the stop, an hour ahead."""
    times = facts.visit.times
    items = (*preparation.fast(times), preparation.arrival(times))
    return [
        Block(f"Appointment on {day(times.on)}"),
        Block("", (f"For your appointment on {day(times.on)}:",), items),
        Block("", (_zone_words(times), _call(facts, "If something is not right"))),
    ]


KINDS: dict[str, Callable[[MessageFacts], list[Block]]] = {
    "digest": _digest,
    "invite": _invite,
    "update": _update,
    "cancel": _cancel,
    "r3": _three_days,
    "r4": _evening,
    "r5": _same_day,
}
"""Everything that the mail room can write."""


def _particulars(facts: MessageFacts, times: PrepTimes) -> list[Block]:
    return [
        Block("", (_where(facts), _zone_words(times))),
        Block("Before and after", (), tuple(preparation.to_do(times))),
        Block("", (_call(facts, "To change or cancel"),)),
    ]


def _questions(facts: MessageFacts) -> Block:
    asked = _call(facts, "Has anything changed? If you are ill, pregnant or take new tablets")
    return Block("Please tell us", (asked, *_driver(facts).paragraphs))


def _driver(facts: MessageFacts) -> Block:
    if facts.visit.prep.driver == "none":
        return Block()
    if facts.driver:
        known = f"You told us that {facts.driver} takes you home."
        return Block("", (known, _call(facts, "If that has changed")))
    return Block("", (_call(facts, "If nobody can take you home"),))


def _when(times: PrepTimes) -> str:
    """ "Wed 13 Jan 2027: arrive 8:45 am, leave about 10:30 am"."""
    zone = times.zone
    arrive, leave = clock(times.arrives_at, zone), clock(times.leaves_at, zone)
    return f"{day(times.on)} {times.on.year}: arrive {arrive}, leave about {leave}"


def _where(facts: MessageFacts) -> str:
    return f"Where: {facts.sender.place}." if facts.sender.place else ""


def _zone_words(times: PrepTimes) -> str:
    return f"All times are {city(times.zone)} time."


def _call(facts: MessageFacts, why: str) -> str:
    who = facts.sender.phone or facts.sender.name
    return f"{why}, call {who}."


def _by_day(visits: tuple[ToldVisit, ...]) -> tuple[str, ...]:
    """ "Wed 13 Jan: No food from 5:00 am. ..." for every visit that has such a rule."""
    found = []
    for visit in visits:
        times = visit.times
        rules = (preparation.fast, preparation.driving, preparation.alcohol)
        if texts := [text for rule in rules for text in rule(times)]:
            found.append(f"{day(times.on)}: {' '.join(texts)}")
    return tuple(found)


def _same_for_all(visits: tuple[ToldVisit, ...]) -> tuple[str, ...]:
    """Ride, clothing and the rest, each said once however many visits ask for it."""
    said = (preparation.escort(v.times) + preparation.dress_and_health(v.times) for v in visits)
    return tuple(dict.fromkeys(text for texts in said for text in texts))

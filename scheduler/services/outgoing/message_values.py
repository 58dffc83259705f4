"""What the placeholders of a message stand for, in the patient's language (trust fact 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scheduler.invites.clean_text import one_line
from scheduler.planning.preparation import PrepTimes
from scheduler.planning.wording import Values, Wording
from scheduler.planning.words import preparation
from scheduler.planning.words.clock import city, clock, day, long_date, moment, moment_seen_from
from scheduler.services.outgoing.mail_facts import MessageFacts, Sender, ToldVisit

LISTS = ("dates", "moved", "preparation", "fast")
OF_A_VISIT = (
    "day", "date", "arrive_at", "leave_at", "start_at", "zone", "when", "was", "food_stop",
    "drinks_stop", "alcohol_stop", "no_driving_until", "no_alcohol_until", "ride", "ride_short",
)  # fmt: skip
COMMON = (
    "first_name", "clinic", "place", "phone", "link", *OF_A_VISIT, *LISTS,
    "driver", "questions", "calendar_note", "due", "until", "say",
)  # fmt: skip
"""What every message may say; a kind's own values come with its facts."""


def cleaned(facts: MessageFacts) -> MessageFacts:
    """Names and places as one line each, whatever was typed (trust facts 3 and 6).

    What it takes along leads to the same page.
    """
    sender = Sender(
        address=facts.sender.address,
        name=one_line(facts.sender.name, 100),
        place=one_line(facts.sender.place, 300),
        phone=one_line(facts.sender.phone, 40),
    )
    return replace(
        facts,
        sender=sender,
        first_name=one_line(facts.first_name, 100),
        driver=one_line(facts.driver, 200),
        values={name: _clean(value) for name, value in facts.values.items()},
        others=tuple(cleaned(replace(other, link=facts.link)) for other in facts.others),
    )


def values(facts: MessageFacts) -> Values:
    """Of facts that are clean; "" or () where there is nothing to say."""
    found: dict[str, str | tuple[str, ...]] = dict.fromkeys(COMMON, "")
    found.update(dict.fromkeys(LISTS, ()))
    found.update(_of_everybody(facts))
    if facts.visits:
        found.update(_of_the_visit(facts))
        found.update(_of_all_visits(facts))
    return {**found, **facts.values}


def _of_everybody(facts: MessageFacts) -> Values:
    sender = facts.sender
    return {
        "first_name": facts.first_name,
        "clinic": sender.name,
        "place": sender.place,
        "phone": sender.phone or sender.name,
        "link": facts.link,
        "driver": facts.driver,
        "calendar_note": _calendar_note(facts),
        "questions": _questions(facts),
    }


def _of_the_visit(facts: MessageFacts) -> Values:
    """Of the first one."""
    times, language = facts.visit.times, facts.language
    return {
        "day": day(times.on, language),
        "date": long_date(times.on, language),
        "arrive_at": clock(times.arrives_at, times.zone, language),
        "start_at": clock(times.starts_at, times.zone, language),
        "leave_at": clock(times.leaves_at, times.zone, language),
        "zone": city(times.zone, language),
        "when": when(facts.visit, facts.wording),
        "was": when(facts.before, facts.wording) if facts.before is not None else "",
        "until": "" if facts.until is None else moment(facts.until, times.zone, language),
        **_stops(times, language),
        **_ride(facts),
    }


def _stops(times: PrepTimes, language: str) -> dict[str, str]:
    def seen(at: datetime | None) -> str:
        return "" if at is None else moment_seen_from(times.on, at, times.zone, language)

    return {
        "food_stop": seen(times.food_stop_at),
        "drinks_stop": seen(times.drinks_stop_at),
        "alcohol_stop": seen(times.alcohol_stop_at),
        "no_alcohol_until": seen(times.no_alcohol_until),
        "no_driving_until": seen(times.no_driving_until),
    }


def _of_all_visits(facts: MessageFacts) -> Values:
    wording = facts.wording
    return {
        "dates": tuple(when(visit, wording) for visit in facts.visits),
        "moved": tuple(when(visit, wording) for visit in facts.moved),
        "preparation": _preparation(facts.visits, wording),
        "fast": tuple(preparation.fast(facts.visit.times, wording)),
    }


def when(visit: ToldVisit, wording: Wording) -> str:
    """ "Wed 13 Jan 2027: arrive 8:45 am, leave about 10:30 am"."""
    times, language = visit.times, wording.language
    return wording.line(
        "say.when",
        {
            "day": day(times.on, language),
            "year": str(times.on.year),
            "arrive_at": clock(times.arrives_at, times.zone, language),
            "leave_at": clock(times.leaves_at, times.zone, language),
        },
    )


def _preparation(visits: tuple[ToldVisit, ...], wording: Wording) -> tuple[str, ...]:
    if len(visits) == 1:
        return tuple(preparation.to_do(visits[0].times, wording))
    return (*_by_day(visits, wording), *_same_for_all(visits, wording))


def _by_day(visits: tuple[ToldVisit, ...], wording: Wording) -> tuple[str, ...]:
    """ "Wed 13 Jan: No food from 5:00 am. ..." for every visit that has such a rule."""
    found = []
    for visit in visits:
        times = visit.times
        rules = (preparation.fast, preparation.driving, preparation.alcohol)
        if texts := [text for rule in rules for text in rule(times, wording)]:
            said = {"day": day(times.on, wording.language), "sentences": " ".join(texts)}
            found.append(wording.line("say.on_that_day", said))
    return tuple(found)


def _same_for_all(visits: tuple[ToldVisit, ...], wording: Wording) -> tuple[str, ...]:
    """Ride, clothing and the rest, each said once however many visits ask for it."""
    rules = (preparation.escort, preparation.dress_and_health)
    said = (text for visit in visits for rule in rules for text in rule(visit.times, wording))
    return tuple(dict.fromkeys(said))


def _ride(facts: MessageFacts) -> dict[str, str]:
    """Whether somebody takes the patient home; nothing where nobody has to."""
    if facts.visit.prep.driver == "none":
        return {}
    known = "named" if facts.driver else "missing"
    given = {"driver": facts.driver, "phone": facts.sender.phone or facts.sender.name}
    name = {"driver": facts.driver.partition(",")[0]}
    return {
        "ride": facts.wording.line(f"say.driver_{known}", given),
        "ride_short": facts.wording.line(f"say.driver_{known}_short", name),
    }


def _questions(facts: MessageFacts) -> str:
    """R3 asks; R4 asks what R3 could not (domain G)."""
    if not (facts.asks or "r3" in (facts.kind, *facts.also)):
        return ""
    return facts.wording.line("say.questions", {"phone": facts.sender.phone or facts.sender.name})


def _calendar_note(facts: MessageFacts) -> str:
    """What this message does to a calendar; nothing to one that subscribes (calendar F6)."""
    if facts.method == "CANCEL":
        return facts.wording.line("say.entry_goes")
    told_by_mail = facts.kind == "digest" and not facts.subscribes
    return facts.wording.line("say.invitations") if told_by_mail else ""


def _clean(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return one_line(value, 500)
    return tuple(one_line(one, 500) for one in value)

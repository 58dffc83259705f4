"""A patient's steps by the clock, from the last drink to driving again, in their language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.planning.preparation import PrepTimes
from scheduler.planning.wording import ENGLISH, Wording


@dataclass(frozen=True, kw_only=True)
class Step:
    """`at` is aware UTC; `lead` is in bold, `text` goes on."""

    at: datetime
    lead: str
    text: str = ""
    is_food: bool = False


def checklist(times: PrepTimes, wording: Wording = ENGLISH, driver: str = "") -> tuple[Step, ...]:
    """In order of the clock. `driver` is who was named for this visit, empty where nobody was."""
    found = [*_before(times, wording), *_visit(times, wording, driver), *_after(times, wording)]
    return tuple(sorted(found, key=lambda step: step.at))


def long_day(on: date, wording: Wording = ENGLISH) -> str:
    """ "Tuesday, 12 January"."""
    values = {"weekday": weekday(on, wording), "number": str(on.day)}
    month = wording.text("clock.long_months").split()[on.month - 1]
    return wording.line("page.date", values | {"month": month})


def weekday(on: date, wording: Wording = ENGLISH) -> str:
    """ "Tuesday"."""
    return wording.text("clock.long_weekdays").split()[on.weekday()]


def _before(times: PrepTimes, wording: Wording) -> Iterator[Step]:
    stops = (
        ("alcohol", times.alcohol_stop_at),
        ("food", times.food_stop_at),
        ("drinks", times.drinks_stop_at),
        ("nose", times.nose_stop_at),
    )
    for name, at in stops:
        if at is not None:
            yield _step(name, at, wording, is_food=name == "food")


def _visit(times: PrepTimes, wording: Wording, driver: str) -> Iterator[Step]:
    yield Step(
        at=times.arrives_at,
        lead=wording.line("page.list.arrive_lead"),
        text=_arrival(times, wording),
    )
    if times.prep.driver == "none":
        yield Step(at=times.leaves_at, lead=wording.line("page.list.leave_lead"))
        return
    key = "leave_driver_lead" if driver else "leave_somebody_lead"
    yield Step(
        at=times.leaves_at,
        lead=wording.line(f"page.list.{key}", {"driver": driver}),
        text=wording.line("page.list.leave_driver"),
    )


def _arrival(times: PrepTimes, wording: Wording) -> str:
    prep = times.prep
    rules = (("water", prep.hydrate), ("tablets", prep.medicines), ("clothes", prep.clothing))
    words = [wording.line(f"page.list.{name}") for name, holds in rules if holds]
    return " ".join([*words, wording.line("page.list.arrive")])


def _after(times: PrepTimes, wording: Wording) -> Iterator[Step]:
    for name, at in (
        ("driving", times.no_driving_until),
        ("drink_again", times.no_alcohol_until),
    ):
        if at is not None:
            yield _step(name, at, wording)


def _step(name: str, at: datetime, wording: Wording, *, is_food: bool = False) -> Step:
    lead, text = wording.line(f"page.list.{name}_lead"), wording.line(f"page.list.{name}")
    return Step(at=at, lead=lead, text=text, is_food=is_food)

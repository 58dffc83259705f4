"""Fills an empty, migrated database with the demo clinic; says what it does as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from scheduler.demo import accounts, clinic, names
from scheduler.demo.journeys import journey, spread_days, usual_hours
from scheduler.demo.letters import PostOffice, WaysOut
from scheduler.demo.placing import Calendar, Clinic, Course, Person, Waiting, book_week
from scheduler.demo.rows import Writer
from scheduler.demo.stories import Teller, Told
from scheduler.extensions import db
from scheduler.models import Site, Visit
from scheduler.planning.opening import local
from scheduler.services import daybooks, patients, people
from scheduler.services.actor import Actor
from scheduler.services.protocol_library import templates
from scheduler.transaction import transaction

SEED = 20270111
PATIENTS = 90
NEW_PATIENTS = 6
"""The last ones have come to a first talk only: nothing is booked for them yet."""
WEEKS_BACK, WEEKS_AHEAD = 10, 6
LOOK_AHEAD = 11
"""Weeks for which days are there: a course that begins in the last week ends after it."""
FULL = 0.9
"""No more courses begin in a week that is booked this much; coming weeks are emptier."""
EMPTIER = 0.01
CHUNK = 100
WEEK = timedelta(days=7)
T = TypeVar("T")
Say = Callable[[str], None]


def _silent(_what: str) -> None:
    """For those who do not watch."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was made, for the one who started it."""

    patients: int
    visits: int
    messages: int


def fill(
    password_hash: str,
    ways: WaysOut,
    say: Say = _silent,
    *,
    now: datetime,
    count: int = PATIENTS,
) -> Filled:
    """Everything, in a few dozen transactions. `ways` take the newest sent messages."""
    zone = ZoneInfo(clinic.ZONE_NAME)
    today = local(zone, now).date()
    monday = today - timedelta(days=today.weekday())
    begun = now - 26 * WEEK
    say("people, chairs, hours and templates")
    organisation_id = people.add_organisation("Halden Street (demo)", now=begun)
    actors = accounts.add_all(organisation_id, password_hash, now=begun)
    place = clinic.build(actors, monday, now=begun)
    say(f"{count} invented patients")
    waiting = _patients(actors["desk"], count, monday, begun)
    say("visits, every one placed by the planner")
    desk = _desk(place, actors["desk"])
    told = _told(_book(waiting, desk, monday), Teller(zone, place.chair_ids, now, SEED))
    visits = _write(told, desk, actors, now)
    say("messages and tasks")
    office = PostOffice(
        site_id=place.site_id, now=now, by_name=actors["desk"].name, public_url=ways.public_url
    )
    _tell(office, told, visits)
    office.hand_out(ways)
    return Filled(patients=count, visits=sum(map(len, visits)), messages=office.count())


def _patients(desk: Actor, count: int, monday: date, begun: datetime) -> list[Waiting]:
    """Everybody in the tables; those in treatment, with the day on which their first course is
    due."""
    draw = Random(SEED)  # noqa: S311  a demo, not a secret
    first_day = monday - WEEKS_BACK * WEEK
    found = []
    for number, who in enumerate(names.people(count, monday, draw)):
        added_at = begun + timedelta(days=number % 60)
        saving = patients.Saving(token=f"demo-patient-{number:04}", now=added_at)
        patient_id = patients.add(who, desk, saving)
        if number >= count - NEW_PATIENTS:
            continue
        steps = journey(number)
        step = next(steps)
        found.append(
            Waiting(
                person=Person(patient_id=patient_id, who=who, likes=draw.choice(usual_hours(step))),
                steps=steps,
                step=step,
                due_on=first_day + timedelta(days=draw.randint(0, spread_days(step))),
            )
        )
    return found


def _desk(place: clinic.Place, actor: Actor) -> Clinic:
    return Clinic(
        site_id=place.site_id,
        protocols={template.id: template for template in templates()},
        versions=place.versions,
        desk=actor,
    )


def _book(waiting: Sequence[Waiting], desk: Clinic, monday: date) -> list[Course]:
    first, last = monday - WEEKS_BACK * WEEK, monday + LOOK_AHEAD * WEEK
    site = db.session.get_one(Site, desk.site_id)
    calendar = Calendar(daybooks.load(site, daybooks.dates(first, last)))
    found = []
    for week in range(-WEEKS_BACK, WEEKS_AHEAD):
        full = FULL - max(0, week) * EMPTIER
        # whoever is treated twice a week or more is due again before the week is over
        for _ in range(3):
            found += book_week(calendar, desk, waiting, monday + week * WEEK, full)
    return found


def _told(courses: Sequence[Course], teller: Teller) -> list[Told]:
    """What happened to them, in the order in which they were booked; one was stopped early."""
    told = sorted((teller.tell(course) for course in courses), key=lambda one: one.booked_at)
    stopped = next((one for one in told if teller.may_stop(one)), None)
    if stopped is None:
        return told
    who, last_on = stopped.course.person, stopped.course.visits[-1].on
    return [
        teller.stop(one) if one is stopped else one
        for one in told
        if one.course.person is not who or one.course.first_on <= last_on
    ]


def _write(
    told: Sequence[Told], desk: Clinic, actors: dict[str, Actor], now: datetime
) -> list[list[int]]:
    """Ids of the visits of each course."""
    uids, found = Random(SEED), []  # noqa: S311  the demo's calendar ids
    for group in _chunks(told):
        with transaction():
            site = db.session.get_one(Site, desk.site_id)
            writer = Writer(site=site, clinic=desk, actors=actors, now=now, uids=uids)
            found += [[visit.id for visit in visits] for visits in writer.write(group)]
    return found


def _tell(office: PostOffice, told: Sequence[Told], visits: Sequence[Sequence[int]]) -> None:
    """Everything about courses that are not over; nothing about the others."""
    ahead = [(one, ids) for one, ids in zip(told, visits, strict=True) if one.is_ahead(office.now)]
    with transaction():
        for _, ids in ahead:
            office.hide(_visits(ids))
    for group in _chunks(ahead):
        with transaction():
            for one, ids in group:
                office.play(one, _visits(ids))
    with transaction():
        office.finish()


def _visits(ids: Sequence[int]) -> list[Visit]:
    return [db.session.get_one(Visit, visit_id) for visit_id in ids]


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]

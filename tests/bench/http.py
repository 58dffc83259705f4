"""Suite `http`: the pages people wait for, one client, 12 chairs at 85 % load, forms and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import time_machine
from flask import Flask
from sqlalchemy import insert
from werkzeug.test import TestResponse

from config import Settings
from scheduler import create_app
from scheduler.extensions import db
from scheduler.models import ChairClaim, Site, Visit
from scheduler.planning.day_facts import Held
from scheduler.planning.daybook import Day
from scheduler.planning.opening import local
from scheduler.planning.preparation import PrepSet
from scheduler.planning.visit import Part, VisitShape
from scheduler.services import daybooks
from scheduler.transaction import transaction
from tests.bench import goals
from tests.bench.figures import Figure
from tests.bench.instances import MIX
from tests.bench.stopwatch import milliseconds, percentile
from tests.clinic import NOW, Clinic, make_clinic
from tests.desk import Desk, add_staff
from tests.ground import released, upgrade

CHAIRS, NURSES, PATIENTS = 12, 9, 60
WEEKS, LOAD, FALL = 8, 0.85, 0.35
TEMPLATES = ("ket-mood-3x2", "ket-mood-2x3", "ket-pain-6")


def run(*, quick: bool) -> list[Figure]:
    with (
        TemporaryDirectory() as folder,
        time_machine.travel(NOW, tick=True),
        clinic_with_load(Path(folder)) as (app, clinic, held),
    ):
        with app.app_context():
            desk = Desk(app, add_staff(clinic.organisation_id, "desk"))
        rounds = 10 if quick else 60
        where = f"SQLite, {held} visits, {rounds} requests"
        return [
            *_figures("three plans, whole page", plans(desk, clinic, rounds), where),
            *_figures("three plans, page part", plans(desk, clinic, rounds, htmx=True), where),
            *_figures("board of a day", boards(desk, rounds), where),
            *_figures("board of a week", boards(desk, rounds // 2, view="week"), where),
        ]


@dataclass(frozen=True)
class Requests:
    """What each request took, in milliseconds, and how many did not show what they should."""

    times: list[float]
    wrong: int


def _figures(name: str, found: Requests, where: str) -> list[Figure]:
    """Medians have a goal that only warns; that every answer is right is exact."""
    p95 = percentile(found.times, 95)
    return [
        Figure(
            name=f"{name}, median",
            value=median(found.times),
            unit="ms",
            goal=goals.PLANS_PAGE_MS,
            conditions=where,
        ),
        Figure(name=f"{name}, p95", value=p95, unit="ms", conditions=where),
        Figure(name=f"{name}, wrong answers", value=found.wrong, unit="", goal=0, strict=True),
    ]


def plans(desk: Desk, clinic: Clinic, rounds: int, *, htmx: bool = False) -> Requests:
    """The New series form as the browser sends it, for different patients, templates and days."""
    draw, times, wrong = Random(7), [], 0
    headers = {"HX-Request": "true"} if htmx else {}
    for place in range(rounds):
        patient_id = clinic.patient_ids[place % PATIENTS]
        desk.get(f"/series/new?patient_id={patient_id}")
        form = desk.form("wishes")
        chosen = form.filled(
            protocol_version_id=str(clinic.versions[draw.choice(TEMPLATES)]),
            phase="induction",
            earliest_on=str(NOW.date() + timedelta(days=draw.randint(1, 14))),
            wished_start=draw.choice(("9:00 am", "1:30 pm")),
        )
        ask = partial(desk.client.post, "/series/new", data=chosen, headers=headers)
        took, page = answered(ask)
        times.append(took)
        wrong += page.count("data-book=") != 3
    return Requests(times, wrong)


def boards(desk: Desk, rounds: int, view: str = "board") -> Requests:
    """The board of days in the first two weeks, where it is fullest."""
    times, wrong = [], 0
    for place in range(rounds):
        on = NOW.date() + timedelta(days=place % 5 + 7 * (place % 2))
        took, page = answered(partial(desk.client.get, f"/?on={on}&view={view}"))
        times.append(took)
        wrong += "Chair 12" not in page
    return Requests(times, wrong)


def answered(ask: Callable[[], TestResponse]) -> tuple[float, str]:
    """Milliseconds from the request to the last byte, and the page."""
    pages: list[str] = []
    took = milliseconds(lambda: pages.append(ask().text))
    return took, pages[0]


@contextmanager
def clinic_with_load(folder: Path) -> Iterator[tuple[Flask, Clinic, int]]:
    """The app on a database of its own, and how many visits it holds."""
    settings = Settings.for_tests(database_url=f"sqlite:///{folder / 'bench.sqlite3'}")
    upgrade(settings.database_url)
    with released(create_app(settings)) as app:
        with app.app_context():
            clinic = make_clinic(chairs=CHAIRS, nurses=NURSES, patients=PATIENTS)
            held = fill(clinic)
        yield app, clinic, held


def fill(clinic: Clinic) -> int:
    """Visits of four lengths, to the load on the first day and a third less on the last."""
    draw = Random(1)
    first = NOW.date()
    site = db.session.get_one(Site, clinic.site_id)
    days = daybooks.load(site, [first + timedelta(days=n) for n in range(WEEKS * 7)])
    found = [
        held
        for number, day in enumerate(days.values())
        for held in _booked(day, LOAD * (1 - FALL * number / len(days)), draw)
    ]
    with transaction():
        _write(clinic, found, draw)
    return len(found)


def _booked(day: Day, load: float, draw: Random) -> list[Held]:
    spans = [span for chair in day.facts.chairs for span in chair.open]
    wanted, minutes = load * sum(span.minutes for span in spans), 0
    while minutes < wanted:
        shape = _shape(draw.choices([m for m, _ in MIX], [share for _, share in MIX])[0])
        free = day.free(shape)
        if not free:
            break
        start = free[min(int(draw.expovariate(0.1)), len(free) - 1)]
        day.book(shape, start.chair_id, start.starts_at)
        minutes += shape.chair_minutes
    return list(day.held)


def _shape(minutes: int) -> VisitShape:
    care = Part(name="infusion", minutes=minutes, nurse=((minutes, 50),))
    return VisitShape(parts=(care, Part(name="turnaround", minutes=10)))


def _write(clinic: Clinic, found: list[Held], draw: Random) -> None:
    """Chair claims only: for the pages it does not matter whose visits they are."""
    site = db.session.get_one(Site, clinic.site_id)
    visits = [_visit(clinic, site, number, held, draw) for number, held in enumerate(found)]
    db.session.add_all(visits)
    db.session.flush()
    claims = [
        {
            "organisation_id": visit.organisation_id,
            "visit_id": visit.id,
            "chair_id": visit.chair_id,
            "starts_at": visit.starts_at,
            "ends_at": visit.chair_until,
        }
        for visit in visits
    ]
    db.session.execute(insert(ChairClaim), claims)


def _visit(clinic: Clinic, site: Site, number: int, held: Held, draw: Random) -> Visit:
    times, wall = held.shape.times(held.starts_at), local(site.zone, held.starts_at)
    return Visit(
        organisation_id=clinic.organisation_id,
        site_id=site.id,
        patient_id=draw.choice(clinic.patient_ids),
        chair_id=held.chair_id,
        protocol_version_id=clinic.versions[TEMPLATES[0]],
        phase="induction",
        title="Measured",
        state="booked",
        arrives_at=times.arrives_at,
        starts_at=times.starts_at,
        leaves_at=times.leaves_at,
        chair_until=times.chair_until,
        starts_on=wall.date(),
        local_starts=f"{wall:%Y-%m-%dT%H:%M}",
        shape=held.shape.to_plain(),
        prep=PrepSet().to_plain(),
        uid=f"{number}@bench.example",
        organizer=site.sender_address,
        created_at=NOW,
    )

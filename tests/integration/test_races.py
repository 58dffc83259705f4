"""Many at once for the last place: exactly one whole series is booked, the others are told (trust
I1, I3)."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from scheduler.errors import PlaceTaken
from scheduler.extensions import db
from scheduler.models import ChairClaim, PatientClaim, Series, Visit
from scheduler.services.booking import book
from scheduler.services.proposals import offer
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic
from tests.ground import ground_floor

RIVALS = 8
PATIENCE = 60
"""Seconds after which a race that hangs is a failure."""


@dataclass(frozen=True)
class Try:
    """One rival: which patient wants which plan."""

    patient: int
    plan_key: str


def try_to_book(app: Flask, clinic: Clinic, one: Try) -> str:
    """ "booked", or the name of the error that told the rival."""
    with app.app_context():
        try:
            request = clinic.booking(one.plan_key, one.patient)
            book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
        except PlaceTaken as taken:
            return type(taken).__name__
        finally:
            db.session.remove()
    return "booked"


def in_threads(app: Flask, clinic: Clinic, tries: list[Try], _url: str) -> list[str]:
    ready, answers = threading.Barrier(len(tries)), []

    def run(one: Try) -> None:
        ready.wait(PATIENCE)
        answers.append(try_to_book(app, clinic, one))

    threads = [threading.Thread(target=run, args=(one,)) for one in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return answers


def _rival(url: str, clinic: Clinic, one: Try, ready: object, answers: object) -> None:
    app = ground_floor(Settings.for_tests(database_url=url))
    ready.wait(PATIENCE)  # type: ignore[attr-defined]
    answers.put(try_to_book(app, clinic, one))  # type: ignore[attr-defined]


def in_processes(_app: Flask, clinic: Clinic, tries: list[Try], url: str) -> list[str]:
    fresh = multiprocessing.get_context("forkserver")  # imports once, shares no connection
    fresh.set_forkserver_preload(["tests.ground", "tests.clinic", "scheduler.services.proposals"])
    ready, answers = fresh.Barrier(len(tries)), fresh.Queue()
    rivals = [
        fresh.Process(target=_rival, args=(url, clinic, one, ready, answers)) for one in tries
    ]
    for rival in rivals:
        rival.start()
    found = [answers.get(timeout=PATIENCE) for _ in rivals]
    for rival in rivals:
        rival.join(PATIENCE)
    return found


Runner = Callable[[Flask, Clinic, list[Try], str], list[str]]
RUNNERS = pytest.mark.parametrize("run", [in_threads, in_processes])


def assert_one_whole_series(answers: list[str]) -> None:
    assert len(answers) == RIVALS
    assert answers.count("booked") == 1, answers
    for model, rows in ((Series, 1), (Visit, 6), (ChairClaim, 6), (PatientClaim, 6)):
        assert db.session.scalar(select(func.count()).select_from(model)) == rows


@RUNNERS
def test_of_eight_rivals_for_the_last_chair_exactly_one_gets_the_series(
    ground: Flask, database_url: str, run: Runner
) -> None:
    with ground.app_context():
        clinic = make_clinic(chairs=1, nurses=RIVALS, patients=RIVALS)
        plan = offer(clinic.query(), clinic.anybody, now=NOW).plans[0]
        db.session.remove()
        answers = run(ground, clinic, [Try(n, plan.key) for n in range(RIVALS)], database_url)
        assert_one_whole_series(answers)


@RUNNERS
def test_of_eight_rivals_for_the_last_nurse_on_different_chairs_exactly_one_gets_the_series(
    ground: Flask, database_url: str, run: Runner
) -> None:
    with ground.app_context():
        clinic = make_clinic(chairs=RIVALS, nurses=1, patients=RIVALS)
        plan = offer(clinic.query(), clinic.anybody, now=NOW).plans[0]
        starts = [item.split(":", 1)[1] for item in plan.key.split(",")]
        keys = [",".join(f"{chair}:{at}" for at in starts) for chair in clinic.chair_ids]
        db.session.remove()
        tries = [Try(place, key) for place, key in enumerate(keys)]
        answers = run(ground, clinic, tries, database_url)
        assert_one_whole_series(answers)

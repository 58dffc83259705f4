"""Closing and booking at once: whoever is second is told, and no visit is stranded in silence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from scheduler.errors import NeedsConfirmation, PlaceTaken
from scheduler.extensions import db
from scheduler.models import Chair, Site, Task, Visit
from scheduler.services import chairs, closed_over, closures, cover, opening, site_days
from scheduler.services.booking import book
from scheduler.services.chairs import ChairRequest
from scheduler.services.closed_over import Consent
from scheduler.services.closures import ClosureRequest
from scheduler.services.proposals import offer
from scheduler.transaction import transaction
from tests import factories
from tests.clinic import AT_ONCE, MONDAY, NOW, Clinic, make_clinic, wall

PATIENCE = 60
ROUNDS = 2
A_MOMENT = 0.5
"""Seconds; long enough for a closing that does not wait to be over."""
NOTHING_SEEN = Consent(accepted=frozenset(), why="Closed.", now=NOW)


def close_the_first_day(clinic: Clinic) -> None:
    span = ClosureRequest(
        chair_id=None, starts_at=wall(MONDAY, 0), ends_at=wall(MONDAY, 23), reason="Snow"
    )
    closures.add(clinic.site_id, span, clinic.anybody, consent=NOTHING_SEEN)


def take_the_chair_away(clinic: Clinic) -> None:
    out = ChairRequest(name="Chair 1", kind="chair", in_service=False, position=1)
    chairs.change(clinic.chair_ids[0], out, clinic.anybody, version=1, consent=NOTHING_SEEN)


def open_never(clinic: Clinic) -> None:
    was = opening.fingerprint(opening.of_site(clinic.site_id, clinic.anybody))
    opening.set_week(clinic.site_id, [], clinic.anybody, was=was, consent=NOTHING_SEEN)


def send_the_nurses_home(clinic: Clinic) -> None:
    was = cover.fingerprint(cover.nurses(clinic.site_id, clinic.anybody))
    cover.set_nurses(clinic.site_id, [], clinic.anybody, was=was, consent=NOTHING_SEEN)


def at_once(app: Flask, *rivals: Callable[[], None]) -> list[str]:
    """Runs them together; each answers "done" or the name of what told it."""
    ready, answers = threading.Barrier(len(rivals)), []

    def run(rival: Callable[[], None]) -> None:
        with app.app_context():
            ready.wait(PATIENCE)
            try:
                rival()
                answers.append("done")
            except (PlaceTaken, NeedsConfirmation) as told:
                answers.append(type(told).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(rival,)) for rival in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return answers


def book_it(clinic: Clinic, plan_key: str) -> None:
    book(clinic.booking(plan_key), clinic.anybody, now=NOW, policy=AT_ONCE)


CLOSINGS = pytest.mark.parametrize(
    "close", [close_the_first_day, take_the_chair_away, open_never, send_the_nurses_home]
)


@CLOSINGS
def test_of_booking_and_closing_at_once_one_is_told(
    ground: Flask, close: Callable[[Clinic], None]
) -> None:
    for _ in range(ROUNDS):
        with ground.app_context():
            clinic = make_clinic(chairs=1)
            plan = offer(clinic.query(), clinic.anybody, now=NOW).plans[0]
            db.session.remove()
        answers = at_once(ground, partial(close, clinic), partial(book_it, clinic, plan.key))
        assert sorted(answers)[-1] == "done", answers
        assert answers.count("done") == 1, answers
        with ground.app_context():
            site = db.session.get_one(Site, clinic.site_id)
            assert closed_over.stranded(site, NOW) == {}
            assert not db.session.scalar(select(func.count(Task.id)).where(Task.state == "open"))
            booked = db.session.scalar(
                select(func.count(Visit.id)).where(Visit.site_id == clinic.site_id)
            )
            assert booked in (0, 6)


@CLOSINGS
def test_a_closing_waits_for_a_booking_that_holds_the_day(
    ground: Flask, close: Callable[[Clinic], None]
) -> None:
    """Without the day's lock it would not wait, and would miss the visit that is being booked."""
    answers: list[str] = []
    with ground.app_context():
        clinic = make_clinic(chairs=1)
        closing = threading.Thread(
            target=lambda: answers.extend(at_once(ground, partial(close, clinic)))
        )
        with transaction():
            site_days.lock_days(clinic.organisation_id, [], [(clinic.site_id, MONDAY)])
            closing.start()
            closing.join(A_MOMENT)
            site = db.session.get_one(Site, clinic.site_id)
            factories.make_visit(site, db.session.get_one(Chair, clinic.chair_ids[0]), MONDAY)
        closing.join(PATIENCE)
    assert answers == ["NeedsConfirmation"]

"""Where a visit can go on a day: every free start, and every rule against the others, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask

from scheduler.extensions import db
from scheduler.models import PatientBlackout, Site, Visit
from scheduler.planning.opening import instant
from scheduler.planning.request import SeriesRequest
from scheduler.planning.series import ChosenVisit, check_visits
from scheduler.planning.visit import VisitShape
from scheduler.services import chairs, daybooks, why_not
from scheduler.services.series_request import firm_limits
from scheduler.transaction import transaction
from tests.desk import Desk, add_staff
from tests.factories import (
    make_actor,
    make_clinic,
    make_closure,
    make_patient,
    make_series,
    make_visit,
)

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 13, 42, tzinfo=UTC)
"""Monday 11 January 2027, 8:42 am in New York."""


@dataclass(frozen=True, kw_only=True)
class Clinic:
    organisation_id: int
    chair_ids: tuple[int, ...]
    bea: int  # Chair 1, today 1:30 pm, session 2; session 3 is on Wednesday


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context(), transaction():
        site = make_clinic(chairs=2)
        one, two = chairs.of_site(site.id, make_actor(site.organisation_id))
        bea = make_patient(site, "Bea Thornton")
        series = make_series(site, bea)
        mine = make_visit(site, one, MON, "13:30", series=series, number=2)
        make_visit(site, one, MON + timedelta(days=2), "13:30", series=series, number=3)
        make_visit(site, two, MON, "10:00", patient=make_patient(site, "Greta Holm"))
        noon = instant(site.zone, MON, time(15))
        make_closure(site, noon, noon + timedelta(hours=2), two, "Pump")
        db.session.add(
            PatientBlackout(
                organisation_id=site.organisation_id,
                patient_id=bea.id,
                starts_on=date(2027, 1, 20),
                ends_on=date(2027, 1, 20),
            )
        )
        return Clinic(organisation_id=site.organisation_id, chair_ids=(one.id, two.id), bea=mine.id)


@pytest.fixture
def desk(app: Flask, clinic: Clinic) -> Desk:
    with app.app_context():
        return Desk(app, add_staff(clinic.organisation_id, "desk"))


def address(clinic: Clinic, on: str = "2027-01-11") -> str:
    return f"/board/visits/{clinic.bea}/places?on={on}"


def test_each_chair_lists_its_free_starts_and_why_the_others_are_not(
    desk: Desk, clinic: Clinic
) -> None:
    assert desk.get(address(clinic)).status_code == 200
    for said in (
        "Where it can go on Mon 11 Jan",
        "This start has already passed.",
        "Chair 2 is taken 10:00 to 11:45 am on Mon 11 Jan.",
        "Chair 2 is closed 3:00 to 5:00 pm on Mon 11 Jan.",
        "and this visit holds its chair for 1 h 45.",
        "Chair 1, 8:45 am",
    ):
        assert said in desk.text
    assert "Greta" not in desk.text


def test_what_stands_against_the_whole_day_is_said_once(desk: Desk, clinic: Clinic) -> None:
    desk.get(address(clinic, "2027-01-12"))
    assert desk.text.count("The least gap is 2 days.") == 1
    assert "A provider may move it here all the same" in desk.text
    desk.get(address(clinic, "2027-01-20"))
    assert "The patient cannot come on Wed 20 Jan." in desk.text
    desk.get(address(clinic, "2027-01-17"))
    assert "No chair is open on this day." in desk.text


def test_nonsense_for_a_day_shows_the_visits_own(desk: Desk, clinic: Clinic) -> None:
    for typed in ("soon", "9999-99-99", "", "%00", "x" * 500, "1066-10-14"):
        assert desk.get(address(clinic, typed)).status_code == 200
        assert "Where it can go on Mon 11 Jan" in desk.text


def test_the_board_gets_each_sentence_once(desk: Desk, clinic: Clinic) -> None:
    told = desk.get(address(clinic), Accept="application/json").get_json()
    assert told["on"] == "2027-01-11"
    assert len(set(told["sentences"])) == len(told["sentences"])
    first = next(run for run in told["runs"] if not run["against"])
    assert first["chair"] == clinic.chair_ids[0]
    assert first["first"] == "2027-01-11T08:45"


def test_a_place_is_free_exactly_where_the_booking_check_takes_it(
    app: Flask, clinic: Clinic
) -> None:
    with app.app_context():
        actor = make_actor(clinic.organisation_id)
        found = why_not.places(clinic.bea, MON, actor, now=NOW)
        visit = db.session.get_one(Visit, clinic.bea)
        limits = firm_limits(visit.patient, NOW, without=(visit.id,))
        site = db.session.get_one(Site, visit.site_id)
        days = daybooks.load(site, [MON], without=(visit.id,))
        shape = VisitShape.from_plain(visit.shape)
        asked = SeriesRequest(shapes=(shape,), earliest_on=MON, patient=limits)
        for run in found.runs:
            at = run.first
            while at <= run.last:
                refused = check_visits(days, asked, [ChosenVisit(run.chair_id, at)])
                assert bool(refused) != run.is_free
                at += found.step


def test_the_move_form_names_every_rule_that_a_place_breaks(desk: Desk, clinic: Clinic) -> None:
    two = clinic.chair_ids[1]
    desk.get(f"/visits/{clinic.bea}/move?starts_on=2027-01-11&starts=08:30&chair_id={two}")
    assert "Where can it go?" in desk.text
    desk.press(desk.form("move"), "See what it does")
    assert "This start has already passed." in desk.text
    assert "Chair 2 is taken 10:00 to 11:45 am on Mon 11 Jan." in desk.text

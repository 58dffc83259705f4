"""New series by its page: wishes for the whole series, ways out, late starts, cadences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Closure
from scheduler.transaction import transaction
from tests.clinic import NOW, Clinic, make_clinic, wall
from tests.desk import Desk, add_staff


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context():
        return make_clinic()


@pytest.fixture
def open_page(desk: Desk, clinic: Clinic) -> Desk:
    """The page with the first patient chosen and plans shown."""
    desk.get(f"/series/new?patient_id={clinic.patient_ids[0]}")
    return desk


def choose_mood(clinic: Clinic) -> dict[str, str]:
    version = str(clinic.versions["ket-mood-3x2"])
    return {"protocol_version_id": version, "phase": "induction"}


def test_same_time_and_same_chair_are_wishes_that_stay_typed(
    app: Flask, open_page: Desk, clinic: Clinic
) -> None:
    wishes = {"same_time": ["y"], "same_chair": ["y"]}
    open_page.press(open_page.form("wishes"), "Find plans", **choose_mood(clinic), **wishes)
    assert "Same time every visit" in open_page.text
    assert "Same chair every visit" in open_page.text
    open_page.press(open_page.form("wishes"), "Find plans", count="many")
    assert open_page.form("wishes").values("same_time") == ["y"]
    open_page.press(open_page.form("wishes"), "Find plans", count="")
    open_page.press(open_page.form("wishes"), "Book all six")
    assert "the same time at every visit, the same chair at every visit" in open_page.text


def test_a_way_out_that_only_a_provider_may_take_is_shown_and_books_with_a_reason(
    app: Flask, clinic: Clinic
) -> None:
    """Ten visits, three in seven days, take more than 20 days."""
    with app.app_context():
        provider = Desk(app, add_staff(clinic.organisation_id, "provider"))
    provider.get(f"/series/new?patient_id={clinic.patient_ids[1]}")
    wished = {**choose_mood(clinic), "count": "10", "reason": "As ordered", "ordered_by": "Dr Lee"}
    answer = provider.press(provider.form("wishes"), "Find plans", **wished)
    assert answer.status_code == 200
    assert "No plan keeps every wish" in provider.text
    assert "from first to last" in provider.text
    provider.press(provider.form("wishes"), "Use this and book all ten")
    assert "Ten visits booked" in provider.text


def test_a_late_start_is_explained_when_somebody_asks(
    app: Flask, open_page: Desk, clinic: Clinic
) -> None:
    with app.app_context(), transaction():
        closed = Closure(
            organisation_id=clinic.organisation_id,
            site_id=clinic.site_id,
            starts_at=wall(date(2027, 1, 4), 12),
            ends_at=wall(date(2027, 1, 23), 12),
            reason="Rebuilding",
        )
        db.session.add(closed)
    typed = {**choose_mood(clinic), "earliest_on": "Tue 5 Jan 2027", "wished_start": "9:00 am"}
    open_page.press(open_page.form("wishes"), "Find plans", **typed)
    assert "The soonest plan starts 20 days after the day asked for." in open_page.text
    sooner = next(one for one in open_page.form("wishes").buttons if one.name == "sooner")
    open_page.press(open_page.form("wishes"), sooner)
    assert "Nothing starts before Mon 25 Jan. No chair is open long enough on" in open_page.text
    assert "none starts sooner" in open_page.text
    assert open_page.form("wishes").value("wished_start") == "9:00 am"


def test_how_often_is_chosen_where_the_template_leaves_it_open(
    open_page: Desk, clinic: Clinic
) -> None:
    version = str(clinic.versions["infliximab-0-2-6-q8"])
    chosen = {"protocol_version_id": version, "phase": "maintenance"}
    open_page.press(open_page.form("wishes"), "Find plans", **chosen)
    assert open_page.form("wishes").value("interval") == "8"
    assert "every 4 weeks" in open_page.text
    open_page.press(open_page.form("wishes"), "Find plans", interval="6", wished_start="late")
    assert open_page.form("wishes").value("interval") == "6"
    open_page.press(open_page.form("wishes"), "Find plans", interval="7", wished_start="")
    assert open_page.form("wishes").value("interval") == "8"
    open_page.press(open_page.form("wishes"), "Find plans", **choose_mood(clinic))
    assert "every 4 weeks" not in open_page.text


def test_a_phase_without_an_end_takes_any_number_without_a_reason(
    open_page: Desk, clinic: Clinic
) -> None:
    version = str(clinic.versions["infliximab-0-2-6-q8"])
    chosen = {"protocol_version_id": version, "phase": "maintenance"}
    open_page.press(open_page.form("wishes"), "Find plans", **chosen)
    assert "This phase has no end: more are planned later." in open_page.text
    open_page.press(open_page.form("wishes"), "Find plans", count="1", interval="4")
    assert [one for one in open_page.form("wishes").buttons if one.name == "plan"]
    open_page.press(open_page.form("wishes"), "Find plans", gap_most="100")
    assert "Say why this series differs from its template." in open_page.text


def test_ten_days_in_a_row_are_read_day_by_day(open_page: Desk, clinic: Clinic) -> None:
    version = str(clinic.versions["ket-crps-10d"])
    chosen = {"protocol_version_id": version, "phase": "block"}
    open_page.press(open_page.form("wishes"), "Find plans", **chosen)
    assert "Ten visits on Mondays, Tuesdays, Wednesdays, Thursdays and Fridays." in open_page.text
    open_page.press(open_page.form("wishes"), "Book all ten")
    assert "Ten visits booked for Pat1 Invented." in open_page.text

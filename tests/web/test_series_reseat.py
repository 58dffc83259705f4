"""New series where no chair is free: re-seating is offered by name, and booked only if accepted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.clinic import NOW, Clinic, make_clinic
from tests.desk import Desk

WEEKDAYS = ["0", "2", "4"]


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context():
        return make_clinic(chairs=2, nurses=6, patients=3)


def wishes(clinic: Clinic, starts: str, before: str, chair: str = "") -> dict[str, str | list[str]]:
    return {
        "protocol_version_id": str(clinic.versions["ket-mood-3x2"]),
        "phase": "induction",
        "earliest_on": "11 Jan 2027",
        "latest_on": "22 Jan 2027",
        "weekdays": WEEKDAYS,
        "starts_from": starts,
        "starts_until": before,
        "wished_chair_id": chair,
    }


@pytest.fixture
def full(desk: Desk, clinic: Clinic) -> Desk:
    """Chair 1 is taken from 8:00 am, chair 2 from 10:30 am; the third patient can come at 9:00."""
    taken = (("8:00 am", "8:05 am"), ("10:30 am", "10:35 am"))
    for patient, chair, (starts, before) in zip(
        clinic.patient_ids, clinic.chair_ids, taken, strict=False
    ):
        desk.get(f"/series/new?patient_id={patient}")
        asked = wishes(clinic, starts, before, str(chair))
        desk.press(desk.form("wishes"), "Find plans", **asked)
        desk.press(desk.form("wishes"), "Book all six")
        assert "Six visits booked" in desk.text
    desk.get(f"/series/new?patient_id={clinic.patient_ids[2]}")
    desk.press(desk.form("wishes"), "Find plans", **wishes(clinic, "9:00 am", "9:05 am"))
    return desk


def test_the_way_out_says_how_many_change_chairs_and_books(full: Desk) -> None:
    assert "No plan keeps every wish" in full.text
    assert "Fits after re-seating 6 visits, times unchanged: a plan from Mon 11 Jan" in full.text
    full.press(full.form("wishes"), "Use this and book all six")
    assert "Six visits booked" in full.text


def test_the_key_of_such_a_plan_alone_books_nothing(full: Desk) -> None:
    button = full.form("wishes").button("Use this and book all six")
    button.value = button.value.partition("?")[0]
    answer = full.press(full.form("wishes"), button)
    assert answer.status_code == 409
    assert "Nothing was booked" in full.text
    assert full.form("wishes").value("starts_from") == "9:00 am"


def test_accepted_in_the_form_it_is_a_plan_that_says_so(full: Desk) -> None:
    full.press(full.form("wishes"), "Find plans", reseat="y")
    assert "Other visits change chairs, their times unchanged" in full.text
    assert full.form("wishes").values("reseat") == ["y"]
    full.press(full.form("wishes"), "Book all six")
    assert "Six visits booked" in full.text

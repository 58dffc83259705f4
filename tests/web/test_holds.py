"""Holding a plan by its page: from the plan's card to held, then booked or released."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.clinic import NOW, Clinic, make_clinic
from tests.desk import Desk
from tests.page_forms import forms_on


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context():
        return make_clinic(chairs=1)


@pytest.fixture
def held(desk: Desk, clinic: Clinic) -> Desk:
    """The page of a series that was just held from the first plan's card."""
    desk.get(f"/series/new?patient_id={clinic.patient_ids[0]}")
    form = desk.form("wishes")
    desk.press(form, form.button("Hold 48 hours"))
    return desk


def address_of(desk: Desk, ending: str) -> str:
    """Where the page's form goes that ends so."""
    (address,) = [one.action for one in forms_on(desk.page).values() if one.action.endswith(ending)]
    return address


def test_a_plan_is_held_from_its_card_and_booked_from_the_series_page(held: Desk) -> None:
    assert "Six visits held for Pat1 Invented until " in held.text
    assert "Six visits are held until " in held.text
    assert "Nothing is booked yet." in held.text
    address = address_of(held, "/hold/book")
    held.press(held.form(address), "Book all six now")
    assert "Six visits booked." in held.text
    assert "are held until" not in held.text
    held.get(address.removesuffix("/hold/book"))
    assert "Booked" in held.text


def test_released_times_can_be_held_again_and_a_late_press_books_nothing(
    held: Desk, clinic: Clinic
) -> None:
    page, book = held.page, address_of(held, "/hold/book")
    held.press(held.form(address_of(held, "/hold/release")), "Release")
    assert "Six visits released." in held.text
    held.page = page  # the same page, still open in another window
    held.press(held.form(book), "Book all six now")
    assert "These times are not held any more. Nothing was booked." in held.text
    held.get(f"/series/new?patient_id={clinic.patient_ids[1]}")
    form = held.form("wishes")
    held.press(form, form.button("Hold 48 hours"))
    assert "Six visits held for Pat2 Invented" in held.text

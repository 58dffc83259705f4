"""A patient's phone with a link to their own page; the clinic has booked six visits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from scheduler.services.booking import book
from scheduler.services.own import links
from scheduler.services.proposals import offer
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic
from tests.own_pages import Phone, minted, patient


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def clinic(app: Flask) -> Iterator[Clinic]:
    with app.app_context():
        yield make_clinic()


@pytest.fixture
def visits(clinic: Clinic) -> tuple[int, ...]:
    """Mondays, Wednesdays and Fridays from 11 January 2027; each needs a driver and a fast."""
    key = offer(clinic.query(), clinic.anybody, now=NOW).plans[0].key
    return book(clinic.booking(key), clinic.anybody, now=NOW, policy=AT_ONCE).visit_ids


@pytest.fixture
def phone(app: Flask, visits: tuple[int, ...]) -> Phone:
    """The link of a message about the first visit, in the patient's hands."""
    return Phone(app, minted(links.PAGE, visits[0]))


@pytest.fixture
def opened(phone: Phone, clinic: Clinic) -> Phone:
    """With the birth date given."""
    phone.prove(patient(clinic))
    return phone

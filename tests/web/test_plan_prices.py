"""How plans are chosen: presets and own prices, said in plain words, nonsense refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Site
from scheduler.planning.request import FILL_EARLY, PATIENT_COMFORT, Weights
from scheduler.services import proposals
from scheduler.services.plan_prices import PRICES, weights_of
from scheduler.services.series_request import prepare
from scheduler.transaction import transaction
from scheduler.web.price_words import GROUPS, example
from tests.clinic import NOW, Clinic, make_clinic
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
def desk(app: Flask, clinic: Clinic) -> Desk:
    with app.app_context():
        return Desk(app, add_staff(clinic.organisation_id, "manager"))


def address(clinic: Clinic) -> str:
    return f"/setup/sites/{clinic.site_id}/planning"


def saved(app: Flask, clinic: Clinic) -> Weights:
    with app.app_context():
        return weights_of(db.session.get_one(Site, clinic.site_id))


def test_a_site_fills_early_until_somebody_says_otherwise(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    assert saved(app, clinic) == FILL_EARLY
    assert desk.get(address(clinic)).status_code == 200
    assert desk.form("planning").value("preset") == "fill_early"
    assert "Each day of waiting costs 20 for every visit." in desk.text
    assert "Starting six visits one day later costs 140" in desk.text


def test_a_preset_changes_what_the_planner_compares_by(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    desk.get(address(clinic))
    desk.press(desk.form("planning"), "Save", preset="patient_comfort", day="nonsense")
    assert "what is booked stays" in desk.text
    assert "Patient comfort" in desk.text
    assert saved(app, clinic) == PATIENT_COMFORT
    with app.app_context():
        prepared = prepare(clinic.query(), clinic.anybody, now=NOW)
        assert prepared.request.weights == PATIENT_COMFORT
        assert proposals.offer(clinic.query(), clinic.anybody, now=NOW).plans


def test_own_prices_are_kept_to_the_last_one(app: Flask, desk: Desk, clinic: Clinic) -> None:
    own = Weights(early=1, day=2, gap=3, time=4, chair=5, frag=6, set=7, stagger=8, prime=9)
    typed = {name: str(price) for name, price in vars(own).items()}
    desk.get(address(clinic))
    desk.press(desk.form("planning"), "Save", preset="own", **typed)
    assert saved(app, clinic) == own
    desk.get(address(clinic))
    assert {name: desk.form("planning").value(name) for name in typed} == typed


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("day", "-1", "From 0 to 1,000."),
        ("time", "99999", "From 0 to 1,000."),
        ("gap", "2.5", "Write a whole number."),
        ("early", "", "Say a price; 0 means that it does not count."),
        ("preset", "cheapest", "Choose one of these."),
    ],
)
def test_nonsense_is_refused_at_its_field_and_kept(
    desk: Desk, app: Flask, clinic: Clinic, name: str, typed: str, said: str
) -> None:
    desk.get(address(clinic))
    sent = {"preset": "own", "chair": "77", name: typed}
    assert desk.press(desk.form("planning"), "Save", **sent).status_code == 422
    assert said in desk.text
    assert desk.form("planning").value("chair") == "77"
    if name != "preset":
        assert desk.form("planning").value(name) == typed
    assert saved(app, clinic) == FILL_EARLY


def test_prices_that_are_all_nothing_say_nothing(desk: Desk, app: Flask, clinic: Clinic) -> None:
    desk.get(address(clinic))
    nothing = dict.fromkeys(vars(FILL_EARLY), "0")
    assert desk.press(desk.form("planning"), "Save", preset="own", **nothing).status_code == 422
    assert "then every plan is as good as any other" in desk.text
    assert saved(app, clinic) == FILL_EARLY


def test_a_change_of_somebody_else_is_shown_before_it_is_replaced(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    desk.get(address(clinic))
    form = desk.form("planning")
    with app.app_context(), transaction():
        site = db.session.get_one(Site, clinic.site_id)
        site.preset, site.version = "patient_comfort", site.version + 1
    assert desk.press(form, "Save", preset="own", day="30").status_code == 409
    assert "Someone changed this before you." in desk.text
    assert desk.press(desk.form("planning"), "Save").status_code == 200
    assert saved(app, clinic).day == 30


def test_every_price_of_the_formula_has_its_words() -> None:
    named = [name for _, group in GROUPS for name in group]
    assert sorted(named) == sorted(PRICES)


def test_an_example_says_what_a_day_of_waiting_is_worth() -> None:
    assert example(FILL_EARLY) == (
        "Starting six visits one day later costs 140, as much as every visit 3 h 53 off the wished"
        " time."
    )
    assert "every visit 23 minutes off" in example(PATIENT_COMFORT)
    assert example(Weights(early=0, day=0)).startswith("Waiting costs nothing")
    assert example(Weights(time=0)).endswith("the time of day costs nothing.")

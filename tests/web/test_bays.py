"""Recovery bays on the pages: where a visit goes on is said, and no start is offered in one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask

from scheduler.services import chairs
from scheduler.transaction import transaction
from tests.desk import Desk, add_staff
from tests.factories import MOOD, make_actor, make_chair, make_clinic, make_visit

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 13, tzinfo=UTC)
RECOVERS_IN_A_BAY = replace(
    MOOD, parts=tuple(replace(part, bay=part.name == "recovery") for part in MOOD.parts)
)


@dataclass(frozen=True, kw_only=True)
class Clinic:
    organisation_id: int
    site_id: int
    patient_id: int
    visit_id: int


@pytest.fixture(autouse=True)
def monday_at_eight() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """A visit on Chair 1 at 10:00 am that goes on in Bay 1 at 10:55."""
    with app.app_context(), transaction():
        site = make_clinic(chairs=1)
        (chair,) = chairs.of_site(site.id, make_actor(site.organisation_id))
        bay = make_chair(site, "Bay 1", kind="bay")
        row = make_visit(site, chair, MON, "10:00", shape=RECOVERS_IN_A_BAY, bay_id=bay.id)
        return Clinic(
            organisation_id=site.organisation_id,
            site_id=site.id,
            patient_id=row.patient_id,
            visit_id=row.id,
        )


def test_every_page_of_a_visit_says_where_it_goes_on(desk: Desk, clinic: Clinic) -> None:
    pages = ("/?view=table", f"/?visit={clinic.visit_id}", f"/patients/{clinic.patient_id}")
    for url in (*pages, f"/visits/{clinic.visit_id}", f"/visits/{clinic.visit_id}/move"):
        desk.get(url)
        assert "Chair 1, then Bay 1" in desk.text, url
    desk.get(f"/visits/{clinic.visit_id}")
    told = "In the chair 10:00 am, Chair 1 In the bay 10:55 am, Bay 1 Leaves 11:30 am"
    assert f"{told} Chair free 11:10 am Bay free 11:45 am" in desk.text


def test_no_visit_is_offered_a_start_in_a_bay(desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/series/new?patient_id={clinic.patient_id}")
    assert "Bay 1" not in desk.page
    desk.get(f"/visits/{clinic.visit_id}/move")
    assert ">Chair 1</option>" in desk.page
    assert ">Bay 1</option>" not in desk.page


def test_the_list_of_chairs_says_what_a_bay_is_for(app: Flask, clinic: Clinic) -> None:
    with app.app_context():
        manager = Desk(app, add_staff(clinic.organisation_id, "manager"))
    manager.get(f"/setup/sites/{clinic.site_id}/chairs")
    assert "1 chair, 1 recovery bay at Main Street" in manager.text
    assert "Recovery bay for recovery only" in manager.text

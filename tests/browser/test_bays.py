"""A visit that goes on in a recovery bay, on the board: two blocks, one visit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from scheduler.services import chairs
from scheduler.transaction import transaction
from tests.browser.conftest import LiveServer
from tests.browser_desk import sign_in, wrong_with
from tests.factories import MOOD, make_actor, make_chair, make_clinic, make_patient, make_visit

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 15, 42, tzinfo=UTC)
RECOVERS_IN_A_BAY = replace(
    MOOD, parts=tuple(replace(part, bay=part.name == "recovery") for part in MOOD.parts)
)


@dataclass(frozen=True, kw_only=True)
class Clinic:
    organisation_id: int
    odette: int  # Chair 1 at 10:00 am, in the bay from 10:55
    silas: int  # Chair 1 at 11:10 am


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(live_server: LiveServer) -> Clinic:
    with live_server.app.app_context(), transaction():
        site = make_clinic(chairs=2)
        one, _ = chairs.of_site(site.id, make_actor(site.organisation_id))
        bay = make_chair(site, "Bay 1", kind="bay")
        odette, silas = make_patient(site, "Odette Varga"), make_patient(site, "Silas Whitcombe")
        shape = RECOVERS_IN_A_BAY
        first = make_visit(site, one, MON, "10:00", patient=odette, shape=shape, bay_id=bay.id)
        second = make_visit(site, one, MON, "11:10", patient=silas, shape=shape)
        return Clinic(organisation_id=site.organisation_id, odette=first.id, silas=second.id)


def test_both_blocks_of_a_visit_are_told_and_chosen_as_one(
    page: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    page.clock.set_fixed_time(NOW)
    sign_in(page, live_server.app, clinic.organisation_id)
    page.goto("/")
    blocks = page.locator(f'.ec-event[data-visit="{clinic.odette}"]')
    expect(blocks).to_have_count(2)
    expect(page.locator(f'.ec-event[data-visit="{clinic.silas}"]')).to_have_count(1)
    chair, bay = blocks.and_(page.locator(":not(.is-bay)")), blocks.and_(page.locator(".is-bay"))
    expect(chair).to_contain_text("then Bay 1")
    expect(bay).to_contain_text("10:55 · from Chair 1")
    expect(bay.get_by_role("button")).to_contain_text("Odette Varga")
    bay.get_by_role("button").click()
    expect(page.locator("#panel")).to_contain_text("Chair 1, then Bay 1 from 10:00 am")
    for block in (chair, bay):
        expect(block).to_have_class(re.compile("is-picked"))
    assert wrong_with(page, "/") == []
    page.goto(f"/visits/{clinic.odette}")
    expect(page.get_by_role("main")).to_contain_text("10:55 am, Bay 1")

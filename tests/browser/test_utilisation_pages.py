"""Utilisation in a real browser: from a figure to its visits and back, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from scheduler.services import chairs, csv_text
from scheduler.transaction import transaction
from tests.browser.conftest import LiveServer
from tests.browser_desk import sign_in, wrong_with
from tests.factories import make_actor, make_clinic, make_patient, make_visit

MON = date(2027, 1, 4)
NOW = datetime(2027, 1, 11, 15, 42, tzinfo=UTC)
PAGE = "/reports/utilisation"


@pytest.fixture(autouse=True)
def next_monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def manager(page: Page, live_server: LiveServer) -> Page:
    """Two chairs, and on Monday of last week three visits."""
    with live_server.app.app_context(), transaction():
        site = make_clinic(chairs=2)
        organisation_id = site.organisation_id
        one, two = chairs.of_site(site.id, make_actor(organisation_id))
        make_visit(site, one, MON, "09:00", patient=make_patient(site, "Ida Holm"))
        make_visit(site, one, MON, "13:00", state="no_show")
        make_visit(site, two, MON + timedelta(days=1), "16:00")
    sign_in(page, live_server.app, organisation_id)
    page.goto(PAGE)
    return page


def test_the_pages_are_open_to_everybody_s_eyes_and_fit_a_phone(manager: Page) -> None:
    urls = (
        PAGE, f"{PAGE}?period=13-weeks", f"{PAGE}?first_on=2027-01-09&last_on=2027-01-10",
        f"{PAGE}/visits", f"{PAGE}/visits?weekday=6",
    )  # fmt: skip
    found = [wrong for url in urls for wrong in wrong_with(manager, url)]
    assert found == []


def test_a_cell_opens_its_visits_and_the_way_back_keeps_the_period(manager: Page) -> None:
    manager.get_by_role("link", name="4 weeks", exact=True).click()
    manager.get_by_role("link", name=re.compile("^Monday 9 am: ")).click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("Booked: 1 visit, 60 minutes")
    expect(manager.get_by_role("link", name="Ida Holm")).to_be_visible()
    manager.get_by_label("Where this is").get_by_role("link", name="Utilisation").click()
    expect(manager.get_by_role("link", name="4 weeks", exact=True)).to_have_attribute(
        "aria-current", "true"
    )


def test_an_own_period_is_typed_and_sent_with_the_keyboard_alone(manager: Page) -> None:
    manager.get_by_label("From", exact=True).fill("5 Jan 2027")
    manager.get_by_label("To", exact=True).fill("1/6/2027")
    manager.keyboard.press("Enter")
    expect(manager.get_by_text("Tue 5 to Wed 6 Jan 2027.")).to_be_visible()
    expect(manager.get_by_label("From", exact=True)).to_have_value("Tue 5 Jan 2027")


def test_the_export_arrives_as_a_file_twice_in_a_row(manager: Page) -> None:
    for _ in range(2):
        with manager.expect_download() as coming:
            manager.get_by_role("link", name="Export").click()
        text = coming.value.path().read_bytes().decode("utf-8")
        assert csv_text.read(text)[0][0] == "Date"
        assert coming.value.suggested_filename == "chair-days-2027-01-04-to-2027-01-10.csv"

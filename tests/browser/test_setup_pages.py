"""Setup in a real browser: by mouse and by keyboard, in both themes, on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Closure, OpeningHours
from scheduler.web.forms.wall import day_text
from tests.browser.conftest import LiveServer
from tests.browser_axe import violations
from tests.browser_desk import SmallClinic, fill, sign_in, wrong_with


@pytest.fixture
def clinic(live_server: LiveServer) -> SmallClinic:
    return fill(live_server.app)


@pytest.fixture
def manager(page: Page, live_server: LiveServer, clinic: SmallClinic) -> Page:
    sign_in(page, live_server.app, clinic.organisation_id)
    return page


def test_setup_is_open_to_everybody_s_eyes_and_hands(manager: Page, clinic: SmallClinic) -> None:
    site = f"/setup/sites/{clinic.site_id}"
    pages = [
        "/setup", f"{site}/edit", f"{site}/chairs", f"{site}/chairs/new", f"{site}/hours",
        f"{site}/cover", f"{site}/closures", f"{site}/closures/new", f"{site}/providers",
        f"{site}/staff", f"{site}/staff/new", f"{site}/equipment", f"{site}/equipment/edit",
        f"{site}/equipment/out", f"{site}/limits", f"{site}/duty?on={clinic.visit_on}",
        f"/setup/chairs/{clinic.chair_id}/edit", f"{site}/texts", f"{site}/texts/es/r4",
    ]  # fmt: skip
    assert [wrong for url in pages for wrong in wrong_with(manager, url)] == []


def test_a_row_of_hours_is_added_with_the_keyboard_alone(
    manager: Page, live_server: LiveServer, clinic: SmallClinic
) -> None:
    manager.goto(f"/setup/sites/{clinic.site_id}/hours")
    more = manager.get_by_role("button", name="Add hours")
    more.focus()
    manager.keyboard.press("Enter")
    sunday = manager.locator("[data-row]").nth(2).get_by_role("checkbox", name="Sunday")
    expect(
        manager.locator("[data-row]").nth(2).get_by_role("checkbox", name="Monday")
    ).to_be_focused()
    sunday.focus()
    manager.keyboard.press("Space")
    manager.keyboard.press("Tab")
    manager.keyboard.type("10 am")
    manager.keyboard.press("Tab")
    manager.keyboard.type("2 pm")
    manager.keyboard.press("Control+Enter")
    expect(manager.get_by_text("Sun 10:00 am to 2:00 pm")).to_be_visible()
    with live_server.app.app_context():
        assert 6 in set(db.session.scalars(select(OpeningHours.weekday)))


def test_a_removed_row_of_hours_is_gone_after_saving(manager: Page, clinic: SmallClinic) -> None:
    manager.goto(f"/setup/sites/{clinic.site_id}/hours")
    manager.get_by_role("button", name="Remove this row").nth(1).click()
    manager.get_by_role("button", name="Save").click()
    expect(manager.get_by_text("Mon to Fri 8:00 am to 5:00 pm").first).to_be_visible()
    expect(manager.get_by_text("Sat 9:00 am")).to_have_count(0)


def test_closing_a_day_with_a_visit_asks_by_name_and_then_does_it(
    manager: Page, live_server: LiveServer, clinic: SmallClinic
) -> None:
    manager.goto(f"/setup/sites/{clinic.site_id}/closures/new")
    manager.get_by_role("textbox", name="From").fill(day_text(clinic.visit_on))
    manager.get_by_role("textbox", name="Reason").fill("Snow")
    manager.get_by_role("button", name="Close", exact=True).click()
    question = manager.get_by_role("alert").filter(has_text="1 booked visit would be left")
    expect(question).to_be_focused()
    expect(question.get_by_role("link", name="Odette Varga")).to_be_visible()
    manager.get_by_role("button", name="Close it, leave the visits for a call").click()
    expect(manager.get_by_text("1 visit stays booked.")).to_be_visible()
    with live_server.app.app_context():
        assert db.session.scalars(select(Closure)).one().reason == "Snow"


def test_a_day_without_a_provider_is_seen_and_a_shift_fills_it(
    manager: Page, clinic: SmallClinic
) -> None:
    manager.goto(f"/setup/sites/{clinic.site_id}/duty?on={clinic.visit_on}")
    manager.get_by_role("link", name="Add absence").click()
    manager.get_by_role("combobox", name="Role").select_option(label="Provider")
    manager.get_by_role("textbox", name="How many").fill("2")
    manager.get_by_role("textbox", name="Who").fill("Both providers")
    manager.get_by_role("button", name="Save", exact=True).click()
    question = manager.get_by_role("alert").filter(has_text="would have no provider on site.")
    expect(question).to_be_focused()
    manager.get_by_role("button", name="Save, leave the visits for a call").click()
    expect(manager.get_by_text("1 needed, 0 there.")).to_be_visible()
    assert violations(manager) == []
    manager.get_by_role("link", name="Add a shift for it").click()
    manager.get_by_role("textbox", name="Who").fill("Dr. Ash")
    manager.get_by_role("button", name="Save", exact=True).click()
    expect(manager.get_by_text("Most 1 of 1 at 9:00 am").first).to_be_visible()
    expect(manager.get_by_text("0 there.")).to_have_count(0)


def test_an_error_takes_the_focus_and_leads_to_its_field(
    manager: Page, clinic: SmallClinic
) -> None:
    manager.goto(f"/setup/sites/{clinic.site_id}/edit")
    manager.get_by_role("combobox", name="Time zone").fill("New York")
    manager.get_by_role("button", name="Save").click()
    summary = manager.get_by_role("alert").filter(has_text="1 field needs you.")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Time zone").click()
    field = manager.get_by_role("combobox", name="Time zone")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("Did you mean America/New_York"))

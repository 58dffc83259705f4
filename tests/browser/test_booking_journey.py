"""From a name on the phone to six booked visits, by mouse, by keyboard and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_playwright.pytest_playwright import CreateContextCallback
from sqlalchemy import func, select

from scheduler.extensions import db
from scheduler.models import Patient, Visit
from scheduler.transaction import transaction
from tests.browser.conftest import LiveServer
from tests.browser_axe import violations
from tests.browser_desk import set_theme, sideways, sign_in, wrong_with
from tests.clinic import Clinic, make_clinic

MOOD = "Ketamine IV mood series, 3 a week (v1)"


@pytest.fixture
def clinic(live_server: LiveServer) -> Clinic:
    """Odette Varga comes on Mondays, Wednesdays and Fridays."""
    with live_server.app.app_context():
        made = make_clinic(chairs=3, nurses=3)
        with transaction():
            patient = db.session.get_one(Patient, made.patient_ids[0])
            patient.first_name, patient.last_name = "Odette", "Varga"
            patient.find_text, patient.weekdays = "odette varga 5550142", [0, 2, 4]
        return made


@pytest.fixture
def desk(page: Page, live_server: LiveServer, clinic: Clinic) -> Page:
    sign_in(page, live_server.app, clinic.organisation_id, "desk")
    return page


@pytest.fixture
def loads(desk: Page) -> list[str]:
    """Pages loaded after sign-in; parts that htmx fetches are none."""
    seen: list[str] = []
    desk.on("load", lambda page: seen.append(page.url))
    return seen


@pytest.fixture
def planned(desk: Page, clinic: Clinic) -> Page:
    """The page with patient and template chosen and three plans shown."""
    desk.goto(f"/series/new?patient_id={clinic.patient_ids[0]}")
    desk.get_by_label("Series template").select_option(label=MOOD)
    expect(desk.locator("#plans.is-stale")).to_have_count(0)
    expect(desk.get_by_text("at most 3 in any 7 days")).to_be_visible()
    expect(desk.get_by_role("button", name="Book all six")).to_have_count(3)
    return desk


def visits(live_server: LiveServer) -> int:
    with live_server.app.app_context():
        return db.session.scalar(select(func.count(Visit.id))) or 0


def test_by_mouse_a_series_is_booked_in_at_most_five_pages(
    desk: Page, loads: list[str], live_server: LiveServer
) -> None:
    desk.get_by_role("link", name="New series").click()
    desk.wait_for_url("**/series/new")
    desk.get_by_label("Patient", exact=True).press_sequentially("odette")
    desk.get_by_role("button", name=re.compile("Odette Varga")).click()
    desk.get_by_role("button", name="Change patient").wait_for()
    desk.wait_for_load_state()
    desk.get_by_label("Series template").select_option(label=MOOD)
    expect(desk.get_by_text("at most 3 in any 7 days")).to_be_visible()
    desk.get_by_role("button", name="Book all six").first.click()
    expect(desk.get_by_text("Six visits booked for Odette Varga.")).to_be_visible()
    expect(
        desk.get_by_role("region", name="Visits of this series").get_by_role("row")
    ).to_have_count(7)
    assert len(loads) <= 5, loads
    assert visits(live_server) == 6


def test_by_keyboard_alone(desk: Page, live_server: LiveServer) -> None:
    keys = desk.keyboard
    keys.press("n")
    expect(desk.get_by_label("Patient", exact=True)).to_be_focused()
    desk.wait_for_load_state()
    keys.type("odette")
    expect(desk.get_by_role("button", name=re.compile("Odette Varga"))).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(desk.get_by_role("heading", name="Three plans that work")).to_be_visible()
    desk.wait_for_load_state()
    expect(desk.locator("#plans.is-stale")).to_have_count(0)
    keys.press("2")
    expect(desk.locator("[data-book='2']")).to_be_focused()
    chosen = desk.locator(".ct-plan.is-best h3")
    expect(chosen).to_have_count(1)
    keys.press("Enter")
    expect(desk.get_by_text(re.compile("visits booked for Odette Varga."))).to_be_visible()
    assert visits(live_server) > 1


def test_without_script_the_same_page_books(
    new_context: CreateContextCallback, live_server: LiveServer, clinic: Clinic
) -> None:
    plain = new_context(base_url=live_server.url, java_script_enabled=False).new_page()
    sign_in(plain, live_server.app, clinic.organisation_id, "provider")
    plain.goto("/series/new")
    plain.get_by_label("Patient", exact=True).fill("odette")
    plain.get_by_role("button", name="Find", exact=True).click()
    plain.get_by_label("Series template").select_option(label=MOOD)
    plain.get_by_role("button", name="Find plans").click()
    plain.get_by_role("button", name="Book all six").nth(1).click()
    expect(plain.get_by_text("Six visits booked for Odette Varga.")).to_be_visible()
    assert visits(live_server) == 6


def test_every_change_plans_anew_and_keeps_the_place_in_the_form(planned: Page) -> None:
    first = planned.locator("#plan-1-title")
    before = first.inner_text()
    wished = planned.get_by_label("Best at about")
    wished.press_sequentially("2:00 pm")
    expect(first).not_to_have_text(before)
    expect(first).to_contain_text("2:00 pm")
    expect(wished).to_be_focused()
    expect(wished).to_have_value("2:00 pm")
    expect(planned.locator("#plans-said")).to_contain_text("3 plans")


def test_what_cannot_be_read_is_said_at_its_field_until_it_is_right(planned: Page) -> None:
    wished = planned.get_by_label("Best at about")
    wished.fill("half nine")
    said = planned.locator("#wished_start-wrong")
    expect(said).to_have_text("Write a time like 8:50 am.")
    expect(wished).to_have_attribute("aria-invalid", "true")
    expect(wished).to_have_value("half nine")
    assert violations(planned) == []
    wished.fill("9:30 am")
    expect(said).to_have_count(0)
    expect(planned.get_by_role("button", name="Book all six")).to_have_count(3)


def test_a_template_brings_its_own_phases_and_numbers(planned: Page) -> None:
    planned.get_by_label("Series template").select_option(label="Infliximab (v1)")
    expect(planned.get_by_role("button", name="Book all three").first).to_be_visible()


def test_a_double_click_books_once(planned: Page, live_server: LiveServer) -> None:
    planned.get_by_role("button", name="Book all six").first.dblclick(no_wait_after=True)
    expect(planned.get_by_text("Six visits booked for Odette Varga.")).to_be_visible()
    assert visits(live_server) == 6


def test_no_plan_shows_what_stops_it_and_books_the_way_out(
    planned: Page, live_server: LiveServer
) -> None:
    planned.get_by_label("Start between").fill("5:30 pm")
    expect(planned.get_by_role("heading", name="No plan keeps every wish")).to_be_visible()
    expect(planned.get_by_text("What stops it").first).to_be_visible()
    for theme in ("light", "dark"):
        set_theme(planned, theme)
        assert violations(planned) == []
    planned.get_by_role("button", name="Use this and book all six").click()
    expect(planned.get_by_text("Six visits booked for Odette Varga.")).to_be_visible()
    assert visits(live_server) == 6


def test_the_pages_are_open_to_everybody_s_eyes_and_fit_a_phone(planned: Page) -> None:
    for theme in ("light", "dark"):
        set_theme(planned, theme)
        assert violations(planned) == []
    assert sideways(planned) <= 0
    planned.get_by_role("button", name="Book all six").first.click()
    planned.get_by_text("Six visits booked").wait_for()
    series = re.sub(r"^https?://[^/]+", "", planned.url)
    found = [*wrong_with(planned, series), *wrong_with(planned, f"{series}/cancel")]
    planned.goto(series)
    visit = planned.get_by_role("link", name="Session 1", exact=True).get_attribute("href") or ""
    for page in ("", "/move", "/cancel"):
        found += wrong_with(planned, visit + page)
    assert found == []


def test_a_visit_is_moved_by_keyboard_with_its_effect_seen_first(planned: Page) -> None:
    planned.get_by_role("button", name="Book all six").first.click()
    planned.get_by_text("Six visits booked").wait_for()
    planned.get_by_role("link", name="Session 6", exact=True).focus()
    planned.keyboard.press("m")
    expect(planned.get_by_role("heading", name="Move session 6")).to_be_visible()
    planned.wait_for_load_state()
    planned.get_by_label("At", exact=True).fill("11:00 am")
    expect(planned.get_by_text("This works.")).to_be_visible()
    expect(planned.get_by_role("row").filter(has_text="11:00 am")).to_have_count(1)
    assert violations(planned) == []
    planned.get_by_label("At", exact=True).press("Control+Enter")
    expect(planned.get_by_text("Moved to")).to_be_visible()


def test_cancelling_asks_in_a_dialog_and_gives_the_focus_back(
    planned: Page, live_server: LiveServer
) -> None:
    planned.get_by_role("button", name="Book all six").first.click()
    planned.get_by_text("Six visits booked").wait_for()
    planned.wait_for_load_state()  # before its script is there, the link is an ordinary one
    opener = planned.get_by_role("link", name="Cancel series")
    opener.focus()
    planned.keyboard.press("Enter")
    dialog = planned.get_by_role("dialog", name="Cancel this series")
    expect(dialog).to_be_visible()
    assert violations(planned) == []
    planned.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_label("Patient asked").check()
    dialog.get_by_role("button", name="Cancel all six visits ahead").click()
    expect(planned.get_by_text("Six visits are cancelled.")).to_be_visible()

"""Patients in a real browser: find as you type, add by keyboard, both themes, a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LiveServer
from tests.browser_desk import SmallClinic, fill, sign_in, wrong_with


@pytest.fixture
def clinic(live_server: LiveServer) -> SmallClinic:
    return fill(live_server.app)


@pytest.fixture
def desk(page: Page, live_server: LiveServer, clinic: SmallClinic) -> Page:
    sign_in(page, live_server.app, clinic.organisation_id, "desk")
    return page


def test_patients_pages_are_open_to_everybody_s_eyes_and_hands(
    desk: Page, clinic: SmallClinic
) -> None:
    one = f"/patients/{clinic.patient_id}"
    pages = ["/patients", one, f"{one}/edit", "/patients/new", f"{one}/clearances/new"]
    assert [wrong for url in pages for wrong in wrong_with(desk, url)] == []


def test_a_slash_and_a_few_letters_lead_to_the_patient(desk: Page, clinic: SmallClinic) -> None:
    desk.goto("/patients")
    desk.keyboard.press("/")
    expect(desk.get_by_label("Find patient by name, phone or birth date")).to_be_focused()
    desk.keyboard.type("oneil")
    expect(desk.locator("#found a")).to_have_text(re.compile("Zo\u00eb O'Neill"))
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Zo\u00eb O'Neill")


def test_escape_closes_what_was_found_and_keeps_the_place(desk: Page, clinic: SmallClinic) -> None:
    desk.goto("/patients")
    box = desk.get_by_label("Find patient by name, phone or birth date")
    box.fill("varga")
    expect(desk.locator("#found a")).to_have_count(1)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Escape")
    expect(desk.locator("#found a")).to_have_count(0)
    expect(box).to_be_focused()


def test_the_list_follows_what_one_types(desk: Page, clinic: SmallClinic) -> None:
    desk.goto("/patients")
    desk.get_by_role("textbox", name="Name, phone or birth date", exact=True).fill("var")
    expect(desk.locator("#rows tbody tr")).to_have_count(1)
    expect(desk).to_have_url(re.compile("/patients$"))


def test_a_patient_is_added_with_the_keyboard_and_a_look_alike_is_asked_about(
    desk: Page, clinic: SmallClinic
) -> None:
    desk.goto(f"/patients/{clinic.patient_id}")
    born = (
        desk.get_by_text(re.compile("Born .*555")).inner_text().split(",")[0].removeprefix("Born ")
    )
    desk.goto("/patients/new")
    expect(desk.get_by_label("First name")).to_be_focused()
    desk.keyboard.type("Odete")
    desk.keyboard.press("Tab")
    desk.keyboard.type("Varga")
    desk.keyboard.press("Tab")
    desk.keyboard.type(born)
    desk.get_by_role("textbox", name="E-mail").fill("other@mail.example")
    desk.keyboard.press("Control+Enter")
    question = desk.get_by_role("alert").filter(has_text="Somebody like this is here already.")
    expect(question).to_be_focused()
    question.get_by_role("button", name="save anyway").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Odete Varga")


def test_days_away_are_picked_from_a_calendar_or_typed(desk: Page, clinic: SmallClinic) -> None:
    desk.goto(f"/patients/{clinic.patient_id}/edit")
    desk.get_by_role("button", name="Add days away").click()
    row = desk.locator("#away [data-row]")
    expect(row.get_by_role("textbox", name="From")).to_be_focused()
    row.locator("input[type=date]").first.evaluate(
        "one => { one.value = '2031-02-03'; one.dispatchEvent(new Event('change')); }"
    )
    expect(row.get_by_role("textbox", name="From")).to_have_value("Mon 3 Feb 2031")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("Mon 3 Feb 2031")).to_be_visible()


def test_a_form_is_sent_once_however_often_its_button_is_pressed(
    desk: Page, clinic: SmallClinic
) -> None:
    desk.goto(f"/patients/{clinic.patient_id}/edit")
    pressed = desk.get_by_role("button", name="Save")
    sent: list[str] = []
    desk.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    pressed.dblclick()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Odette Varga")
    assert len(sent) == 1

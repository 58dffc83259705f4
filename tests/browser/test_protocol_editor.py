"""The template editor with script: dates while one types, by mouse and by keyboard (screen 05)."""

from __future__ import annotations

import re
from datetime import time

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from scheduler.services import protocols
from scheduler.transaction import transaction
from tests.browser.conftest import LiveServer
from tests.browser_axe import violations
from tests.desk import PASSWORD, add_staff
from tests.factories import LONG_AGO, make_actor, make_clinic, make_hours

EDITOR = "/protocols/1"


@pytest.fixture
def manager(live_server: LiveServer, page: Page) -> Page:
    """Signed in, on the editor of the Mood series, which is in use; first day Wed 6 Jan 2027."""
    with live_server.app.test_request_context():
        with transaction():
            site = make_clinic()
            make_hours(site, time(9), time(13), (5,))
            organisation_id = site.organisation_id
        email = add_staff(organisation_id, "manager", "Dana Reyes")
        actor = make_actor(organisation_id, "manager")
        made = protocols.create_from_library("ket-mood-3x2", actor, now=LONG_AGO)
        provider = make_actor(organisation_id, "provider", name="Dr Achter")
        protocols.submit(made.protocol_id, 1, actor, now=LONG_AGO)
        protocols.approve(made.protocol_id, 1, provider, now=LONG_AGO)
    page.goto(f"/login?next={EDITOR}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    page.get_by_role("textbox", name="First day").fill("Wed 6 Jan 2027")
    page.get_by_role("textbox", name="First day").press("Tab")
    expect(page.get_by_role("heading", name="January 2027")).to_be_visible()
    return page


def test_what_was_typed_before_the_script_ran_is_previewed(manager: Page) -> None:
    held: list[Route] = []
    manager.route("**/protocol-editor.js*", lambda route: held.append(route))
    manager.goto(EDITOR, wait_until="commit")
    manager.get_by_role("textbox", name="First day").fill("Mon 1 Feb 2027")
    expect(manager.get_by_role("tablist")).to_have_count(0)
    held[0].continue_()
    expect(manager.get_by_role("heading", name="February 2027")).to_be_visible()


def phase(page: Page, name: str = "induction") -> Locator:
    return page.locator(f"#phase-{name}")


def visit_days(page: Page) -> list[str]:
    return page.locator("#preview td.is-visit:not(.is-odd)").all_inner_texts()


def test_dates_follow_what_is_typed(manager: Page) -> None:
    assert visit_days(manager) == ["6\n1", "8\n2", "11\n3", "13\n4", "15\n5", "18\n6"]
    phase(manager).get_by_label("Visits", exact=True).fill("4")
    expect(manager.locator("#preview .ct-legend")).to_contain_text("1 to 4 induction, 7 days")
    assert visit_days(manager) == ["6\n1", "8\n2", "11\n3", "13\n4"]
    manager.get_by_label("No food before").fill("6")
    expect(manager.locator("#preview")).to_contain_text(
        "9:00 visits now stop food at 3:00 am; v1 said 5:00 am"
    )


def test_the_preview_turns_into_the_reason_and_marks_the_field(manager: Page) -> None:
    manager.get_by_text("Limits, reviews, missed visits, renewal").first.click()
    within = phase(manager).get_by_label("Whole phase within")
    within.fill("9")
    expect(manager.locator("#preview")).to_contain_text("cannot fit in 9 days")
    expect(within).to_have_attribute("aria-invalid", "true")
    expect(manager.locator("#rules-step")).to_have_text("Rules: no plan is possible yet")
    within.fill("20")
    expect(within).not_to_have_attribute("aria-invalid", "true")
    expect(manager.get_by_role("heading", name="January 2027")).to_be_visible()


def test_a_wrong_figure_is_marked_while_one_types_and_nothing_is_lost(manager: Page) -> None:
    least = phase(manager).get_by_label("Least", exact=True)
    least.fill("nine")
    expect(manager.locator("#preview")).to_contain_text("when the marked field is right")
    expect(least).to_have_class(re.compile("is-invalid"))
    expect(least).to_have_value("nine")
    manager.get_by_role("button", name="Save as version 2").first.click()
    expect(manager.get_by_role("alert")).to_contain_text("What you typed is kept.")
    expect(least).to_have_value("nine")


def test_a_phase_is_added_given_a_pattern_ordered_and_saved_by_mouse(manager: Page) -> None:
    manager.get_by_role("button", name="Add phase").click()
    name = manager.locator("#phases-phase-1-title")
    expect(name).to_be_focused()
    name.fill("Daily block")
    manager.locator("#phases-phase-1-schedule-type").select_option("daily_run")
    expect(manager.get_by_label("Days in a row")).to_have_value("4")
    expect(name).to_have_value("Daily block")
    manager.get_by_role("button", name="Move this phase earlier").click()
    expect(manager.get_by_role("tab", name=re.compile("3 Daily block"))).to_be_focused()
    manager.get_by_role("button", name="Save as version 2").first.click()
    expect(manager.get_by_text("Version 2 is a draft.").first).to_be_visible()
    tabs = manager.get_by_role("tab")
    expect(tabs).to_have_count(4)  # the page's script makes them
    words = [text.split(" ")[1] for text in tabs.all_inner_texts()]
    assert words == ["Induction", "Taper", "Daily", "Booster"]


def test_bars_and_totals_follow_the_minutes(manager: Page) -> None:
    block = manager.locator("[data-profile]").nth(1)
    expect(block.locator("[data-totals]")).to_have_text("patient 1 h 40, chair 1 h 45")
    block.get_by_label("Infusion minutes", exact=True).fill("60")
    expect(block.locator("[data-totals]")).to_have_text("patient 2 h, chair 2 h 05")
    expect(block.locator("[data-bar] svg")).to_have_attribute(
        "aria-label", re.compile("Infusion 60 minutes")
    )


def test_phases_are_walked_by_the_arrow_keys(manager: Page) -> None:
    manager.get_by_role("tab", name=re.compile("1 Induction")).focus()
    manager.keyboard.press("ArrowRight")
    expect(manager.get_by_role("tab", name=re.compile("2 Taper"))).to_be_focused()
    expect(manager.locator("#phase-taper")).to_be_visible()
    expect(manager.locator("#phase-induction")).to_be_hidden()
    manager.keyboard.press("ArrowLeft")
    expect(manager.locator("#phase-induction")).to_be_visible()


def test_a_change_is_saved_by_keyboard_alone(manager: Page) -> None:
    manager.get_by_label("No drinks before").focus()
    manager.keyboard.press("Control+A")
    manager.keyboard.type("1.5")
    manager.keyboard.press("Enter")
    expect(manager.get_by_text("Version 2 is a draft.").first).to_be_visible()
    expect(manager.get_by_label("No drinks before")).to_have_value("1.5")
    expect(manager.locator("#prep-limit_fluids-was")).to_contain_text("2")


def test_an_error_in_another_phase_is_one_click_away(manager: Page) -> None:
    manager.get_by_role("tab", name=re.compile("2 Taper")).click()
    manager.locator("#phases-taper-schedule-gap-target").fill("99")
    manager.get_by_role("tab", name=re.compile("1 Induction")).click()
    manager.get_by_role("button", name="Save as version 2").first.click()
    alert = manager.get_by_role("alert")
    expect(alert).to_be_visible()
    alert.get_by_role("link").first.click()
    expect(manager.locator("#phase-taper")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_open_to_everybody(manager: Page, scheme: str) -> None:
    manager.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for details in manager.locator("#fields details").all():
        details.evaluate("one => one.open = true")
    assert violations(manager) == []
    for url in ("/protocols/", "/protocols/new", "/protocols/1/versions/1"):
        manager.goto(url)
        assert violations(manager) == []


def test_a_phone_shows_every_page_without_sideways_scrolling(manager: Page) -> None:
    manager.set_viewport_size({"width": 390, "height": 844})
    for url in (EDITOR, "/protocols/", "/protocols/new", "/protocols/1/versions/1"):
        manager.goto(url)
        for details in manager.locator("main details").all():
            details.evaluate("one => one.open = true")
        assert manager.evaluate("document.documentElement.scrollWidth") <= 390
        assert violations(manager) == []

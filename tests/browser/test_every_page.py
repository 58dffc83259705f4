"""What every page offers: keys, menus, themes, and notes that leave by themselves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LiveServer
from tests.browser_axe import violations
from tests.browser_desk import PHONE_WIDTH, SmallClinic, fill, set_theme, sign_in


@pytest.fixture
def clinic(live_server: LiveServer) -> SmallClinic:
    return fill(live_server.app)


@pytest.fixture
def desk(page: Page, live_server: LiveServer, clinic: SmallClinic) -> Page:
    sign_in(page, live_server.app, clinic.organisation_id, "desk")
    page.goto("/patients")
    return page


def test_the_first_tab_offers_to_skip_the_menu(desk: Page) -> None:
    desk.keyboard.press("Tab")
    skip = desk.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#main")).to_be_focused()


def test_a_question_mark_lists_the_keys_and_escape_gives_the_focus_back(desk: Page) -> None:
    add = desk.get_by_role("link", name="Add patient")
    add.focus()
    desk.keyboard.press("?")
    keys = desk.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    assert violations(desk) == []
    desk.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(add).to_be_focused()


def test_keys_lead_to_the_new_series_and_to_today(desk: Page) -> None:
    desk.keyboard.press("n")
    expect(desk).to_have_url(re.compile("/series/new"))
    desk.goto("/patients")
    desk.keyboard.press("g")
    desk.keyboard.press("t")
    expect(desk).to_have_url(re.compile(r":\d+/$"))


def test_keys_do_nothing_while_one_types_and_can_be_switched_off(desk: Page) -> None:
    box = desk.get_by_role("textbox", name="Name, phone or birth date", exact=True)
    box.focus()
    desk.keyboard.type("n?")
    expect(box).to_have_value("n?")
    desk.get_by_role("button", name="You and this screen").click()
    desk.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    desk.reload()
    desk.keyboard.press("n")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(desk).to_have_url(re.compile("/patients$"))


def test_the_chosen_theme_stays_and_is_there_before_the_first_paint(desk: Page) -> None:
    desk.get_by_role("button", name="You and this screen").click()
    desk.locator("label", has_text="Dark").click()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_system_s_theme_is_followed_until_one_chooses(desk: Page) -> None:
    desk.emulate_media(color_scheme="dark")
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_user_menu_is_open_to_everybody_s_eyes(desk: Page) -> None:
    desk.get_by_role("button", name="You and this screen").click()
    for theme in ("light", "dark"):
        set_theme(desk, theme)
        assert violations(desk) == []


def test_on_a_phone_every_entry_stands_behind_the_menu_button(desk: Page) -> None:
    desk.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    desk.get_by_role("button", name="Menu").click()
    menu = desk.get_by_role("navigation", name="Menu")
    for entry in ("Today", "Patients", "Messages", "Tasks", "Setup"):
        expect(menu.get_by_role("link", name=entry)).to_be_visible()
    menu.get_by_role("link", name="Setup").click()
    expect(desk).to_have_url(re.compile("/setup$"))


def test_a_role_sees_only_what_it_may_open(desk: Page) -> None:
    bar = desk.get_by_role("navigation", name="Main")
    expect(bar.get_by_role("link", name="Patients")).to_have_attribute("aria-current", "page")
    expect(bar.get_by_role("link", name="Utilisation")).to_have_count(0)
    expect(bar.get_by_role("link", name="Mailbox")).to_have_count(0)


def test_the_clock_shows_the_site_s_time_and_names_its_zone(desk: Page) -> None:
    """The browser stands in Los Angeles, the clinic in New York."""
    shown = desk.locator("[data-clock]")
    there = desk.evaluate(
        "() => new Date().toLocaleTimeString('en-US',"
        " {hour: 'numeric', minute: '2-digit', timeZone: 'America/New_York'}).toLowerCase()"
    )
    expect(shown).to_have_text(re.compile(there.split(":")[0]))
    expect(desk.locator(".ct-clock")).to_contain_text("New York")


def test_a_lost_line_is_said_and_nothing_can_be_sent(desk: Page) -> None:
    desk.context.set_offline(True)
    expect(desk.get_by_role("alert").filter(has_text="Not connected since")).to_be_visible()
    expect(desk.get_by_role("button", name="Find", exact=True)).to_be_disabled()
    desk.context.set_offline(False)
    expect(desk.get_by_text("Not connected since")).to_be_hidden()
    expect(desk.get_by_role("button", name="Find", exact=True)).to_be_enabled()


def test_on_paper_the_menu_and_the_buttons_are_gone(desk: Page) -> None:
    desk.emulate_media(media="print")
    expect(desk.locator(".ct-nav")).to_be_hidden()
    expect(desk.get_by_role("button", name="Find", exact=True)).to_be_hidden()
    expect(desk.get_by_role("cell", name="Varga, Odette")).to_be_visible()


def test_good_news_leaves_by_itself_and_bad_news_stays(desk: Page, clinic: SmallClinic) -> None:
    desk.clock.install()
    desk.goto(f"/patients/{clinic.patient_id}/edit")
    desk.get_by_role("button", name="Save").click()
    saved = desk.get_by_role("status").filter(has_text="Saved.")
    expect(saved).to_be_visible()
    desk.clock.fast_forward(9000)
    expect(saved).to_be_hidden()
    desk.goto(f"/patients/{clinic.patient_id}/edit")
    desk.get_by_label("First name").fill("")
    desk.get_by_role("button", name="Save").click()
    desk.clock.fast_forward(60000)
    expect(desk.get_by_text("1 field needs you.")).to_be_visible()


def test_a_minute_before_the_sign_out_one_may_stay(desk: Page) -> None:
    desk.clock.install()
    desk.goto("/patients")
    question = desk.get_by_role("alert").filter(has_text="You will be signed out in 1 minute.")
    desk.clock.fast_forward("13:00")
    expect(question).to_be_hidden()
    desk.clock.fast_forward("01:10")
    expect(question).to_be_visible()
    question.get_by_role("button", name="Stay").click()
    expect(question).to_be_hidden()

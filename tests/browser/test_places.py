"""Where a visit can go, on the board: by mouse, by keys and by touch, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from scheduler.services import chairs
from scheduler.transaction import transaction
from tests.browser.conftest import LiveServer
from tests.browser_axe import violations
from tests.browser_desk import PHONE_WIDTH, set_theme, sideways, sign_in
from tests.factories import make_actor, make_clinic, make_patient, make_series, make_visit

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 13, 42, tzinfo=UTC)
"""Monday 11 January 2027, 8:42 am in New York."""
TAKEN = "Chair 2 is taken 10:00 to 11:45 am on Mon 11 Jan."


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def panel(page: Page, live_server: LiveServer) -> Page:
    """The board with Bea's visit chosen."""
    with live_server.app.app_context(), transaction():
        site = make_clinic(chairs=2)
        one, two = chairs.of_site(site.id, make_actor(site.organisation_id))
        bea = make_patient(site, "Bea Thornton")
        series = make_series(site, bea)
        mine = make_visit(site, one, MON, "13:30", series=series, number=2)
        make_visit(site, two, MON, "10:00", patient=make_patient(site, "Greta Holm"))
        organisation_id, visit_id = site.organisation_id, mine.id
    page.clock.set_fixed_time(NOW)
    sign_in(page, live_server.app, organisation_id)
    page.goto(f"/?visit={visit_id}")
    return page


def test_refused_places_say_why_to_mouse_and_keys(panel: Page) -> None:
    panel.get_by_role("link", name="Where can it go?").click()
    expect(panel.get_by_role("heading", name="Where it can go on Mon 11 Jan")).to_be_focused()
    marks = panel.locator(".ct-why-mark")
    expect(marks.first).to_be_attached()
    taken = panel.locator(".ct-why-mark", has_text=TAKEN).first
    tip = panel.locator("#board-tip")
    taken.focus()
    expect(tip).to_contain_text(TAKEN)
    panel.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    taken.scroll_into_view_if_needed()
    box = taken.bounding_box()
    assert box
    for look in (panel.mouse.move, panel.mouse.click):
        panel.mouse.move(0, 0)
        expect(tip).to_be_hidden()
        look(box["x"] + 20, box["y"] + 10)
        expect(tip).to_contain_text(TAKEN)
    expect(tip).not_to_contain_text("Greta")
    for theme in ("light", "dark"):
        set_theme(panel, theme)
        assert violations(panel) == []
    panel.get_by_role("link", name="Back to the visit").click()
    expect(marks).to_have_count(0)
    expect(panel.locator("#panel-title")).to_contain_text("Bea Thornton")


def test_a_block_in_the_air_names_the_rules_of_the_place_under_it(panel: Page) -> None:
    block = panel.locator(".ec-event[data-visit]", has_text="Bea Thornton")
    other = panel.locator(".ec-event[data-visit]", has_text="Greta Holm")
    block.scroll_into_view_if_needed()
    box, onto = block.bounding_box(), other.bounding_box()
    assert box
    assert onto
    panel.mouse.move(box["x"] + 30, box["y"] + 20)
    panel.mouse.down()
    panel.mouse.move(box["x"] + 33, box["y"] + 28, steps=3)
    panel.mouse.move(onto["x"] + 30, onto["y"] + 20, steps=8)
    expect(panel.locator(".ct-drag-effect")).to_contain_text("taken")
    panel.mouse.move(onto["x"] + 31, onto["y"] + 40, steps=4)
    expect(panel.locator("#board-tip")).to_contain_text("Chair 2 is taken 10:00 to 11:45 am")
    panel.keyboard.press("Escape")
    panel.mouse.up()


def test_a_phone_reads_the_same_as_a_list(browser: Browser, panel: Page) -> None:
    address = panel.get_by_role("link", name="Where can it go?").get_attribute("href")
    panel.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    panel.goto(address or "")
    panel.locator("summary", has_text="on Chair 2").click()
    expect(panel.get_by_text(TAKEN).first).to_be_visible()
    assert not sideways(panel)
    assert violations(panel) == []

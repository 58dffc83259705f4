"""The Today board in a real browser: mouse, keyboard, phone, and others who change the day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from scheduler.extensions import db
from scheduler.models import Visit
from scheduler.planning.opening import instant
from scheduler.services import chairs, moving
from scheduler.services.moving import MoveRequest
from scheduler.services.policy import Policy
from scheduler.transaction import transaction
from tests.browser.conftest import LiveServer
from tests.browser_axe import violations
from tests.browser_desk import PHONE_WIDTH, set_theme, sideways, sign_in, wrong_with
from tests.clinic import new_token
from tests.factories import (
    make_actor,
    make_clinic,
    make_closure,
    make_patient,
    make_series,
    make_visit,
)

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 15, 42, tzinfo=UTC)
"""Monday 11 January 2027, 10:42 am in New York; the browser stands in Los Angeles."""
SLOT_PIXELS, SLOT_MINUTES = 17, 15


@dataclass(frozen=True, kw_only=True)
class Clinic:
    organisation_id: int
    site_id: int
    chair_ids: tuple[int, ...]
    bea: int  # Chair 1, 1:30 pm, second of her series
    greta: int  # Chair 2, 1:30 pm


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(live_server: LiveServer) -> Clinic:
    with live_server.app.app_context(), transaction():
        site = make_clinic(chairs=3)
        one, two, three = chairs.of_site(site.id, make_actor(site.organisation_id))
        bea, greta = make_patient(site, "Bea Thornton"), make_patient(site, "Greta Holm")
        series = make_series(site, bea)
        mine = make_visit(site, one, MON, "13:30", series=series, number=2)
        wednesday = MON + timedelta(days=2)
        make_visit(site, one, wednesday, "13:30", series=series, number=3)
        theirs = make_visit(site, two, MON, "13:30", patient=greta)
        make_visit(site, three, MON, "09:00", state="infusing")
        make_visit(site, three, MON, "11:00", state="confirmed")
        make_visit(site, two, MON, "08:00", state="no_show")
        four = instant(site.zone, MON, time(16))
        make_closure(site, four, four + timedelta(hours=1), three, "Pump")
        return Clinic(
            organisation_id=site.organisation_id,
            site_id=site.id,
            chair_ids=(one.id, two.id, three.id),
            bea=mine.id,
            greta=theirs.id,
        )


@pytest.fixture
def board(page: Page, live_server: LiveServer, clinic: Clinic) -> Page:
    page.clock.set_fixed_time(NOW)
    sign_in(page, live_server.app, clinic.organisation_id)
    page.goto("/")
    expect(page.locator(".ec-event[data-visit]")).to_have_count(5)
    return page


def block(page: Page, visit_id: int) -> Locator:
    return page.locator(f'.ec-event[data-visit="{visit_id}"]:not(.ec-preview):not(.ec-ghost)')


def button(page: Page, visit_id: int) -> Locator:
    return block(page, visit_id).get_by_role("button")


def box_of(shown: Locator) -> FloatRect:
    box = shown.bounding_box()
    assert box
    return box


def lift(page: Page, visit_id: int, *, chairs_right: int = 0, minutes: int = 0) -> None:
    """Take a block and hold it over another place, without letting it go."""
    taken = block(page, visit_id)
    taken.scroll_into_view_if_needed()
    box = box_of(taken)
    first, second = (box_of(page.locator(".ec-col-head").nth(place)) for place in (0, 1))
    x, y = box["x"] + box["width"] / 2, box["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y + 8, steps=3)
    across = (second["x"] - first["x"]) * chairs_right
    page.mouse.move(x + across, y + minutes * SLOT_PIXELS / SLOT_MINUTES, steps=8)


def place(app: Flask, visit_id: int) -> tuple[int, str]:
    """Where the database says that the visit is."""
    with app.app_context():
        visit = db.session.get(Visit, visit_id)
        assert visit
        return visit.chair_id, visit.local_starts


def test_a_visit_dragged_to_another_chair_asks_tells_and_stays_there(
    board: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    lift(board, clinic.bea, chairs_right=1, minutes=-120)
    panel = board.locator("#panel")
    expect(panel).to_contain_text("If you drop it here")
    expect(panel).to_contain_text("11:20 am to 1:00 pm")
    board.mouse.up()
    asked = board.get_by_role("dialog", name="Move this visit?")
    expect(asked).to_contain_text("Chair 2")
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[0], "2027-01-11T13:30")
    asked.get_by_role("button", name="Accept").click()
    expect(board.get_by_text("Moved to Mon 11 Jan, 11:30 am, Chair 2.")).to_be_visible()
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[1], "2027-01-11T11:30")
    expect(block(board, clinic.bea)).to_contain_text("11:30")


def test_a_place_that_is_taken_is_refused_in_a_sentence_and_the_block_goes_back(
    board: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    before = block(board, clinic.bea).bounding_box()
    lift(board, clinic.bea, chairs_right=1)
    board.mouse.up()
    refused = board.locator("#flashes [role=alert]")
    expect(refused).to_contain_text("Chair 2")
    expect(refused).to_contain_text("It was put back; nothing was moved.")
    expect(board.get_by_role("dialog", name="Move this visit?")).to_be_hidden()
    refused.get_by_role("button", name="Close").click()
    assert block(board, clinic.bea).bounding_box() == before
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[0], "2027-01-11T13:30")


@pytest.mark.parametrize("how", ["Escape", "Put it back"])
def test_a_question_answered_with_no_puts_the_block_back(
    board: Page, live_server: LiveServer, clinic: Clinic, how: str
) -> None:
    before = block(board, clinic.bea).bounding_box()
    lift(board, clinic.bea, minutes=30)
    board.mouse.up()
    asked = board.get_by_role("dialog", name="Move this visit?")
    expect(asked).to_be_visible()
    if how == "Escape":
        board.keyboard.press("Escape")
    else:
        asked.get_by_role("button", name=how).click()
    expect(asked).to_be_hidden()
    expect(board.locator("#panel")).to_contain_text("Choose a visit")
    assert block(board, clinic.bea).bounding_box() == before
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[0], "2027-01-11T13:30")


def test_escape_in_the_air_gives_the_drag_up(
    board: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    lift(board, clinic.bea, minutes=60)
    board.keyboard.press("Escape")
    board.mouse.up()
    expect(board.locator("#board-said")).to_have_text("It was put back.")
    expect(board.get_by_role("dialog", name="Move this visit?")).to_be_hidden()
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[0], "2027-01-11T13:30")


def test_what_is_not_planned_any_more_cannot_be_lifted(board: Page, clinic: Clinic) -> None:
    infusing = board.locator(".ec-event.v-here")
    before = infusing.bounding_box()
    lift(board, int(infusing.get_attribute("data-visit") or 0), minutes=60)
    board.mouse.up()
    expect(board.get_by_role("dialog", name="Move this visit?")).to_be_hidden()
    assert infusing.bounding_box() == before


def moved_by_somebody_else(app: Flask, clinic: Clinic, wall: str) -> None:
    with app.app_context():
        visit = db.session.get(Visit, clinic.bea)
        assert visit
        request = MoveRequest(
            visit_id=visit.id,
            starts_on=MON,
            starts=datetime.fromisoformat(f"2027-01-11T{wall}").time(),
            chair_id=visit.chair_id,
            version=visit.version,
            reason="Patient asked",
        )
        actor = make_actor(clinic.organisation_id, "desk", name="Kim Hale")
        policy = Policy(undo_seconds=0)
        moving.move([request], new_token(), actor, now=NOW, policy=policy)


def test_of_two_who_move_the_same_visit_the_second_is_told_and_sees_the_first(
    board: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    lift(board, clinic.bea, minutes=30)
    board.mouse.up()
    asked = board.get_by_role("dialog", name="Move this visit?")
    expect(asked).to_be_visible()
    moved_by_somebody_else(live_server.app, clinic, "10:45")
    asked.get_by_role("button", name="Accept").click()
    expect(board.locator("#flashes [role=alert]")).to_contain_text("Somebody changed this")
    expect(block(board, clinic.bea)).to_contain_text("10:45")
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[0], "2027-01-11T10:45")


def test_the_board_shows_what_others_do_without_a_click(
    board: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    button(board, clinic.bea).focus()
    moved_by_somebody_else(live_server.app, clinic, "11:00")
    expect(block(board, clinic.bea)).to_contain_text("11:00", timeout=10_000)
    expect(button(board, clinic.bea)).to_be_focused()
    expect(board.locator(f"#row-{clinic.bea}")).to_contain_text("10:50 am to 12:30 pm")


def test_the_line_of_the_present_stands_at_the_sites_time(board: Page) -> None:
    """10:42 in New York, although the browser's own clock says 7:42."""
    line, body = board.locator(".ec-now-indicator"), board.locator(".ec-body")
    minutes = (box_of(line)["y"] - box_of(body)["y"]) / SLOT_PIXELS * SLOT_MINUTES
    assert abs(minutes - 162) < 10


def test_a_visit_is_opened_and_closed_with_the_keyboard_alone(board: Page, clinic: Clinic) -> None:
    first = board.locator('.ec-event button[tabindex="0"]')
    expect(first).to_have_count(1)
    button(board, clinic.bea).focus()
    board.keyboard.press("ArrowRight")
    expect(button(board, clinic.greta)).to_be_focused()
    board.keyboard.press("Enter")
    heading = board.locator("#panel-title")
    expect(heading).to_be_focused()
    expect(heading).to_have_text("Greta Holm")
    expect(board).to_have_url(re.compile(f"visit={clinic.greta}"))
    board.keyboard.press("Escape")
    expect(button(board, clinic.greta)).to_be_focused()
    expect(board.locator("#panel")).to_contain_text("Choose a visit")


def test_m_on_a_block_opens_the_move_form(board: Page, clinic: Clinic) -> None:
    button(board, clinic.bea).focus()
    board.keyboard.press("m")
    expect(board).to_have_url(re.compile(f"/visits/{clinic.bea}/move$"))


def test_a_click_opens_the_panel_and_marks_the_visit(board: Page, clinic: Clinic) -> None:
    block(board, clinic.bea).click()
    panel = board.locator("#panel")
    expect(panel).to_contain_text("1:20 to 3:00 pm")
    expect(panel).to_contain_text("session 2 of 6")
    expect(block(board, clinic.bea)).to_have_class(re.compile("is-picked"))
    board.reload()
    expect(panel).to_contain_text("Bea Thornton")
    expect(block(board, clinic.bea)).to_have_class(re.compile("is-picked"))


def drag_to_day(page: Page, visit_id: int, days_right: int) -> None:
    """In the week: to another day at the same time and on the same chair."""
    box, days = box_of(block(page, visit_id)), page.locator(".ec-col-head")
    first, second = box_of(days.nth(0)), box_of(days.nth(1))
    x, y = box["x"] + 30, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=3)
    page.mouse.move(x + (second["x"] - first["x"]) * days_right, y, steps=8)
    page.mouse.up()


def test_a_day_that_breaks_the_series_is_refused_with_the_rule(
    board: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    board.goto("/?view=week")
    drag_to_day(board, clinic.bea, 1)
    refused = board.locator("#flashes [role=alert]")
    expect(refused).to_contain_text("1 day after session 2. The least gap is 2 days.")
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[0], "2027-01-11T13:30")


def test_a_provider_may_break_it_by_saying_so(
    page: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    sign_in(page, live_server.app, clinic.organisation_id, "provider")
    page.goto("/?view=week")
    drag_to_day(page, clinic.bea, 1)
    asked = page.get_by_role("dialog", name="Move this visit?")
    expect(asked).to_contain_text("The least gap is 2 days.")
    asked.get_by_label("Move it although a rule of the series breaks").check()
    asked.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Moved to Tue 12 Jan, 1:30 pm, Chair 1.")).to_be_visible()
    assert place(live_server.app, clinic.bea) == (clinic.chair_ids[0], "2027-01-12T13:30")


def test_in_a_week_a_visit_is_dragged_to_another_day_at_the_same_time(
    board: Page, live_server: LiveServer, clinic: Clinic
) -> None:
    board.goto("/?view=week")
    drag_to_day(board, clinic.greta, 2)
    asked = board.get_by_role("dialog", name="Move this visit?")
    expect(asked).to_contain_text("Wed 13 Jan")
    asked.get_by_role("button", name="Accept").click()
    expect(board.get_by_text("Moved to Wed 13 Jan, 1:30 pm, Chair 2.")).to_be_visible()
    assert place(live_server.app, clinic.greta) == (clinic.chair_ids[1], "2027-01-13T13:30")


def test_every_view_is_open_to_everybody_s_eyes_and_fits_a_phone(
    board: Page, clinic: Clinic
) -> None:
    views = ("", "&view=table", "&view=week", "&view=week-table")
    urls = [f"/?visit={clinic.bea}{view}" for view in views]
    assert [wrong for url in urls for wrong in wrong_with(board, url)] == []


def test_the_question_is_open_to_everybody_s_eyes(board: Page, clinic: Clinic) -> None:
    lift(board, clinic.bea, minutes=30)
    board.mouse.up()
    expect(board.get_by_role("dialog", name="Move this visit?")).to_be_visible()
    for theme in ("light", "dark"):
        set_theme(board, theme)
        assert violations(board) == []


def test_a_phone_shows_the_table_and_opens_a_visit_from_it(board: Page, clinic: Clinic) -> None:
    assert sideways(board) <= 0
    assert board.viewport_size == {"width": PHONE_WIDTH, "height": 800}
    expect(board.locator("#board")).to_be_hidden()
    expect(board.locator('[data-view="table"]')).to_have_attribute("aria-current", "true")
    board.get_by_role("link", name="Bea Thornton", exact=True).click()
    panel = board.locator("#panel")
    expect(panel).to_contain_text("1:20 to 3:00 pm")
    expect(panel).to_be_in_viewport()


def test_without_a_script_the_table_does_everything(
    live_server: LiveServer, clinic: Clinic, browser: Browser, page: Page
) -> None:
    sign_in(page, live_server.app, clinic.organisation_id)
    state = page.context.storage_state()
    plain = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=state
    )
    still = plain.new_page()
    still.goto("/?view=table")
    still.get_by_role("link", name="Bea Thornton", exact=True).click()
    expect(still.locator("#panel")).to_contain_text("1:20 to 3:00 pm")
    still.get_by_role("link", name="Move Bea Thornton").click()
    expect(still).to_have_url(re.compile(f"/visits/{clinic.bea}/move$"))
    plain.close()

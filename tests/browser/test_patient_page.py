"""A patient with a phone, from the link in a message to "Thank you"; no page needs a mouse."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Visit
from scheduler.services.booking import book
from scheduler.services.own import links
from scheduler.services.plan_key import Choice, write
from tests.browser.conftest import LiveServer
from tests.browser_axe import violations
from tests.browser_desk import set_theme, sideways
from tests.clinic import AT_ONCE, make_clinic, wall
from tests.own_pages import minted
from tests.post_office import coming_dates


@dataclass(frozen=True)
class Link:
    """Where the link of a message leads, and the series that its patient has."""

    url: str
    visit_ids: tuple[int, ...]


@pytest.fixture
def link(live_server: LiveServer) -> Link:
    """Pat, born on 5 January 1951, has six visits from the week after next on."""
    with live_server.app.app_context():
        clinic, dates = make_clinic(), coming_dates(utcnow())
        chosen = write([Choice(clinic.chair_ids[0], wall(on, 9)) for on in dates])
        wanted = clinic.booking(chosen, earliest_on=dates[0])
        ids = book(wanted, clinic.anybody, now=utcnow(), policy=AT_ONCE).visit_ids
        return Link(f"/p/{minted(links.PAGE, ids[0])}", ids)


def looks_right(page: Page) -> None:
    """axe in both themes, and nothing wider than the phone."""
    for theme in ("dark", "light"):
        set_theme(page, theme)
        assert violations(page) == []
    assert sideways(page) <= 0


def test_a_patient_confirms_answers_and_moves_on_a_phone(
    page: Page, live_server: LiveServer, link: Link
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(link.url)
    expect(page.get_by_text("Arrive 8:45 am")).to_be_visible()
    page.get_by_label("Month").fill("1")
    page.get_by_label("Day").fill("4")
    page.get_by_label("Year").fill("1951")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This does not match. 4 tries left.")
    looks_right(page)
    page.get_by_label("Day").fill("5")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Who takes you home?")).to_be_visible()
    looks_right(page)
    page.get_by_label("Name").fill("Ben Lindholm")
    page.get_by_label("Mobile number").fill("555-0123")
    page.get_by_label("You may text this person").check()
    page.get_by_role("button", name="Save, I am coming").click()
    expect(page.get_by_text(re.compile("^Thank you. See you Monday at 8:45 am."))).to_be_visible()
    expect(page.get_by_text("Ben Lindholm picks you up")).to_be_visible()

    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="¿Quién le lleva a casa?")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="English").click()

    page.get_by_role("link", name="I need to change something").click()
    expect(page.get_by_role("heading", name="What would you like to change?")).to_be_visible()
    looks_right(page)
    page.get_by_role("radio", name="9:15 am").first.check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_text("Your visit has a new time.")).to_be_visible()
    expect(page.get_by_text("Arrive 9:15 am")).to_be_visible()

    page.get_by_label("I feel ill or have a fever").check()
    page.get_by_role("button", name="Tell the clinic").click()
    expect(page.get_by_text("Please call us.")).to_be_visible()
    expect(page.get_by_role("heading", name="What to do, and when")).to_have_count(0)
    looks_right(page)
    with live_server.app.app_context():
        first = db.session.get_one(Visit, link.visit_ids[0])
        assert (first.state, first.sequence) == ("booked", 1)
        assert first.patient.suspended_why == "feels ill or has a fever"


def test_the_page_needs_no_script(page: Page, live_server: LiveServer, link: Link) -> None:
    assert page.context.browser is not None
    plain = page.context.browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    bare = plain.new_page()
    bare.goto(link.url)
    for label, value in (("Month", "1"), ("Day", "5"), ("Year", "1951")):
        bare.get_by_label(label).fill(value)
    bare.get_by_role("button", name="Continue").click()
    bare.get_by_text("When to call us").click()
    expect(bare.get_by_text("In an emergency call 911.").first).to_be_visible()
    bare.get_by_role("button", name="Nothing has changed").click()
    expect(bare.get_by_text("Thank you. Nothing has changed")).to_be_visible()
    plain.close()

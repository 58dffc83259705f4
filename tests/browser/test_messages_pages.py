"""Messages, mailbox and tasks as the desk sees them: by mouse, by keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from scheduler.clock import utcnow
from scheduler.mail.transport import transport_from
from tests.browser.conftest import LiveServer
from tests.browser_desk import sign_in, wrong_with
from tests.post_office import PostOffice, coming_dates, post_office


@pytest.fixture
def office(live_server: LiveServer) -> Iterator[PostOffice]:
    """A booking whose messages wait; what leaves goes into the folder, as in the demo."""
    with post_office(live_server.app) as running:
        settings = live_server.app.config["CHAIRTIME"]
        running.postman.transport = transport_from("", settings.data_dir)
        running.now = utcnow()
        running.book_series(dates=coming_dates(running.now))
        yield running


@pytest.fixture
def desk(page: Page, live_server: LiveServer, office: PostOffice) -> Page:
    sign_in(page, live_server.app, office.clinic.organisation_id, "desk")
    return page


def test_the_desk_reads_what_waits_sends_it_now_and_sees_it_in_the_mailbox(
    desk: Page, office: PostOffice
) -> None:
    desk.goto("/messages")
    row = desk.get_by_role("row", name=re.compile("All dates"))
    expect(row).to_contain_text(re.compile(r"leaves at \d+:\d\d [ap]m"))
    row.get_by_role("button", name="Send now: All dates").click()
    expect(desk.get_by_text("The message is leaving now.")).to_be_visible()
    office.now = utcnow()
    office.deliver()
    desk.goto("/mailbox")
    desk.get_by_role("link", name="Your appointments").click()
    expect(desk.get_by_role("heading", level=1, name="Your appointments")).to_be_visible()
    shown = desk.frame_locator("iframe")
    expect(shown.get_by_text("Your appointments are booked:")).to_be_visible()
    expect(shown.get_by_role("listitem").first).to_contain_text("arrive 8:45 am")


def test_an_invitation_opens_to_its_calendar_entry_by_keyboard_alone(
    desk: Page, office: PostOffice
) -> None:
    office.deliver(minutes=3)
    desk.goto("/messages?tab=sent")
    link = desk.get_by_role("link", name=re.compile("^Invitation for")).first
    link.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="In the patient's calendar")).to_be_visible()
    expect(desk.get_by_text("No food from 5:00 am on").first).to_be_visible()
    lines = desk.get_by_text("The file, line by line")
    lines.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("BEGIN:VALARM").first).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Save the file").click()
    assert download.value.suggested_filename == "invite.ics"


def test_messages_and_mailbox_are_for_everybody_s_eyes_and_fit_a_phone(
    desk: Page, office: PostOffice
) -> None:
    assert wrong_with(desk, "/messages") == []
    assert wrong_with(desk, "/messages?tab=failed") == []
    assert wrong_with(desk, "/messages?tab=received") == []
    assert wrong_with(desk, "/mailbox") == []
    assert wrong_with(desk, "/tasks") == []
    office.deliver(minutes=3)
    invite = office.rows("invite")[0]
    assert wrong_with(desk, "/messages?tab=sent") == []
    assert wrong_with(desk, f"/messages/{invite.id}") == []
    desk.goto("/mailbox")
    opened = desk.get_by_role("link", name=re.compile("Appointment on")).first
    assert wrong_with(desk, str(opened.get_attribute("href"))) == []


def test_tasks_are_done_from_the_list(page: Page, live_server: LiveServer) -> None:
    with post_office(live_server.app, email=False) as office:
        office.now = utcnow()
        office.book_series(dates=coming_dates(office.now))
        sign_in(page, live_server.app, office.clinic.organisation_id, "desk")
        assert wrong_with(page, "/tasks") == []
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto("/tasks")
        row = page.get_by_role("row", name=re.compile("Send a letter"))
        row.get_by_role("link").first.click()
        page.get_by_role("button", name="Letter printed and sent").click()
        expect(page.get_by_text("Done.", exact=True)).to_be_visible()
        expect(page.get_by_text("Send a letter")).to_have_count(0)

"""The demo as a stranger sees it: one command, a booked series, and the mails that left."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from pytest_playwright.pytest_playwright import CreateContextCallback

from tests.calendar_readers import event_of, starts_of, unescaped, with_vobject
from tests.processes import command

MOOD = re.compile("mood series, 3 a week")
UNDO_MS = 60_000
"""The demo's undo window is 20 seconds; a busy machine gets three times that."""


@dataclass(frozen=True)
class Demo:
    """The running command: its address, what it said of sign-ins, and its folder."""

    url: str
    email: str
    password: str
    folder: Path

    def rows(self, question: str, *values: object) -> list[tuple[str, ...]]:
        """Looks into the demo's database from outside."""
        path = self.folder / "chairtime.sqlite3"
        found = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return found.execute(question, values).fetchall()
        finally:
            found.close()

    def mails(self, recipient: str) -> dict[str, EmailMessage]:
        """What lies in the mail folder for one address, by file name."""
        found = {}
        for path in sorted((self.folder / "mail").glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=SMTP)
            assert isinstance(mail, EmailMessage)
            if recipient in str(mail["To"]):
                found[path.name] = mail
        return found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    words = ("demo", "--port", "0", "--data", str(tmp_path))
    with command({**environ, "PYTHONUNBUFFERED": "1"}, *words) as running:
        for step in ("patients", "visits", "messages"):  # each may take as long as the patience
            running.wait_for(step)
        url = running.wait_for("http://").split()[-1].rstrip("/")
        email = running.wait_for("desk@").split()[-1]
        password = running.wait_for("Password of all: ").split(": ")[1]
        yield Demo(url, email, password, tmp_path)


@pytest.fixture
def desk(new_context: CreateContextCallback, demo: Demo) -> Page:
    page = new_context(base_url=demo.url).new_page()
    page.goto("/login")
    page.get_by_label("E-mail").fill(demo.email)
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="You and this screen").wait_for()
    return page


def somebody(demo: Demo) -> tuple[str, str]:
    """Name and address of a patient who has nothing in the days to come, not even cancelled."""
    ((first, last, email),) = demo.rows(
        "SELECT first_name, last_name, email FROM patients WHERE channel = 'email' AND email <> ''"
        " AND id NOT IN (SELECT patient_id FROM visits WHERE starts_on >= date('now', '-2 days'))"
        " ORDER BY id LIMIT 1"
    )
    return f"{first} {last}", email


def test_a_series_booked_in_the_demo_reaches_the_mailbox(desk: Page, demo: Demo) -> None:
    name, email = somebody(demo)
    before = demo.mails(email)
    loads: list[str] = []
    desk.on("load", lambda page: loads.append(page.url))
    book(desk, name)
    assert len(loads) <= 5, loads
    series_id = desk.url.rsplit("/", 1)[1]
    visits = demo.rows(
        "SELECT arrives_at, starts_at, leaves_at, uid FROM visits WHERE series_id = ?"
        " ORDER BY number",
        series_id,
    )
    assert len(visits) == 6
    first = instant(visits[0][1]).astimezone(zone_of(demo))
    desk.goto(f"/?on={first:%Y-%m-%d}")
    expect(desk.locator("#board .ec-event").filter(has_text=name)).to_have_count(1)
    desk.goto(f"/?on={first:%Y-%m-%d}&view=table")
    expect(desk.get_by_role("row").filter(has_text=name)).to_have_count(1)
    wait_for_mail(desk, email, 7 + len(before))
    mails = [mail for file, mail in demo.mails(email).items() if file not in before]
    check(mails, visits, zone_of(demo))


def book(desk: Page, name: str) -> None:
    desk.get_by_role("link", name="New series").click()
    desk.wait_for_url("**/series/new")
    desk.get_by_label("Patient", exact=True).press_sequentially(name)
    desk.get_by_role("button", name=re.compile(re.escape(name))).click()
    expect(desk.get_by_role("button", name="Change patient")).to_be_visible()
    desk.wait_for_load_state()
    templates = desk.get_by_label("Series template")
    label = next(one for one in templates.locator("option").all_inner_texts() if MOOD.search(one))
    templates.select_option(label=label)
    expect(desk.locator("#plans.is-stale")).to_have_count(0)
    desk.get_by_role("button", name="Book all six").first.click()
    expect(desk.get_by_text(f"Six visits booked for {name}.")).to_be_visible()


def wait_for_mail(desk: Page, email: str, count: int) -> None:
    """Opens the mailbox again until everything has left."""
    desk.goto("/mailbox")
    rows = desk.get_by_role("row").filter(has_text=email)
    for _ in range(UNDO_MS // 2000):
        if rows.count() >= count:
            break
        desk.wait_for_timeout(2000)
        desk.reload()
    expect(rows).to_have_count(count)


def check(mails: list[EmailMessage], visits: list[tuple[str, ...]], zone: ZoneInfo) -> None:
    """One digest with all dates, six invitations whose text and alarms name the right times."""
    invites = {entry_of(mail): mail for mail in mails if calendar_of(mail)}
    (digest,) = [mail for mail in mails if not calendar_of(mail)]
    words = text_of(digest)
    assert len(invites) == 6
    for arrives, starts, leaves, uid in visits:
        arrival, food = instant(arrives), instant(starts) - timedelta(hours=4)
        said = f"arrive {clock(arrival, zone)}, leave about {clock(instant(leaves), zone)}"
        assert said in words
        data = calendar_of(invites[uid])
        assert starts_of(data) == {arrival}
        stop = f"No food from {clock(food, zone)}"
        assert stop in unescaped(event_of(data, "REQUEST").one("DESCRIPTION"))
        assert stop in text_of(invites[uid])
        check_alarms(data, arrival, stop, zone)


def check_alarms(data: bytes, arrival: datetime, stop: str, zone: ZoneInfo) -> None:
    """Two, both on the evening before; the first says when food stops (calendar R3)."""
    alarms = with_vobject(data).valarm_list
    rings = [(arrival + one.trigger.value).astimezone(zone) for one in alarms]
    assert len(rings) == 2
    assert {ring.date() for ring in rings} == {day_before(arrival, zone)}
    assert str(alarms[0].description.value).startswith(stop)


def calendar_of(mail: EmailMessage) -> bytes:
    """The inline calendar object; empty for a mail without one."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return bytes(parts[0].get_payload(decode=True)) if parts else b""


def entry_of(mail: EmailMessage) -> str:
    return event_of(calendar_of(mail), "REQUEST").one("UID")


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def zone_of(demo: Demo) -> ZoneInfo:
    ((name,),) = demo.rows("SELECT zone_name FROM sites ORDER BY id LIMIT 1")
    return ZoneInfo(name)


def instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def clock(at: datetime, zone: ZoneInfo) -> str:
    wall = at.astimezone(zone)
    return f"{wall.hour % 12 or 12}:{wall:%M} {'am' if wall.hour < 12 else 'pm'}"


def day_before(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date() - timedelta(days=1)

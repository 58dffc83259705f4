"""What goes over the wire for one visit, byte for byte: invited, moved twice, cancelled.

Only what must differ each time is masked: the Message-ID and the tokens of links. To accept a
change that is meant, delete the file below tests/golden and run this test twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from scheduler.extensions import db
from scheduler.models import Outbox, Visit
from scheduler.transaction import transaction
from tests.calendar_readers import event_of
from tests.four_readers import found_by_all
from tests.mail_server import Post
from tests.post_office import PostOffice, post_office

GOLDEN = Path(__file__).parent.parent / "golden"
UID = "00000000-0000-4000-8000-000000000002@cedar.example"
REPLY_TOKEN = "0123456789abcdef0123456789abcdef"
MESSAGE_ID = re.compile(rb"(?<=Message-ID: <)[0-9a-f-]{36}(?=@)")
TOKEN = re.compile(rb"localhost/[pu]/([\w-]{22})")


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        running.change_patient(reply_token=REPLY_TOKEN)
        yield running


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The engine does not show in a mail."""
    return "sqlite"


def known_uid(visit: Visit) -> int:
    """The visit's UID is made once, at random; here it is one that can be written down."""
    visit_id = visit.id
    with transaction():
        db.session.get_one(Visit, visit_id).uid = UID
        db.session.execute(update(Outbox).where(Outbox.visit_id == visit_id).values(uid=UID))
    return visit_id


def masked(data: bytes) -> bytes:
    """Soft line ends of quoted-printable stay where they are, inside a token too."""
    for token in set(TOKEN.findall(data.replace(b"=\r\n", b""))):
        letters = (re.escape(bytes([one])) for one in token)
        broken = re.compile(rb"(=\r\n)?".join(letters))
        data = broken.sub(lambda found: re.sub(rb"[\w-]", b"x", found[0]), data)
    return MESSAGE_ID.sub(b"00000000-0000-4000-8000-000000000000", data)


def about(office: PostOffice, posts: list[Post]) -> Post:
    """The one mail whose calendar file is the visit's."""
    (post,) = [
        one
        for one in posts
        if b"text/calendar" in one.data and UID.encode() in one.calendar.replace(b"\r\n ", b"")
    ]
    return post


def test_create_two_moves_and_cancel_are_these_bytes(office: PostOffice) -> None:
    visit = office.book_series()[1]
    visit_id = known_uid(visit)
    sent = {"1_create": about(office, office.deliver(minutes=3))}
    (visit,) = office.visits([visit_id])
    office.move(visit, date(2027, 1, 14), time(14))
    sent["2_first_move"] = about(office, office.deliver(minutes=3))
    office.move(visit, date(2027, 1, 13), time(10, 30))
    sent["3_second_move"] = about(office, office.deliver(minutes=3))
    office.cancel(visit)
    sent["4_cancel"] = about(office, office.deliver(minutes=3))
    for sequence, (name, post) in enumerate(sent.items()):
        event = event_of(post.calendar, "CANCEL" if name == "4_cancel" else "REQUEST")
        assert (event.one("UID"), event.one("SEQUENCE")) == (UID, str(sequence))
    found_by_all([post.calendar for post in sent.values()])
    data = {name: masked(post.data) for name, post in sent.items()}
    missing = [name for name in data if not golden(name).exists()]
    for name in missing:
        GOLDEN.mkdir(exist_ok=True)
        golden(name).write_bytes(data[name])
    assert not missing, "these were not there: read them, and keep them if they are right"
    assert [name for name in data if data[name] != golden(name).read_bytes()] == []


def golden(name: str) -> Path:
    return GOLDEN / f"{name}.eml"


def test_spanish_invitations_are_read_by_all_four_readers_too(office: PostOffice) -> None:
    office.change_patient(language="es")
    office.book_series()
    files = [one.calendar for one in office.deliver(minutes=3) if b"text/calendar" in one.data]
    assert len(files) == 6
    assert all(b"SUMMARY:Cita" in one for one in files)
    found_by_all(files)

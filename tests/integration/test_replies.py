"""What patients' mail does here: their answer is kept, somebody is asked, no chair is freed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from scheduler.extensions import db
from scheduler.mail import inbound as reading
from scheduler.mail.reply_folder import ReplyFolder
from scheduler.models import ChairClaim, Inbound, Patient, Site, Task, Visit
from scheduler.services.incoming import inbound, mailboxes
from scheduler.services.incoming.mailboxes import Place
from scheduler.services.outgoing import old_messages
from scheduler.transaction import transaction
from scheduler.worker.replies import Replies, poll
from tests.ground import ground_floor, released
from tests.post_office import PostOffice, post_office
from tests.reply_mails import AUTHSERV, Mail, bounce

HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """A clinic whose six invitations have arrived, and what its patient's programs send back."""

    office: PostOffice
    visit_id: int

    @property
    def visit(self) -> Visit:
        db.session.rollback()  # what was read before is old now
        (found,) = self.office.visits([self.visit_id])
        return found

    @property
    def patient(self) -> Patient:
        return self.visit.patient

    def answer(self, **changes: object) -> Mail:
        """To the first invitation, an hour after it left."""
        told = self.office.rows("invite", state="sent")[0]
        mail = Mail(
            sender=told.recipient,
            attendee=told.recipient,
            to=self.visit.organizer,
            organizer=self.visit.organizer,
            uid=self.visit.uid,
            sequence=told.sequence,
            stamped_at=self.office.now + HOUR,
        )
        return replace(mail, **changes)  # type: ignore[arg-type]

    def take(self, mail: Mail | bytes, authserv_id: str = AUTHSERV) -> Inbound:
        """As the worker does, an hour later; the row that it left."""
        data = mail if isinstance(mail, bytes) else mail.data()
        found = reading.read(data, authserv_id=authserv_id)
        inbound.receive(found, now=self.office.now + HOUR)
        db.session.rollback()
        return db.session.scalars(select(Inbound).order_by(Inbound.id.desc())).first() or Inbound()

    def kinds(self) -> list[str]:
        return [task.kind for task in self.office.tasks()]


@pytest.fixture(scope="session")
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def desk(ground: Flask) -> Iterator[Desk]:
    with post_office(ground) as office:
        first = office.book_series()[0].id
        office.deliver(minutes=3)
        yield Desk(office, first)


def claims_of(visit_id: int) -> int | None:
    of_visit = select(func.count()).select_from(ChairClaim).where(ChairClaim.visit_id == visit_id)
    return db.session.scalar(of_visit)


def test_a_no_makes_a_task_and_never_frees_the_chair(desk: Desk) -> None:
    before, version = claims_of(desk.visit_id), desk.visit.version
    row = desk.take(desk.answer(partstat="DECLINED", more=("COMMENT:I have <b>fever</b>",)))
    assert (row.verdict, row.kind, row.comment) == ("applied", "reply", "I have <b>fever</b>")
    assert (desk.visit.partstat, desk.visit.state) == ("DECLINED", "booked")
    assert (claims_of(desk.visit_id), desk.visit.version) == (before, version)
    (task,) = desk.office.tasks()
    assert (task.kind, task.visit_id, row.task_id) == ("declined", desk.visit_id, task.id)
    desk.take(desk.answer(partstat="ACCEPTED", stamped_at=desk.office.now + 2 * HOUR))
    assert (desk.visit.partstat, desk.office.tasks()) == ("ACCEPTED", [])


def test_the_same_message_twice_has_one_effect(desk: Desk) -> None:
    mail = desk.answer(partstat="DECLINED", headers=("Message-ID: <a@mail.example>",))
    first = desk.take(mail)
    desk.take(mail)
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 1
    copy = desk.take(replace(mail, headers=(*mail.headers, "Received: by another way")))
    assert (copy.verdict, first.verdict) == ("ignored", "applied")
    assert len(desk.office.tasks()) == 1


def test_an_answer_to_what_was_moved_since_is_stale(desk: Desk) -> None:
    old = desk.answer()
    desk.office.move(desk.visit, date(2027, 1, 11), time(14))
    assert desk.take(old).verdict == "ignored"  # the change is on its way
    desk.office.deliver(minutes=3)
    again = replace(old, text="again", stamped_at=desk.office.now + HOUR)
    assert desk.take(again).verdict == "ignored"
    assert desk.visit.partstat == "NEEDS-ACTION"
    assert desk.take(replace(again, sequence=1)).verdict == "applied"


def test_there_and_back_in_the_undo_window_leaves_the_answer_valid(desk: Desk) -> None:
    desk.office.move(desk.visit, date(2027, 1, 11), time(14))
    desk.office.move(desk.visit, date(2027, 1, 11), time(9))
    desk.office.deliver(minutes=3)
    assert desk.take(desk.answer()).verdict == "applied"


def test_a_cancelled_visit_is_never_revived(desk: Desk) -> None:
    mail = desk.answer()
    desk.office.cancel(desk.visit)
    desk.office.deliver(minutes=3)
    assert desk.take(replace(mail, sequence=1)).verdict == "ignored"
    assert desk.visit.state == "cancelled"


def test_one_patient_cannot_answer_for_another(desk: Desk) -> None:
    other = desk.office.book_series(patient=1)[0]
    desk.office.deliver(minutes=3)
    row = desk.take(desk.answer(uid=other.uid))
    assert (row.verdict, row.visit_id, row.patient_id) == ("ignored", None, desk.patient.id)
    assert desk.take(desk.answer(uid="unknown@larkspur.example")).verdict == "ignored"
    assert desk.visit.partstat == desk.office.visits([other.id])[0].partstat == "NEEDS-ACTION"


ODD_ANSWERS: tuple[tuple[dict[str, object], str, str, str | None], ...] = (
    ({"method": "CANCEL"}, AUTHSERV, "ignored", None),
    ({"method": "REQUEST"}, AUTHSERV, "ignored", None),
    ({"method": "COUNTER", "more": ("DTSTART;TZID=America/New_York:20270112T140000",)}, AUTHSERV,
     "person", "asks_time"),
    ({"more": ("ATTENDEE:mailto:b@mail.example",)}, AUTHSERV, "person", "look"),
    ({"sender": "m@evil.example", "to": "visits@larkspur.example", "organizer": ""}, AUTHSERV,
     "ignored", None),
    ({}, "", "person", "look"),
    ({"sequence": 9}, AUTHSERV, "applied", "look"),
)  # fmt: skip


def test_what_is_not_a_plain_answer_moves_nothing(desk: Desk) -> None:
    before = (desk.visit.starts_at, desk.visit.state, claims_of(desk.visit_id))
    for changes, authserv_id, verdict, kind in ODD_ANSWERS:
        row = desk.take(desk.answer(**changes), authserv_id)
        task = db.session.get(Task, row.task_id) if row.task_id else None
        assert (row.verdict, task.kind if task else None) == (verdict, kind), changes
        assert row.reason
        if kind == "asks_time":
            assert task is not None
            assert "Proposed: Tue 12 Jan, 2:00 pm" in task.what
        assert (desk.visit.starts_at, desk.visit.state, claims_of(desk.visit_id)) == before
        assert desk.visit.partstat == ("ACCEPTED" if verdict == "applied" else "NEEDS-ACTION")


def test_a_letter_becomes_one_task_with_its_words(desk: Desk) -> None:
    mail = desk.answer(text="May I bring <my> dog?", headers=("X-Number: 1",))
    row = desk.take(mail.letter())
    assert (row.kind, row.verdict, row.comment) == ("letter", "person", "May I bring <my> dog?")
    desk.take(replace(mail, sender="son@other.example", text="And her cat?").letter())
    (task,) = desk.office.tasks()
    assert task.what.startswith("Wrote by e-mail (from another address): And her cat?")
    assert task.facts["messages"] == 2
    assert old_messages.drop_comments(now=row.received_at + timedelta(days=29)) == 0
    assert old_messages.drop_comments(now=row.received_at + timedelta(days=31)) == 2
    db.session.expire_all()
    assert (row.comment, row.verdict) == ("", "person")


def test_what_a_machine_writes_and_what_nobody_knows_makes_no_task(desk: Desk) -> None:
    away = desk.answer(text="I am away", headers=("Auto-Submitted: auto-replied",))
    assert (desk.take(away.letter()).kind, desk.kinds()) == ("auto", [])
    stranger = Mail(sender="a@b.example", to="visits@larkspur.example", text="Buy now")
    row = desk.take(stranger.letter())
    assert (row.verdict, row.organisation_id, desk.kinds()) == ("ignored", None, [])


def test_a_bounce_marks_the_address_and_asks_for_a_call(desk: Desk) -> None:
    told = desk.office.rows("invite")[0]
    report = bounce(desk.visit.organizer, told.recipient, str(told.message_id), "5.1.1")
    row = desk.take(report)
    assert (row.kind, row.verdict, row.outbox_id) == ("bounce", "applied", told.id)
    assert desk.patient.email_bad_at is not None
    assert desk.kinds() == ["bounce"]
    after = desk.office.rows("invite")[0]
    assert (after.delivery, after.state) == ("undelivered", "sent")
    assert "no such user" in after.server_said


def test_a_soft_bounce_leaves_the_address_alone(desk: Desk) -> None:
    told = desk.office.rows("invite")[0]
    organizer, message_id = desk.visit.organizer, str(told.message_id)
    for status, action, verdict in (
        ("4.4.1", "delayed", "ignored"),
        ("2.0.0", "delivered", "ignored"),
        ("4.4.7", "failed", "person"),
    ):
        row = desk.take(bounce(organizer, told.recipient, message_id, status, action))
        assert (row.verdict, desk.patient.email_bad_at) == (verdict, None)
        assert bool(row.task_id) == (verdict == "person")
    desk.office.change_patient(email="moved@mail.example")
    late = bounce(organizer, told.recipient, message_id, "5.1.1")
    assert (desk.take(late).verdict, desk.patient.email_bad_at) == ("ignored", None)
    strange = bounce("visits@larkspur.example", "x@mail.example", "<not@ours>", "5.1.1")
    assert desk.take(strange).verdict == "ignored"


def test_a_message_on_which_judging_fails_is_put_aside_and_the_next_is_read(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """calendar I1: quarantined, logged without its words, not tried for ever."""
    with transaction():
        db.session.get_one(Site, desk.office.clinic.site_id).zone_name = "No/Such_Place"
    (tmp_path / "1.eml").write_bytes(desk.answer(more=("COMMENT:secret words",)).data())
    (tmp_path / "2.eml").write_bytes(desk.answer(text="May I ask?").letter())
    inboxes = [ReplyFolder(tmp_path)]
    replies = Replies(inboxes=inboxes, authserv_id=AUTHSERV, context=desk.office.app.app_context)
    replies.clock = lambda: desk.office.now + HOUR
    for _ in range(3):
        poll(replies)
    assert (desk.visit.partstat, sorted(desk.kinds())) == ("NEEDS-ACTION", ["look", "wrote"])
    assert "reading replies failed" in caplog.text
    assert "secret" not in caplog.text


def test_a_folder_is_read_once_and_nothing_of_a_message_is_logged(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "replies"
    folder.mkdir()
    (folder / "1.eml").write_bytes(desk.answer(more=("COMMENT:secret words",)).data())
    (folder / "2.eml").write_bytes(b"\xff" * 300_000)
    (folder / "3.part").write_bytes(b"not whole")
    replies = Replies(
        inboxes=[ReplyFolder(folder)], authserv_id=AUTHSERV, context=desk.office.app.app_context
    )
    replies.clock = lambda: desk.office.now + HOUR
    with caplog.at_level(logging.DEBUG):
        poll(replies)
        poll(replies)
    assert desk.visit.partstat == "ACCEPTED"
    assert sorted(path.name for path in (folder / "read").iterdir()) == ["1.eml", "2.eml"]
    assert "secret" not in caplog.text
    assert desk.patient.email not in caplog.text


def test_two_workers_that_read_one_mailbox_take_a_message_once(
    postgres_url: str, tmp_path: Path
) -> None:
    settings = Settings.for_tests(database_url=postgres_url, data_dir=tmp_path)
    with released(ground_floor(settings)) as app, post_office(app) as office:
        desk = Desk(office, office.book_series()[0].id)
        office.deliver(minutes=3)
        mail = reading.read(desk.answer(partstat="DECLINED").data(), authserv_id=AUTHSERV)
        mailboxes.signed("box", now=office.now)
        at_once = threading.Barrier(4)

        def take(uid: int) -> str:
            with app.app_context():
                at_once.wait()
                place = Place(mailbox="box", uid_validity=1, uid=uid)
                return inbound.receive(mail, now=office.now + HOUR, place=place)

        with ThreadPoolExecutor(4) as workers:
            verdicts = sorted(workers.map(take, range(4)))
        assert verdicts == ["", "", "", "applied"]
        assert desk.kinds() == ["declined"]
        assert mailboxes.last_read("box", now=office.now).place.uid == 3

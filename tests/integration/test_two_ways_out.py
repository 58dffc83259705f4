"""Mail and phone leave by themselves: trouble of one does not stop the other (trust I13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.mail.smtp import SmtpTransport
from scheduler.mail.smtp_url import server_of
from scheduler.models import Link, Outbox, Site
from scheduler.phone.webhook import WebhookTransport
from scheduler.services import health
from scheduler.services.outgoing import old_messages
from scheduler.transaction import transaction
from tests.mail_server import free_port
from tests.phone_provider import PhoneProvider, phone_provider
from tests.post_office import PostOffice, post_office

SECRET = "shared-with-the-provider-0123456789"
SUNDAY = date(2027, 1, 10)
PATIENCE_SECONDS = 0.3


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What is asked here is the network's; test_delivery runs on both engines."""
    return "sqlite"


@pytest.fixture
def provider() -> Iterator[PhoneProvider]:
    with phone_provider() as running:
        yield running


@pytest.fixture
def office(ground: Flask, provider: PhoneProvider) -> Iterator[PostOffice]:
    """On the evening before two visits: one patient reads texts, the other mail."""
    with post_office(ground) as running:
        running.postman.phone = WebhookTransport(
            provider.url, SECRET, PATIENCE_SECONDS, clock=lambda: running.now
        )
        with transaction():
            db.session.query(Site).one().sms_on = True
        running.change_patient(channel="sms", sms_ok=True)
        running.book_series(0)
        running.book_series(1)
        running.deliver(minutes=3)
        running.at(SUNDAY, 19, 30)
        provider.taken.clear()
        yield running


def evening(office: PostOffice, channel: str) -> Outbox:
    (row,) = [one for one in office.rows("r4") if one.channel == channel and one.due_at < NIGHT]
    return row


NIGHT = datetime(2027, 1, 11, 8, tzinfo=UTC)


def test_each_leaves_by_its_own_way_and_its_bytes_are_forgotten_in_time(
    office: PostOffice, provider: PhoneProvider
) -> None:
    (post,) = office.deliver(minutes=45)
    assert post.recipients == ["pat2@mail.example"]
    ((_, body),) = provider.taken
    row = evening(office, "sms")
    assert row.body == body
    assert (row.state, row.provider_ref, row.server_said) == ("sent", "provider-7", "200")
    assert json.loads(body)["to"] == row.recipient
    bytes_go_thirty_days_after_the_visit_and_their_proof_stays(office)


def bytes_go_thirty_days_after_the_visit_and_their_proof_stays(office: PostOffice) -> None:
    assert office.rows("invite")[0].body is not None
    last = max(visit.leaves_at for visit in office.visits(range(1, 13)))
    with office.app.app_context():
        assert old_messages.drop_bytes(now=last + timedelta(days=29)) > 0  # of earlier visits
        assert [row for row in office.rows("digest") if row.body is not None]
        old_messages.drop_bytes(now=last + timedelta(days=31))
        assert old_messages.drop_bytes(now=last + timedelta(days=31)) == 0
        assert old_messages.drop_links(now=last + timedelta(days=400)) > 0
        assert db.session.query(Link).count() == 0
    gone = office.rows("digest", "invite")
    assert {row.body for row in gone} == {None}
    assert all(row.body_sha256 for row in gone)


def test_a_provider_in_trouble_stops_no_mail_and_costs_no_try(
    office: PostOffice, provider: PhoneProvider
) -> None:
    provider.answer = (401, b"who are you?")
    assert len(office.deliver(minutes=45)) == 1
    row = evening(office, "sms")
    assert (row.state, row.attempts, row.may_have_left) == ("waiting", 0, False)
    state = health.check()
    assert state.phone_paused(office.now)
    assert not state.mail_paused(office.now)
    provider.answer = (200, b"{}")
    office.deliver(minutes=2)
    assert evening(office, "sms").state == "sent"
    assert not health.check().phone_paused(office.now)


def test_a_mail_server_in_trouble_stops_no_text(
    office: PostOffice, provider: PhoneProvider
) -> None:
    office.postman.transport = SmtpTransport(server_of(f"smtp://127.0.0.1:{free_port()}"))
    office.deliver(minutes=45)
    assert len(provider.taken) == 1
    assert evening(office, "sms").state == "sent"
    assert evening(office, "email").state == "waiting"


@pytest.mark.parametrize("answer", ["drop", "stall"])
def test_a_text_whose_answer_was_lost_is_repeated_with_the_same_key(
    office: PostOffice, provider: PhoneProvider, answer: str
) -> None:
    provider.answer = answer
    office.deliver(minutes=45)
    provider.answer = (200, b"{}")
    office.deliver(minutes=2)
    assert evening(office, "sms").state == "sent"
    assert len({body for _, body in provider.taken}) == 1
    assert len({headers["Idempotency-Key"] for headers, _ in provider.taken}) == 1


def test_a_refused_number_fails_its_text_and_somebody_calls(
    office: PostOffice, provider: PhoneProvider
) -> None:
    provider.answer = (422, b"no such number")
    assert len(office.deliver(minutes=45)) == 1
    row = evening(office, "sms")
    assert (row.state, row.attempts) == ("failed", 1)
    assert [task.what for task in office.tasks("failed_message")] == [
        "A text message does not reach this patient: call, check the number."
    ]

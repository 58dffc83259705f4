"""/healthz tells machines what is wrong, and names nobody (trust fact 5, I13)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url

from config import Settings
from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Mailbox, Outbox
from scheduler.services import heartbeats
from scheduler.transaction import transaction
from tests.clinic import Clinic, make_clinic

WHY = "Connection to mail.clinic.example refused"


def asked(app: Flask) -> tuple[int, dict[str, object]]:
    answer = app.test_client().get("/healthz")
    assert answer.json is not None
    return answer.status_code, answer.json


def test_without_a_worker_it_asks_for_attention_and_still_serves(app: Flask) -> None:
    status, said = asked(app)
    assert status == 200
    assert said["status"] == "attention"
    assert said["worker"] is False
    assert said["worker_seen_seconds_ago"] is None


def test_with_a_living_worker_all_is_well(app: Flask) -> None:
    with app.app_context():
        heartbeats.beat("a worker", now=utcnow())
    status, said = asked(app)
    assert (status, said["status"]) == (200, "ok")


def test_a_worker_that_is_silent_for_two_minutes_counts_as_dead(app: Flask) -> None:
    with app.app_context():
        heartbeats.beat("a worker", now=utcnow() - timedelta(minutes=3))
    _, said = asked(app)
    assert (said["status"], said["worker"]) == ("attention", False)


def test_paused_mail_shows_without_saying_which_server_refused(app: Flask) -> None:
    now = utcnow()
    with app.app_context():
        heartbeats.pause("a worker", WHY, now=now, until=now + timedelta(minutes=5))
    _, said = asked(app)
    assert (said["status"], said["mail_paused"]) == ("attention", True)
    assert "refused" not in str(said)


def test_it_counts_workers_and_says_when_messages_left_and_how_long_one_waits(app: Flask) -> None:
    now = utcnow()
    with app.app_context():
        assert heartbeats.beat("one", now=now - timedelta(seconds=5)) == 1
        assert heartbeats.beat("two", now=now, sent_at=now - timedelta(seconds=9)) == 2
        one_waits(make_clinic(patients=1), now - timedelta(minutes=12))
    _, said = asked(app)
    assert (said["workers"], said["worker"], said["status"]) == (2, True, "attention")
    assert 9 <= int(str(said["last_delivery_seconds_ago"])) < 60
    assert 720 <= int(str(said["oldest_due_seconds"])) < 800


def one_waits(clinic: Clinic, due_at: datetime) -> None:
    """A message that no worker has touched."""
    with transaction():
        row = Outbox(
            organisation_id=clinic.organisation_id,
            site_id=clinic.site_id,
            patient_id=clinic.patient_ids[0],
            kind="call_us",
            recipient="pat1@mail.example",
            due_at=due_at,
            created_at=due_at,
        )
        db.session.add(row)


def test_a_phone_provider_or_a_mailbox_in_trouble_asks_for_attention(app: Flask) -> None:
    now = utcnow()
    with app.app_context():
        heartbeats.pause("one", WHY, now=now, until=now + timedelta(minutes=5), way="phone")
        with transaction():
            box = Mailbox(name="replies", uid_validity=1, last_uid=1, read_at=now, trouble=WHY)
            db.session.add(box)
    _, said = asked(app)
    assert (said["status"], said["phone_paused"], said["mail_paused"]) == ("attention", True, False)
    assert said["replies"] == "trouble"
    assert "refused" not in str(said)


def test_a_database_that_is_gone_is_a_503(app: Flask, app_settings: Settings) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    Path(str(make_url(app_settings.database_url).database)).write_bytes(b"no database at all" * 99)
    status, said = asked(app)
    assert status == 503
    assert said == {"status": "down", "database": False}

"""/healthz tells machines what is wrong, and names nobody (trust fact 5, I13)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url

from config import Settings
from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.services import heartbeats

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


def test_a_database_that_is_gone_is_a_503(app: Flask, app_settings: Settings) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    Path(str(make_url(app_settings.database_url).database)).write_bytes(b"no database at all" * 99)
    status, said = asked(app)
    assert status == 503
    assert said == {"status": "down", "database": False}

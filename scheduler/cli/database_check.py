"""The doctor's look at the database: does it answer, is it at this version, does a worker sign."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from scheduler import engine_sqlite  # noqa: F401  the pragmas that serve uses
from scheduler.cli import db
from scheduler.cli.finding import Finding
from scheduler.clock import utcnow
from scheduler.services import health

ANSWER, SCHEMA, WORKER = "database", "database version", "worker"
MAIL, PHONE = "mail", "text messages and calls"
UPGRADE = "Run: python3 -m scheduler db upgrade"
PATIENCE_SECONDS = 5


def findings(url: str) -> list[Finding]:
    """In the order in which one thing needs the other; the first that fails ends the list."""
    if (missing := _missing_file(url)) is not None:
        return [missing]
    engine = _engine(url)
    try:
        found = db.version(engine)
        answers = Finding("ok", ANSWER, "It answers.")
        if found != db.newest():
            return [answers, _old(found)]
        return [answers, Finding("ok", SCHEMA, f"{found}, as needed."), *_worker(engine)]
    except (SQLAlchemyError, RuntimeError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        mend = "Is it running, and are address, user and password in DATABASE_URL right?"
        return [Finding("wrong", ANSWER, reason, mend)]
    finally:
        engine.dispose()


def _missing_file(url: str) -> Finding | None:
    """SQLite would make an empty file where there is none, and hide the slip in the name."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or Path(str(parsed.database)).exists():
        return None
    return Finding("wrong", ANSWER, f"There is no file {parsed.database} yet.", UPGRADE)


def _engine(url: str) -> Engine:
    sqlite = url.startswith("sqlite")
    return create_engine(url, connect_args={} if sqlite else {"connect_timeout": PATIENCE_SECONDS})


def _old(found: str | None) -> Finding:
    return Finding("wrong", SCHEMA, f"{found or 'None'}; {db.newest()} is needed.", UPGRADE)


def _worker(engine: Engine) -> list[Finding]:
    now = utcnow()
    with Session(engine) as session:
        found = health.judge(session.scalars(health.SIGNS).all())
    if found.seen_at is None:
        what, age = "No worker has ever signed.", None
    else:
        age = round((now - found.seen_at).total_seconds())
        what = f"The last sign of a worker is {age} seconds old."
    if not found.worker_alive(now):
        return [Finding("wrong", WORKER, what, "Start one: python3 -m scheduler worker")]
    troubles = []
    if found.mail_paused(now):
        mend = "Mend SMTP_URL or the mail server; it goes on by itself."
        troubles.append(Finding("wrong", MAIL, found.paused_why, mend))
    if found.phone_paused(now):
        mend = "Mend PHONE_URL or ask the provider; it goes on by itself."
        troubles.append(Finding("wrong", PHONE, found.phone_paused_why, mend))
    return [Finding("ok", WORKER, what), *troubles]

"""Suite `messages`: a busy evening's messages leased, rendered and handed to a mail server; the
worker killed again and again.

Both engines, every commit on the disk; the mail server is on loopback, in a process of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import create_engine, text

from tests.bench import goals
from tests.bench.book import _postgresql, _sqlite
from tests.bench.figures import Figure
from tests.bench.mail_sink import sink
from tests.bench.messages_clinic import prepared
from tests.bench.messages_killed import soak
from tests.bench.messages_workers import deliver, lease_all

WORKERS = {"sqlite": 1, "postgresql": 2}
LEASED, QUICK_LEASED = 50_000, 9_000
SENT, QUICK_SENT = 9_000, 1_800
KILLED, QUICK_KILLED = (1_008, 50), (180, 3)
"""Messages, and how often the worker dies while they leave."""
WRONG = """
SELECT count(*) FROM outbox WHERE state = 'waiting'
OR (state = 'sent' AND (body IS NULL OR attempts <> 1))"""
FREE = "UPDATE outbox SET claimed_by = NULL, claimed_until = NULL"
LATER = """
UPDATE outbox SET state = 'skipped' WHERE state = 'waiting' AND id NOT IN
(SELECT id FROM outbox WHERE state = 'waiting' ORDER BY id LIMIT :number)"""


def run(*, quick: bool) -> list[Figure]:
    figures = []
    for name, engine in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        with engine() as url:
            if url is None:
                figures.append(Figure(name=f"{name}: not on this machine", value=0, unit=""))
                continue
            now = prepared(url, QUICK_LEASED if quick else LEASED)
            figures.append(_leased(name, url, now))
            figures += _sent(name, url, now, QUICK_SENT if quick else SENT)
        with engine() as url:
            if url is not None:
                number, kills = QUICK_KILLED if quick else KILLED
                figures += soak(name, url, prepared(url, number), kills)
    return figures


def _leased(name: str, url: str, now: datetime) -> Figure:
    rows = _count(url, "SELECT count(*) FROM outbox WHERE state = 'waiting'")
    seconds, busy = lease_all(url, now)
    held = _count(url, "SELECT count(*) FROM outbox WHERE claimed_by = 'one'")
    return Figure(
        name=f"{name}: {LEASED} due rows selected, checked, leased",
        value=seconds * LEASED / rows,
        unit="s",
        goal=goals.LEASE_FIFTY_THOUSAND_S,
        conditions=f"{held} of {rows} rows in {seconds:.1f} s, {busy:.1f} s of the processor",
    )


def _sent(name: str, url: str, now: datetime, number: int) -> list[Figure]:
    with create_engine(url).begin() as connection:
        connection.execute(text(FREE))
        connection.execute(text(LATER), {"number": number})
    with sink() as server:
        shifts = deliver(url, server.address, now + timedelta(minutes=1), WORKERS[name])
        messages, copies = server.taken()
    seconds = max(one.until for one in shifts) - min(one.since for one in shifts)
    growth = max(one.sizes[-1] - one.sizes[(len(one.sizes) + 1) // 4] for one in shifts)
    return [
        Figure(
            name=f"{name}: rendered and handed over",
            value=messages / seconds,
            unit="/s",
            goal=goals.SENT_PER_SECOND[name],
            more_is_better=True,
            conditions=f"{messages} messages, {WORKERS[name]} workers",
        ),
        Figure(
            name=f"{name}: processor time of the workers for one",
            value=sum(one.busy for one in shifts) / messages * 1000,
            unit="ms",
        ),
        Figure(
            name=f"{name}: more memory after three quarters",
            value=growth,
            unit="MB",
            goal=goals.WORKER_GROWTH_MB,
            conditions=f"at the end {max(one.sizes[-1] for one in shifts):.0f} MB each",
        ),
        Figure(
            name=f"{name}: lost or repeated",
            value=abs(len(copies) - number) + messages - len(copies) + _count(url, WRONG),
            unit="",
            goal=0,
            strict=True,
        ),
    ]


def _count(url: str, query: str) -> int:
    with create_engine(url).connect() as connection:
        return int(connection.scalar(text(query)) or 0)

"""Suite `book`: series of six booked by many desks at once, every rule asked again under the lock;
one act in four trades two visits. Both engines, every commit on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import time, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

import psycopg
from sqlalchemy import Connection, create_engine, text

from config import Settings
from scheduler.services import proposals
from tests.bench import goals
from tests.bench.book_clients import Tally, Work, run_clients
from tests.bench.figures import Figure
from tests.bench.stopwatch import percentile
from tests.clinic import MONDAY, NOW, Clinic, make_clinic
from tests.ground import ground_floor, released, upgrade
from tests.temp_postgres import TempPostgres, find_binaries

CHAIRS, NURSES, PROCESSES = 12, 9, 4
WISHES = (time(8), time(9), time(10, 30), time(13), time(14, 30))
WEEKS = 6
OVERLAPS = """
SELECT count(*) FROM chair_claims a JOIN chair_claims b
ON a.chair_id = b.chair_id AND a.visit_id < b.visit_id
AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"""
PARTIAL = """
SELECT count(*) FROM series WHERE count <> (SELECT count(*) FROM visits
WHERE visits.series_id = series.id)"""


def run(*, quick: bool) -> list[Figure]:
    figures = []
    for name, engine in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        with engine() as url:
            if url is None:
                figures.append(Figure(name=f"{name}: not on this machine", value=0, unit=""))
                continue
            figures += _engine(name, url, (16,) if quick else (16, 64), 8 if quick else 24)
    return figures


def _engine(name: str, url: str, clients: tuple[int, ...], each: int) -> list[Figure]:
    commits = bare_commits(url)
    figures = [Figure(name=f"{name}: bare commits", value=commits, unit="/s")]
    clinic, keys = prepared(url, max(clients) * 2)
    used = 0
    for number in clients:
        works, used = _works(keys, number, each, used)
        tally = contend(url, clinic, works)
        figures += _figures(f"{name}, {number} clients", name, number, tally)
    with create_engine(url).connect() as connection:
        figures += _wrong(name, connection)
    return figures


def _figures(label: str, engine: str, clients: int, tally: Tally) -> list[Figure]:
    seconds = tally.until - tally.since
    where = (
        f"{tally.booked} booked, {tally.refused} refused, {tally.swapped} swapped;"
        f" {CHAIRS} chairs, {PROCESSES} processes"
    )
    return [
        Figure(
            name=f"{label}: decided",
            value=len(tally.times) / seconds,
            unit="/s",
            goal=goals.DECIDED_PER_SECOND[engine],
            more_is_better=True,
            conditions=where,
        ),
        Figure(
            name=f"{label}: p99",
            value=percentile(tally.times, 99),
            unit="ms",
            goal=goals.SLOWEST_MS[clients],
            conditions=where,
        ),
        Figure(
            name=f"{label}: errors that are no answers",
            value=len(tally.failed),
            unit="",
            goal=0,
            strict=True,
            conditions="; ".join(tally.failed[:2]),
        ),
    ]


def _wrong(name: str, connection: Connection) -> list[Figure]:
    found = (("overlapping claims", OVERLAPS), ("series in part", PARTIAL))
    return [
        Figure(
            name=f"{name}: {what}",
            value=connection.scalar(text(query)) or 0,
            unit="",
            goal=0,
            strict=True,
        )
        for what, query in found
    ]


def contend(url: str, clinic: Clinic, works: list[Work]) -> Tally:
    """All lists of work at once, the threads spread over a few processes."""
    whole = Tally()
    shares = [works[place::PROCESSES] for place in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for tally in pool.map(partial(run_clients, url, clinic), shares):
            whole.add(tally)
    return whole


def _works(keys: list[str], clients: int, each: int, used: int) -> tuple[list[Work], int]:
    """Each client has patients of its own; the plans are drawn from the same few."""
    draw, works = Random(clients), []
    for _ in range(clients):
        works.append([(used + place, draw.choice(keys)) for place in range(each)])
        used += each
    return works, used


def prepared(url: str, plans: int) -> tuple[Clinic, list[str]]:
    """A clinic with many patients, and plans for an empty calendar: they meet each other."""
    upgrade(url)
    draw, keys = Random(3), set()
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        clinic = make_clinic(chairs=CHAIRS, nurses=NURSES, patients=2_000)
        for _ in range(plans):
            query = clinic.query(
                earliest_on=MONDAY + timedelta(days=draw.randrange(7 * WEEKS)),
                wished_start=draw.choice(WISHES),
                wished_chair_id=draw.choice(clinic.chair_ids),
            )
            offer = proposals.offer(query, clinic.anybody, now=NOW)
            keys |= {plan.key for plan in offer.plans}
    return clinic, sorted(keys)


def bare_commits(url: str, seconds: float = 0.5) -> float:
    """What the machine itself can do: one row, one commit, one connection."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = 2")
        return _rate(lambda sql: connection.execute(sql), seconds, connection.close)
    plain = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    return _rate(lambda sql: plain.execute(sql), seconds, plain.close)


def _rate(execute: Callable[[str], object], seconds: float, close: Callable[[], object]) -> float:
    execute("CREATE TABLE bare (n integer)")
    began, number = perf_counter(), 0
    while perf_counter() - began < seconds:
        execute(f"INSERT INTO bare VALUES ({number})")
        number += 1
    rate = number / (perf_counter() - began)
    execute("DROP TABLE bare")
    close()
    return rate


@contextmanager
def _sqlite() -> Iterator[str | None]:
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'book.sqlite3'}"


@contextmanager
def _postgresql() -> Iterator[str | None]:
    binaries = find_binaries()
    if binaries is None:
        yield None
        return
    server = TempPostgres(binaries, durable=True)
    try:
        yield server.url()
    finally:
        server.stop()

"""The demo clinic is true: what lies in its tables obeys every rule that real bookings obey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from scheduler.demo.catching_up import catch_up
from scheduler.demo.fill import fill
from scheduler.demo.letters import WaysOut
from scheduler.extensions import db
from scheduler.mail.folder import FolderTransport
from scheduler.models import (
    ChairClaim,
    Outbox,
    Patient,
    PatientClaim,
    Series,
    Site,
    SiteDay,
    Task,
    Visit,
    VisitHistory,
)
from scheduler.models.visit import HOLDING_STATES
from scheduler.phone.folder import PhoneFolder
from scheduler.planning.day_facts import Held
from scheduler.planning.daybook import Day
from scheduler.planning.opening import local
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Spacing, judge
from scheduler.planning.visit import VisitShape
from scheduler.services import daybooks
from tests.databases import SQLiteDatabases
from tests.ground import ground_floor, migrated, released

NEW_YORK = ZoneInfo("America/New_York")
WEDNESDAY = datetime(2027, 1, 13, 15, 42, tzinfo=UTC)
SMALL = 20
BEFORE = {"r2", "r3", "r4", "r5", "r6"}
"""Reminders that come before a visit."""


def ways(folder: Path) -> WaysOut:
    return WaysOut(
        mail=FolderTransport(folder / "mail"),
        phone=PhoneFolder(folder / "phone"),
        public_url="http://127.0.0.1",
    )


MOMENTS = {
    "a Wednesday morning": WEDNESDAY,
    "Sunday night": datetime(2027, 1, 18, 4, 30, tzinfo=UTC),
    "the week the clocks go forward": datetime(2027, 3, 15, 14, 0, tzinfo=UTC),
}


@pytest.fixture(scope="session")
def engine_name() -> str:
    return "sqlite"


@pytest.fixture(scope="module", params=MOMENTS)
def now(request: pytest.FixtureRequest) -> datetime:
    return MOMENTS[request.param]


@pytest.fixture(scope="module")
def clinic(
    now: datetime,
    sqlite_databases: SQLiteDatabases,
    migrated_urls: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """A small demo clinic for one moment; the tests of this file only look at it."""
    url = sqlite_databases.copy(migrated("sqlite", sqlite_databases, migrated_urls))
    folder = tmp_path_factory.mktemp("demo")
    with released(ground_floor(Settings.for_tests(database_url=url, data_dir=folder))) as app:
        with app.app_context():
            fill("no hash", ways(folder), now=now, count=SMALL)
        yield app
    sqlite_databases.drop(url)


@pytest.fixture
def look(clinic: Flask) -> Iterator[None]:
    with clinic.app_context():
        yield


def visits() -> list[Visit]:
    return list(db.session.scalars(select(Visit).order_by(Visit.starts_at, Visit.id)))


@pytest.mark.usefixtures("look")
def test_every_visit_fits_its_day_by_the_rule_that_bookings_obey() -> None:
    """Chairs, hours, closures, nurses, starts: all held visits of a day book one after another."""
    site = db.session.scalars(select(Site)).one()
    held = [visit for visit in visits() if visit.state in HOLDING_STATES]
    assert len(held) > 100
    empty = empty_days(site, held)
    for visit in held:
        shape = VisitShape.from_plain(visit.shape)
        day = empty[visit.starts_on]
        refusals = day.refusals(shape, visit.chair_id, visit.starts_at, bay_id=visit.bay_id)
        assert refusals == (), (visit.starts_on, visit.local_starts, refusals)
        place = {"chair_id": visit.chair_id, "bay_id": visit.bay_id}
        day.hold(Held(starts_at=visit.starts_at, shape=shape, **place))


def empty_days(site: Site, held: list[Visit]) -> dict[Any, Day]:
    everything = [visit.id for visit in held]
    return daybooks.load(site, {visit.starts_on for visit in held}, without=everything)


@pytest.mark.usefixtures("look")
def test_a_claim_exists_exactly_while_a_visit_holds_its_time() -> None:
    found = visits()
    claims = list(db.session.scalars(select(ChairClaim)))
    places = {visit.id: (visit.chair_id, visit.bay_id) for visit in found}
    chairs = {row.visit_id: row for row in claims if row.chair_id == places[row.visit_id][0]}
    bays = {row.visit_id: row for row in claims if row.chair_id == places[row.visit_id][1]}
    assert len(chairs) + len(bays) == len(claims)
    patients = {row.visit_id: row for row in db.session.scalars(select(PatientClaim))}
    holding = {visit.id for visit in found if visit.state in HOLDING_STATES}
    assert set(chairs) == set(patients) == holding
    for visit in found:
        if visit.id in holding:
            chair, stay = chairs[visit.id], patients[visit.id]
            assert (chair.chair_id, chair.starts_at) == (visit.chair_id, visit.starts_at)
            until = bays[visit.id].ends_at if visit.bay_id else chair.ends_at
            assert until == visit.chair_until
            assert (stay.starts_at, stay.ends_at) == (visit.arrives_at, visit.leaves_at)
            assert stay.sedating_on == (visit.starts_on if visit.sedating else None)


@pytest.mark.usefixtures("look")
def test_times_follow_from_shape_and_wall_clock() -> None:
    for visit in visits():
        times = VisitShape.from_plain(visit.shape).times(visit.starts_at)
        assert (visit.arrives_at, visit.leaves_at) == (times.arrives_at, times.leaves_at)
        assert visit.chair_until == times.chair_until
        wall = local(NEW_YORK, visit.starts_at)
        assert (visit.starts_on, visit.local_starts) == (wall.date(), f"{wall:%Y-%m-%dT%H:%M}")


@pytest.mark.usefixtures("look")
def test_every_series_was_booked_within_its_rules() -> None:
    for series in db.session.scalars(select(Series)):
        rules = dict(series.rules)
        spacing = Spacing(**{**rules, "gap": Gap(**rules["gap"])})
        rows = select(Visit).where(Visit.series_id == series.id).order_by(Visit.number)
        booked = [visit.starts_on for visit in db.session.scalars(rows)]
        assert len(booked) == series.count
        assert not [one for one in judge(booked, spacing) if one.hard]


@pytest.mark.usefixtures("look")
def test_the_history_of_a_visit_ends_where_the_visit_stands(now: datetime) -> None:
    lines: dict[int, list[VisitHistory]] = {}
    for line in db.session.scalars(select(VisitHistory).order_by(VisitHistory.id)):
        lines.setdefault(line.visit_id, []).append(line)
    for visit in visits():
        own = lines[visit.id]
        assert own[0].from_state is None
        assert [one.to_state for one in own[:-1]] == [one.from_state for one in own[1:]]
        moments = [one.at for one in own]
        assert moments == sorted(moments)
        assert moments[-1] <= now
        last = own[-1]
        assert (last.to_state, last.chair_id, last.starts_at) == (
            *(visit.state, visit.chair_id, visit.starts_at),
        )
        assert visit.created_at == own[0].at


@pytest.mark.usefixtures("look")
def test_states_are_those_that_the_hour_allows(now: datetime) -> None:
    for visit in visits():
        if visit.leaves_at + timedelta(minutes=15) < now:
            assert visit.state not in ("booked", "confirmed", "arrived", "infusing")
        if visit.arrives_at > now + timedelta(minutes=15):
            assert visit.state in ("booked", "confirmed", "cancelled")
    days = {row.on for row in db.session.scalars(select(SiteDay)) if row.version > 0}
    assert days >= {visit.starts_on for visit in visits()}


@pytest.mark.usefixtures("look")
def test_nothing_that_waits_is_late_and_nothing_that_left_lies_ahead(now: datetime) -> None:
    rows = db.session.scalars(select(Outbox)).all()
    for row in rows:
        if row.state == "waiting":
            assert row.due_at >= now
            if row.kind in BEFORE:
                assert row.visit is not None
                assert row.visit.starts_at > now
                assert row.visit.state in ("booked", "confirmed")
        if row.state == "sent":
            assert row.sent_at is not None
            assert row.sent_at <= now
            assert row.body is not None
    assert {row.kind for row in rows if row.state == "waiting"} >= BEFORE
    assert {row.channel for row in rows if row.state == "sent"} >= {"email", "sms"}


@pytest.mark.usefixtures("look")
def test_every_coming_visit_has_been_told_to_whoever_has_an_address() -> None:
    told = {row.visit_id for row in db.session.scalars(select(Outbox)) if row.method == "REQUEST"}
    for visit in visits():
        mailed = bool(visit.patient.email)
        if visit.state in ("booked", "confirmed"):
            assert (visit.id in told) is mailed


@pytest.mark.usefixtures("look")
def test_every_page_has_something_to_show(clinic: Flask) -> None:
    states = {visit.state for visit in visits()}
    assert {"booked", "confirmed", "cancelled", "discharged"} <= states
    assert {row.state for row in db.session.scalars(select(Task))} >= {"open"}
    assert {row.state for row in db.session.scalars(select(Outbox))} >= {"waiting", "sent"}
    assert {row.channel for row in db.session.scalars(select(Patient))} >= {"email", "letter"}
    folder = clinic.config["CHAIRTIME"].data_dir / "mail"
    assert 1 <= len(list(folder.glob("*.eml"))) <= 16


def test_the_same_moment_makes_the_same_clinic(
    sqlite_databases: SQLiteDatabases, migrated_urls: dict[str, str], tmp_path: Path
) -> None:
    first, again = (
        filled(sqlite_databases, migrated_urls, tmp_path / name) for name in ("first", "again")
    )
    assert first == again


def filled(databases: SQLiteDatabases, known: dict[str, str], folder: Path) -> list[object]:
    """Everything but the random numbers that must be random: reply tokens and message ids."""
    url = databases.copy(migrated("sqlite", databases, known))
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        fill("no hash", ways(folder), now=WEDNESDAY, count=12)
        found: list[object] = [
            (one.uid, one.state, one.starts_at, one.chair_id, one.patient_id, one.created_at)
            for one in visits()
        ]
        found += [
            (row.kind, row.state, row.due_at, row.recipient, row.version, row.sequence)
            for row in db.session.scalars(select(Outbox).order_by(Outbox.id))
        ]
        found += [
            (one.name, one.birth_on, one.phone, one.channel)
            for one in db.session.scalars(select(Patient).order_by(Patient.id))
        ]
        lines = db.session.scalars(select(VisitHistory).order_by(VisitHistory.id))
        found += [(one.visit_id, one.to_state, one.at, one.by_name) for one in lines]
    databases.drop(url)
    return found


def test_after_a_week_of_rest_the_demo_has_caught_up(
    sqlite_databases: SQLiteDatabases, migrated_urls: dict[str, str], tmp_path: Path
) -> None:
    url = sqlite_databases.copy(migrated("sqlite", sqlite_databases, migrated_urls))
    later = WEDNESDAY + timedelta(days=7)
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        fill("no hash", ways(tmp_path), now=WEDNESDAY, count=12)
        assert catch_up(now=later) > 0
        for visit in visits():
            if visit.leaves_at < later:
                assert visit.state not in ("booked", "confirmed", "arrived", "roomed", "infusing")
            if visit.starts_at > later:
                assert visit.state in ("booked", "confirmed", "cancelled")
        lines = db.session.scalars(select(VisitHistory).order_by(VisitHistory.id)).all()
        assert all(line.at <= later for line in lines)
        holding = {visit.id for visit in visits() if visit.state in HOLDING_STATES}
        assert {row.visit_id for row in db.session.scalars(select(ChairClaim))} == holding
        assert catch_up(now=later) == 0
    sqlite_databases.drop(url)

"""New rules of a time zone: coming visits keep the hour on the clock (trust I16)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import ChairClaim, Organisation, Site, Visit
from scheduler.services import claims, zone_data
from scheduler.transaction import transaction
from tests.post_office import PostOffice, post_office

HOUR = timedelta(hours=1)


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def always_summer(_site: Site) -> ZoneInfo:
    """New York as it would be without winter time: four hours behind UTC all year (RFC 9636)."""
    header = b"TZif2" + bytes(15)
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    body = struct.pack(">lBB", -4 * 3600, 0, 0) + b"EDT\0"
    data = header + counts + body + header + counts + body + b"\nEDT4\n"
    return ZoneInfo.from_file(io.BytesIO(data), key="America/New_York")


def recompute(office: PostOffice) -> int:
    organisation_id = office.clinic.organisation_id
    return zone_data.recompute(organisation_id, "2099z", now=office.now, zones=always_summer)


def test_visits_claims_messages_and_reminders_follow_and_the_hour_stays(
    office: PostOffice,
) -> None:
    visits = office.book_series()
    office.deliver(minutes=3)
    before = {visit.id: (visit.starts_at, visit.local_starts) for visit in visits}
    assert recompute(office) == 6
    after = office.visits(list(before))
    for visit in after:
        claim = db.session.query(ChairClaim).filter_by(visit_id=visit.id).one()
        starts_at, wall = before[visit.id]
        assert (visit.starts_at, visit.local_starts) == (starts_at - HOUR, wall)
        assert (claim.starts_at, visit.sequence, visit.version) == (visit.starts_at, 1, 2)
    assert len(office.rows("update", state="waiting")) == 6
    assert {row.version for row in office.rows("r4", state="waiting")} == {2}
    assert recompute(office) == 0
    assert db.session.get_one(Organisation, office.clinic.organisation_id).zone_data == "2099z"


def test_a_visit_that_loses_its_place_is_an_urgent_task(office: PostOffice) -> None:
    first, second, *_ = office.book_series()
    with transaction():
        claims.release([second.id])  # stands in the way, an hour earlier, and is under way
        other = db.session.get_one(Visit, second.id)
        other.starts_at, other.chair_until = first.starts_at - HOUR, first.starts_at
        other.arrives_at, other.leaves_at = first.starts_at - HOUR, first.starts_at
        other.starts_on, other.state, other.sedating = first.starts_on, "arrived", False
        db.session.flush()
        db.session.add(
            ChairClaim(
                organisation_id=other.organisation_id,
                visit_id=other.id,
                chair_id=other.chair_id,
                starts_at=other.starts_at,
                ends_at=other.chair_until,
            )
        )
    assert recompute(office) == 5
    assert office.visits([first.id])[0].state == "displaced"
    assert [(task.visit_id, task.priority) for task in office.tasks("zone_clash")] == [
        (first.id, 1)
    ]


def test_the_standing_job_does_nothing_once_the_version_is_known(office: PostOffice) -> None:
    office.book_series()
    assert zone_data.follow(now=office.now) == 0
    row = db.session.get_one(Organisation, office.clinic.organisation_id)
    assert row.zone_data == zone_data.installed()

"""A small clinic in the tables, for tests that book: one site, chairs, cover, an approved Mood
series."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.extensions import db
from scheduler.models import (
    Chair,
    Cover,
    OpeningHours,
    Organisation,
    Patient,
    Protocol,
    ProtocolVersion,
    Site,
)
from scheduler.planning.opening import instant
from scheduler.planning.protocol import Protocol as SeriesTemplate
from scheduler.services.actor import Actor, command_line
from scheduler.services.booking import BookingRequest
from scheduler.services.policy import Policy
from scheduler.services.protocol_files import dump
from scheduler.services.protocol_library import templates
from scheduler.services.rights import RIGHTS
from scheduler.services.series_query import SeriesQuery
from scheduler.transaction import transaction

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)
"""Monday 4 January 2027, 10:00 am in New York."""
MONDAY = date(2027, 1, 11)
AT_ONCE = Policy(undo_seconds=0)


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """Ids only, so that it can be used in any thread, process or session."""

    organisation_id: int
    site_id: int
    chair_ids: tuple[int, ...]
    patient_ids: tuple[int, ...]
    versions: dict[str, int]

    @property
    def anybody(self) -> Actor:
        """Somebody who may do everything."""
        return command_line(self.organisation_id, "Dana Front")

    def somebody(self, role: str) -> Actor:
        return Actor(
            organisation_id=self.organisation_id,
            user_id=None,
            name=f"A {role}",
            rights=RIGHTS[role],
        )

    def query(self, patient: int = 0, /, **changes: Any) -> SeriesQuery:
        """Six visits of the Mood series, three a week, from Monday 11 January 2027."""
        asked: dict[str, Any] = {
            "site_id": self.site_id,
            "patient_id": self.patient_ids[patient],
            "protocol_version_id": self.versions["ket-mood-3x2"],
            "phase": "induction",
            "earliest_on": MONDAY,
        }
        return SeriesQuery(**{**asked, **changes})

    def booking(self, plan_key: str, patient: int = 0, /, **changes: Any) -> BookingRequest:
        return BookingRequest(
            query=self.query(patient, **changes), plan_key=plan_key, token=new_token()
        )


def new_token() -> str:
    return secrets.token_hex(16)


def wall(on: date, hour: int, minute: int = 0) -> datetime:
    """The UTC instant of a New York wall time."""
    return instant(NEW_YORK, on, time(hour, minute))


def make_clinic(
    *, chairs: int = 3, nurses: int = 2, patients: int = 2, email: bool = True
) -> Clinic:
    """Open Mon to Fri 8 to 17 and Sat 9 to 13, two providers. Inside an application context."""
    with transaction():
        organisation = Organisation(name="Cedar House", created_at=NOW)
        db.session.add(organisation)
        db.session.flush()
        site = _site(organisation.id)
        chair_rows = [_chair(site, place) for place in range(1, chairs + 1)]
        _hours(site, nurses)
        patient_rows = [_patient(site, place, email) for place in range(1, patients + 1)]
        versions = {protocol.id: _approved(organisation.id, protocol) for protocol in templates()}
        db.session.flush()
        return Clinic(
            organisation_id=organisation.id,
            site_id=site.id,
            chair_ids=tuple(chair.id for chair in chair_rows),
            patient_ids=tuple(patient.id for patient in patient_rows),
            versions={key: version.id for key, version in versions.items()},
        )


def _site(organisation_id: int) -> Site:
    site = Site(
        organisation_id=organisation_id,
        name="Cedar House, main floor",
        public_name="Cedar House",
        zone_name="America/New_York",
        address="12 Elm Street",
        phone="555-0100",
        sender_address="bookings@cedar.example",
    )
    db.session.add(site)
    db.session.flush()
    return site


def _chair(site: Site, place: int) -> Chair:
    chair = Chair(
        organisation_id=site.organisation_id,
        site_id=site.id,
        name=f"Chair {place}",
        position=place,
    )
    db.session.add(chair)
    return chair


def _hours(site: Site, nurses: int) -> None:
    week = [(day, time(8), time(17)) for day in range(5)] + [(5, time(9), time(13))]
    common = {"organisation_id": site.organisation_id, "site_id": site.id}
    for weekday, opens, closes in week:
        db.session.add(OpeningHours(**common, weekday=weekday, opens=opens, closes=closes))
        there = {"weekday": weekday, "starts": opens, "ends": closes}
        db.session.add(Cover(**common, **there, nurses=nurses))
        db.session.add(Cover(**common, **there, nurses=2, role="provider"))


def _patient(site: Site, place: int, email: bool) -> Patient:
    patient = Patient(
        organisation_id=site.organisation_id,
        first_name=f"Pat{place}",
        last_name="Invented",
        birth_on=date(1950 + place, 1, 5),
        email=f"pat{place}@mail.example" if email else "",
        phone=f"555-01{place:02}",
        channel="email" if email else "letter",
        reply_token=secrets.token_hex(16),
        created_at=NOW,
    )
    db.session.add(patient)
    return patient


def _approved(organisation_id: int, protocol: SeriesTemplate) -> ProtocolVersion:
    row = Protocol(
        organisation_id=organisation_id,
        key=protocol.id,
        title=protocol.title,
        created_at=NOW,
    )
    db.session.add(row)
    db.session.flush()
    version = ProtocolVersion(
        organisation_id=organisation_id,
        protocol_id=row.id,
        number=1,
        status="approved",
        title=protocol.title,
        document=dump(protocol),
        created_by_name="Dr Achter",
        created_at=NOW,
        submitted_at=NOW,
        approved_by_name="Dr Achter",
        approved_at=NOW,
    )
    db.session.add(version)
    return version

"""Invented clinics for tests: functions that add rows, inside `with transaction():`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from scheduler.extensions import db
from scheduler.invites.identity import new_reply_token, new_uid, organizer_address
from scheduler.models import (
    Chair,
    ChairClaim,
    Closure,
    Cover,
    OpeningHours,
    Organisation,
    Patient,
    PatientClaim,
    Protocol,
    ProtocolVersion,
    Series,
    Site,
    Visit,
    VisitHistory,
)
from scheduler.models.visit import HOLDING_STATES
from scheduler.planning.opening import instant, local
from scheduler.planning.preparation import PrepSet
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Spacing
from scheduler.planning.visit import Part, VisitShape
from scheduler.services import claims
from scheduler.services.actor import Actor
from scheduler.services.protocol_files import dump
from scheduler.services.protocol_library import templates
from scheduler.services.rights import rights_of

LONG_AGO = datetime(2026, 1, 5, 15, tzinfo=UTC)
WEEKDAYS = range(5)
MOOD = VisitShape(
    parts=(
        Part(name="checkin", minutes=10, chair=False),
        Part(name="prep", minutes=15, nurse=((15, 100),)),
        Part(name="infusion", minutes=40, nurse=((10, 100), (30, 50))),
        Part(name="recovery", minutes=30, nurse=((30, 33),)),
        Part(name="discharge", minutes=5, nurse=((5, 100),)),
        Part(name="turnaround", minutes=15),
    ),
    arrive_early_minutes=10,
    sedating=True,
)
"""105 chair minutes (domain C, the standard visit of a mood series)."""
TWO_TO_SEVEN_DAYS = Spacing(gap=Gap(hard_min=2, target=2, soft_max=5, hard_max=7))
FAST = PrepSet(fasting_solids_minutes=240, limit_fluids_minutes=120, driver="required")
NAMES = (
    "Ines Calloway",
    "Rufus Tan",
    "Nell Okafor",
    "Odette Varga",
    "Greta Holm",
    "Silas Whitcombe",
)
_numbers = itertools.count(1)


def added(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def make_organisation(name: str = "Larkspur Clinic") -> Organisation:
    row: Organisation = added(Organisation(name=name, created_at=LONG_AGO))
    return row


def make_site(organisation: Organisation, name: str = "Main Street", **changes: Any) -> Site:
    """New York, offered starts every 15 minutes."""
    facts: dict[str, Any] = {
        "public_name": "Larkspur Clinic",
        "zone_name": "America/New_York",
        "address": "12 Main Street, Springfield",
        "phone": "555-0100",
        "sender_address": "visits@larkspur.example",
        **changes,
    }
    row: Site = added(Site(organisation_id=organisation.id, name=name, **facts))
    return row


def make_chair(site: Site, name: str = "Chair 1", **changes: Any) -> Chair:
    facts: dict[str, Any] = {"position": next(_numbers), **changes}
    row: Chair = added(
        Chair(organisation_id=site.organisation_id, site_id=site.id, name=name, **facts)
    )
    return row


def make_hours(
    site: Site,
    opens: time = time(8),
    closes: time = time(17),
    weekdays: Sequence[int] = WEEKDAYS,
) -> list[OpeningHours]:
    return [
        added(
            OpeningHours(
                organisation_id=site.organisation_id,
                site_id=site.id,
                weekday=weekday,
                opens=opens,
                closes=closes,
            )
        )
        for weekday in weekdays
    ]


def make_cover(
    site: Site,
    nurses: int = 3,
    starts: time = time(8),
    ends: time = time(17),
    weekdays: Sequence[int] = WEEKDAYS,
    role: str = "nurse",
) -> list[Cover]:
    return [
        added(
            Cover(
                organisation_id=site.organisation_id,
                site_id=site.id,
                weekday=weekday,
                starts=starts,
                ends=ends,
                nurses=nurses,
                role=role,
            )
        )
        for weekday in weekdays
    ]


def make_clinic(chairs: int = 3, nurses: int = 3) -> Site:
    """An organisation with one site, its chairs, Monday to Friday 8 to 5, nurses and two providers
    all day."""
    site = make_site(make_organisation())
    for number in range(1, chairs + 1):
        make_chair(site, f"Chair {number}", position=number)
    make_hours(site)
    make_cover(site, nurses)
    make_cover(site, 2, role="provider")
    return site


def make_closure(
    site: Site, starts_at: datetime, ends_at: datetime, chair: Chair | None = None, reason: str = ""
) -> Closure:
    row: Closure = added(
        Closure(
            organisation_id=site.organisation_id,
            site_id=site.id,
            chair_id=chair.id if chair else None,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
        )
    )
    return row


def make_patient(site: Site, name: str | None = None, **changes: Any) -> Patient:
    """Somebody who does not exist."""
    number = next(_numbers)
    first, _, last = (name or NAMES[number % len(NAMES)]).partition(" ")
    facts: dict[str, Any] = {
        "birth_on": date(1980, 1, 1) + timedelta(days=number),
        "email": f"patient{number}@mail.example",
        "phone": f"555-{1000 + number % 9000:04}",
        "reply_token": new_reply_token(),
        "created_at": LONG_AGO,
        **changes,
    }
    facts.setdefault("find_text", f"{first} {last} {facts['phone']}".lower())
    row: Patient = added(
        Patient(
            organisation_id=site.organisation_id, first_name=first, last_name=last or "Doe", **facts
        )
    )
    return row


@cache
def mood_document() -> str:
    """The built-in Mood series as a version keeps it."""
    return dump(next(one for one in templates() if one.id == "ket-mood-3x2"))


def make_version(site: Site, title: str = "Mood series") -> ProtocolVersion:
    """The Mood series, approved."""
    key = f"series-{next(_numbers)}"
    protocol = added(
        Protocol(organisation_id=site.organisation_id, key=key, title=title, created_at=LONG_AGO)
    )
    row: ProtocolVersion = added(
        ProtocolVersion(
            organisation_id=site.organisation_id,
            protocol_id=protocol.id,
            number=1,
            status="approved",
            title=title,
            document=mood_document(),
            created_by_name="Ada Moss",
            created_at=LONG_AGO,
        )
    )
    return row


def make_series(site: Site, patient: Patient, count: int = 6, **changes: Any) -> Series:
    version = changes.pop("version", None) or make_version(site)
    facts: dict[str, Any] = {
        "phase": "induction",
        "title": version.title,
        "earliest_on": LONG_AGO.date(),
        "created_by_name": "Dana Reyes",
        "created_at": LONG_AGO,
        "rules": TWO_TO_SEVEN_DAYS.to_plain(),
        **changes,
    }
    row: Series = added(
        Series(
            organisation_id=site.organisation_id,
            site_id=site.id,
            patient_id=patient.id,
            protocol_version_id=version.id,
            count=count,
            **facts,
        )
    )
    return row


def make_visit(
    site: Site,
    chair: Chair,
    on: date,
    wall: str = "09:00",
    *,
    patient: Patient | None = None,
    series: Series | None = None,
    state: str = "booked",
    shape: VisitShape = MOOD,
    **changes: Any,
) -> Visit:
    """A visit at the site's wall time, with a line of history, and claims if its state has them."""
    patient = patient or (series.patient if series else make_patient(site))
    version_id = series.protocol_version_id if series else make_version(site).id
    starts_at = instant(site.zone, on, time.fromisoformat(wall))
    times, shown = shape.times(starts_at), local(site.zone, starts_at)
    facts: dict[str, Any] = {
        "phase": "induction",
        "title": series.title if series else "Mood series",
        "number": 1,
        "prep": FAST.to_plain(),
        "created_at": LONG_AGO,
        **changes,
    }
    row: Visit = added(
        Visit(
            organisation_id=site.organisation_id,
            site_id=site.id,
            patient_id=patient.id,
            series_id=series.id if series else None,
            chair_id=chair.id,
            protocol_version_id=version_id,
            state=state,
            arrives_at=times.arrives_at,
            starts_at=times.starts_at,
            leaves_at=times.leaves_at,
            chair_until=times.chair_until,
            starts_on=shown.date(),
            local_starts=shown.strftime("%Y-%m-%dT%H:%M"),
            shape=shape.to_plain(),
            sedating=shape.sedating,
            uid=new_uid(site.sender_address),
            organizer=organizer_address(site.sender_address, patient.reply_token, plus=True),
            **facts,
        )
    )
    _hold(row)
    return row


def _hold(visit: Visit) -> None:
    own = {"organisation_id": visit.organisation_id, "visit_id": visit.id}
    if visit.state in HOLDING_STATES:
        for claim in claims.chair_rows(visit):
            added(ChairClaim(**claim))
        stay = {"starts_at": visit.arrives_at, "ends_at": visit.leaves_at}
        sedating_on = visit.starts_on if visit.sedating else None
        added(PatientClaim(**own, **stay, patient_id=visit.patient_id, sedating_on=sedating_on))
    added(
        VisitHistory(
            **own,
            to_state=visit.state,
            at=visit.created_at,
            by_name="Dana Reyes",
            chair_id=visit.chair_id,
            bay_id=visit.bay_id,
            starts_at=visit.starts_at,
            leaves_at=visit.leaves_at,
            local_starts=visit.local_starts,
        )
    )


def make_actor(organisation_id: int, *roles: str, name: str = "Dana Reyes") -> Actor:
    """Somebody with these roles, the desk's without any; not a row."""
    return Actor(
        organisation_id=organisation_id,
        user_id=None,
        name=name,
        rights=rights_of(list(roles) or ["desk"]),
    )

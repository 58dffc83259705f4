"""Every phase of the built-in templates is offered and booked as a whole, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import ProtocolVersion, Series, Site, Visit
from scheduler.services import protocols, series_rules
from scheduler.services.booking import book
from scheduler.services.proposals import offer
from scheduler.services.protocol_library import templates
from scheduler.services.series_request import prepare
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, MONDAY, NOW, Clinic, make_clinic
from tests.factories import make_actor

DAY = timedelta(days=1)
TEMPLATES = [one.id for one in templates()]


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The planner's answers do not depend on the engine."""
    return "sqlite"


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        found = make_clinic()
        with transaction():
            db.session.get_one(Site, found.site_id).horizon_days = 365
        yield found


def approved(clinic: Clinic, template_id: str) -> int:
    """The version id of a library template that a provider has approved."""
    manager = make_actor(clinic.organisation_id, "manager")
    provider = make_actor(clinic.organisation_id, "provider")
    made = protocols.create_from_library(template_id, manager, now=NOW)
    protocols.submit(made.protocol_id, made.number, manager, now=NOW)
    protocols.approve(made.protocol_id, made.number, provider, now=NOW)
    rows = select(ProtocolVersion.id).where(ProtocolVersion.protocol_id == made.protocol_id)
    return db.session.scalars(rows).one()


def booked(clinic: Clinic, version_id: int, phase: str, **changes: Any) -> list[Visit]:
    """The visits of the best plan, booked."""
    asked = {"protocol_version_id": version_id, "phase": phase, **changes}
    plans = offer(clinic.query(**asked), clinic.anybody, now=NOW).plans
    assert plans, f"{phase} has no plan"
    done = book(clinic.booking(plans[0].key, **asked), clinic.anybody, now=NOW, policy=AT_ONCE)
    rows = select(Visit).where(Visit.id.in_(done.visit_ids)).order_by(Visit.number)
    return list(db.session.scalars(rows))


@pytest.mark.parametrize("template_id", TEMPLATES)
def test_every_phase_of_a_built_in_template_books_after_the_one_before(
    clinic: Clinic, template_id: str
) -> None:
    version_id = approved(clinic, template_id)
    template = next(one for one in templates() if one.id == template_id)
    earliest, last_on = MONDAY, None
    for phase in template.phases_from(template.first_phase.id):
        visits = booked(clinic, version_id, phase.id, earliest_on=earliest)
        assert last_on is None or visits[0].starts_on > last_on
        last_on = visits[-1].starts_on
        earliest = last_on + DAY
        series = visits[0].series
        if series is not None:
            assert not [one for one in series_rules.broken(series) if one.hard]


def test_fixed_days_are_booked_near_their_days_and_a_move_is_judged_by_them(
    clinic: Clinic,
) -> None:
    version_id = approved(clinic, "infliximab-0-2-6-q8")
    visits = booked(clinic, version_id, "induction")
    assert [(visit.starts_on - visits[0].starts_on).days for visit in visits] == [0, 14, 42]
    series = db.session.get_one(Series, visits[0].series_id)
    kept = series_rules.spacing_of(series)
    assert [one.of for one in kept.anchored] == [1, 1]
    (broken,) = series_rules.broken(series, {visits[1].id: visits[0].starts_on + DAY * 19})
    assert (broken.rule, broken.number, broken.hard) == ("H7", 2, True)
    assert series_rules.broken(series, {visits[1].id: visits[0].starts_on + DAY * 18}) == ()
    (state,) = series_rules.rule_states(series)
    assert state.text == "On days 0, 14 and 42 (2 days earlier to 4 later)"


def test_the_interval_is_chosen_for_the_patient_and_some_visits_are_planned_ahead(
    clinic: Clinic,
) -> None:
    version_id = approved(clinic, "infliximab-0-2-6-q8")
    asked = {"protocol_version_id": version_id, "phase": "maintenance", "interval": 4}
    prepared = prepare(clinic.query(**asked), clinic.anybody, now=NOW)
    assert (prepared.count, prepared.request.spacing.gap.target) == (4, 28)
    with transaction():
        db.session.get_one(Site, clinic.site_id).horizon_days = 50
    assert prepare(clinic.query(**asked), clinic.anybody, now=NOW).count == 2
    visits = booked(clinic, version_id, "maintenance", interval=4, count=2)
    assert (visits[1].starts_on - visits[0].starts_on).days == 28
    assert visits[0].series is not None
    assert visits[0].series.overrides == []


def test_a_phase_without_an_end_goes_on_from_its_own_last_visit(clinic: Clinic) -> None:
    version_id = approved(clinic, "nad-plus")
    first = booked(clinic, version_id, "maintenance", count=2)
    more = booked(clinic, version_id, "maintenance", count=2)
    assert (more[0].starts_on - first[-1].starts_on).days == 28


@pytest.mark.parametrize(
    ("template_id", "changes", "field"),
    [
        ("infliximab-0-2-6-q8", {"phase": "maintenance", "interval": 5}, "interval"),
        ("ket-crps-10d", {"phase": "wean_a"}, "phase"),
        ("infliximab-0-2-6-q8", {"phase": "induction", "count": 5}, "count"),
        ("ket-crps-10d", {"phase": "block", "count": 11, "reason": "asked"}, "count"),
    ],
)
def test_what_a_cadence_does_not_allow_is_refused_at_its_field(
    clinic: Clinic, template_id: str, changes: dict[str, Any], field: str
) -> None:
    asked = {"protocol_version_id": clinic.versions[template_id], **changes}
    with pytest.raises(Invalid) as refused:
        prepare(clinic.query(**asked), clinic.anybody, now=NOW)
    assert refused.value.field == field


def test_a_next_visit_that_is_long_overdue_says_when_it_was_due(clinic: Clinic) -> None:
    version_id = approved(clinic, "ket-mood-3x2")
    booked(clinic, version_id, "induction")
    late = {"phase": "taper", "protocol_version_id": version_id, "earliest_on": date(2027, 3, 1)}
    with pytest.raises(Invalid, match="Visit 1 was due on Fri 29 Jan, 7 days after") as refused:
        prepare(clinic.query(**late), clinic.anybody, now=NOW)
    assert refused.value.field == "earliest_on"

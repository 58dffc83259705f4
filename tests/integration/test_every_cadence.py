"""Every phase of the built-in templates is offered and booked as a whole, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import ProtocolVersion, Site, Visit
from scheduler.services import protocols, series_rules
from scheduler.services.booking import book
from scheduler.services.proposals import offer
from scheduler.services.protocol_library import templates
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, MONDAY, NOW, Clinic, make_clinic
from tests.factories import make_actor

DAY = timedelta(days=1)
TEMPLATES = [one.id for one in templates()]


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

"""Writes courses and their stories into the tables that real bookings fill, claims included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from scheduler.demo.placing import Clinic
from scheduler.demo.stories import DESK, Event, Story, Told
from scheduler.extensions import db
from scheduler.invites.identity import domain_of
from scheduler.models import (
    AuditEntry,
    ChairClaim,
    Patient,
    PatientClaim,
    Series,
    Site,
    Visit,
    VisitHistory,
)
from scheduler.models.visit import HOLDING_STATES
from scheduler.planning.opening import local
from scheduler.services import claims, course_rules, visit_rows
from scheduler.services.actor import Actor
from scheduler.services.policy import Policy
from scheduler.services.site_days import lock_days


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Who did what in the demo, and where. `uids` draws the calendar ids: same seed, same rows."""

    site: Site
    clinic: Clinic
    actors: dict[str, Actor]
    now: datetime
    uids: Random

    def write(self, told: Sequence[Told]) -> list[list[Visit]]:
        """Inside a transaction: series, visits, claims, history, site days, audit."""
        days = {(self.site.id, visit.on) for one in told for visit in one.course.visits}
        lock_days(self.site.organisation_id, [], days)
        courses = [self._course(one) for one in told]
        visits = [self._visits(one, course) for one, course in zip(told, courses, strict=True)]
        db.session.add_all(visit for group in visits for visit in group)
        db.session.flush()
        pairs = [
            (story, visit)
            for one, group in zip(told, visits, strict=True)
            for story, visit in zip(one.stories, group, strict=True)
        ]
        self._claims([visit for _, visit in pairs])
        self._history(pairs)
        self._audit(told, visits)
        return visits

    def _course(self, told: Told) -> visit_rows.Course:
        """What its visits share; makes the series where there is one."""
        course = told.course
        protocol = self.clinic.protocols[course.step.template]
        phase = next(one for one in protocol.phases if one.id == course.step.phase)
        overrides = course_rules.overrides(course.query, self.actors[DESK], told.booked_at)
        series = None if course.step.single else self._series(told, protocol.title, overrides)
        return visit_rows.Course(
            site=self.site,
            patient=db.session.get_one(Patient, course.person.patient_id),
            series=series,
            protocol_version_id=course.query.protocol_version_id,
            phase=phase.id,
            title=f"{protocol.title}, {phase.label.lower()}",
            prep=protocol.prep,
            overrides=overrides if series is None else [],
        )

    def _series(self, told: Told, title: str, overrides: list[dict[str, Any]]) -> Series:
        query = told.course.query
        series = Series(
            organisation_id=self.site.organisation_id,
            site_id=self.site.id,
            patient_id=query.patient_id,
            protocol_version_id=query.protocol_version_id,
            phase=query.phase,
            title=title,
            status=self._status(told),
            count=len(told.stories),
            rules=told.course.request.spacing.to_plain(),
            wishes=told.course.query.wishes(),
            overrides=overrides,
            earliest_on=query.earliest_on,
            created_by_name=self.actors[DESK].name,
            created_at=told.booked_at,
            version=1 + sum(len(story.changes) for story in told.stories),
        )
        db.session.add(series)
        db.session.flush()
        return series

    def _status(self, told: Told) -> str:
        if told.ended_early:
            return "discontinued"
        return "active" if told.is_ahead(self.now) else "completed"

    def _visits(self, told: Told, course: visit_rows.Course) -> list[Visit]:
        found = []
        for number, story in enumerate(told.stories, start=1):
            planned = story.visit
            visit = visit_rows.new_visit(
                course, planned.shape, number=number, now=told.booked_at, policy=Policy()
            )
            visit_rows.put(visit, self.site, planned.chair_id, planned.starts_at, planned.bay_id)
            visit.uid = self._uid()
            visit.state = story.state
            visit.sequence = len(story.changes)
            visit.version = 1 + len(story.changes)
            found.append(visit)
        return found

    def _uid(self) -> str:
        """As identity.new_uid, but drawn from the demo's seed."""
        number = UUID(int=self.uids.getrandbits(128), version=4)
        return f"{number}@{domain_of(self.site.sender_address)}"

    def _claims(self, visits: Sequence[Visit]) -> None:
        """In two statements; the guards of the database judge every row all the same."""
        held = [visit for visit in visits if visit.state in HOLDING_STATES]
        if not held:
            return
        rows = [row for visit in held for row in claims.chair_rows(visit)]
        db.session.execute(insert(ChairClaim), rows)
        db.session.execute(insert(PatientClaim), [claims.patient_row(visit) for visit in held])

    def _history(self, pairs: Sequence[tuple[Story, Visit]]) -> None:
        rows = []
        for story, visit in pairs:
            before = None
            for event in story.events:
                rows.append(self._line(story, visit, event, before))
                before = event.state
        db.session.execute(insert(VisitHistory), rows)

    def _line(self, story: Story, visit: Visit, event: Event, before: str | None) -> dict[str, Any]:
        who = self.actors.get(event.by, self.actors[DESK])
        wall = local(self.site.zone, event.starts_at)
        return {
            "organisation_id": visit.organisation_id,
            "visit_id": visit.id,
            "from_state": before,
            "to_state": event.state,
            "at": event.at,
            "by_user_id": who.user_id,
            "by_name": who.name,
            "reason": event.reason,
            "reason_code": event.reason_code,
            "chair_id": event.chair_id,
            "bay_id": event.bay_id,
            "starts_at": event.starts_at,
            "leaves_at": story.visit.shape.times(event.starts_at).leaves_at,
            "local_starts": wall.strftime(visit_rows.LOCAL_FORM),
        }

    def _audit(self, told: Sequence[Told], visits: Sequence[Sequence[Visit]]) -> None:
        rows = []
        for one, group in zip(told, visits, strict=True):
            series_id = group[0].series_id
            booked = f"visit:{group[0].id}" if series_id is None else f"series:{series_id}"
            rows.append(self._audit_line("book", booked, one.booked_at, one.course.query.reason))
            for story, visit in zip(one.stories, group, strict=True):
                rows += [
                    self._audit_line(
                        "cancel" if event.state == "cancelled" else "move",
                        f"visit:{visit.id}",
                        event.at,
                        event.reason,
                    )
                    for event in story.changes
                ]
        db.session.execute(insert(AuditEntry), rows)

    def _audit_line(self, action: str, subject: str, at: datetime, reason: str) -> dict[str, Any]:
        desk = self.actors[DESK]
        return {
            "organisation_id": self.site.organisation_id,
            "at": at,
            "user_id": desk.user_id,
            "by_name": desk.name,
            "action": action,
            "subject": subject,
            "reason": reason,
        }

"""What a patient should be reminded of, and when: read from the visits as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Patient, Site, Visit
from scheduler.models.visit import HOLDING_STATES, PLANNED_STATES
from scheduler.planning.escalation import Escalation
from scheduler.planning.ladder import Ladder, channels_of
from scheduler.planning.reminders import Occasion, Reminder, escalations, reminders
from scheduler.planning.rung import CONSULT
from scheduler.services import open_days
from scheduler.services.outgoing import ladders, outbox_rows, reach

LOOK_BACK = timedelta(days=5)
WORKING_DAYS_BACK = timedelta(days=30)
SAID_FIRST = ("r4", "r5", "r3", "r1", "r2", "own")
"""Where several fall together, the first of these leads the message."""
Key = tuple[int, int, str, bool]
"""Visit, its version, rung, whether it is the second try."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One reminder of one visit. `channel` "" where no message can go: a person calls."""

    visit: Visit
    reminder: Reminder
    channel: str

    @property
    def key(self) -> Key:
        visit, one = self.visit, self.reminder
        return visit.id, visit.version, one.rule.id, one.second

    def to_plain(self) -> dict[str, Any]:
        """As it stands in `facts["also"]` of the message that takes it along."""
        visit, one = self.visit, self.reminder
        plain = {"kind": one.kind, "rule": one.rule.id, "visit_id": visit.id}
        return {**plain, "version": visit.version, "second": one.second}


@dataclass(frozen=True, kw_only=True)
class Message:
    """What leaves as one: the part that leads, and those that fall on the same instant."""

    lead: Part
    also: tuple[Part, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"second": True} if self.lead.reminder.second else {}
        if self.also:
            plain["also"] = [part.to_plain() for part in self.also]
        return plain


@dataclass(frozen=True, kw_only=True)
class Due:
    """All of one patient: the parts, and what becomes a person's work without an answer. `coming`:
    the visits that lie ahead, with their versions."""

    parts: tuple[Part, ...] = ()
    escalations: tuple[tuple[Visit, Escalation], ...] = ()
    coming: dict[int, int] = field(default_factory=dict)


def plan(patient: Patient, *, now: datetime) -> Due:
    """Of every visit that lies ahead; also what is past by now. Nothing for a patient whose answer
    a person must look at first (domain F)."""
    if patient.suspended_at is not None:
        return Due()
    parts: list[Part] = []
    plans: list[tuple[Visit, Escalation]] = []
    visits = _around(patient, now)
    coming: dict[int, int] = {}
    for place, visit in enumerate(visits):
        if visit.state not in PLANNED_STATES or visit.starts_at <= now:
            continue
        coming[visit.id] = visit.version
        site = db.session.get_one(Site, visit.site_id)
        ladder = ladders.of_visit(visit)
        occasion = _occasion(visit, visits[place - 1] if place else None, site, ladder)
        parts += _parts(visit, reminders(ladder, occasion), reach.ways(patient, site))
        plans += [(visit, one) for one in escalations(ladder, occasion)]
    return Due(parts=tuple(parts), escalations=tuple(plans), coming=coming)


def merged(parts: Iterable[Part]) -> list[Message]:
    """One message for what falls on the same instant by the same way at the same site."""
    together: dict[tuple[int, str, datetime], list[Part]] = {}
    for part in parts:
        key = (part.visit.site_id, part.channel, part.reminder.due_at)
        together.setdefault(key, []).append(part)
    found = []
    for group in together.values():
        lead, *also = sorted(group, key=_rank)
        found.append(Message(lead=lead, also=tuple(also)))
    return found


def _rank(part: Part) -> tuple[int, datetime, int, str]:
    place = SAID_FIRST.index(part.reminder.kind)
    return place, part.visit.starts_at, part.visit.id, part.reminder.rule.id


def _around(patient: Patient, now: datetime) -> Sequence[Visit]:
    """Visits that hold their time, a few days back and ahead, in order, and the one before them:
    a long pause asks for more (R2)."""
    mine = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(HOLDING_STATES),
    )
    since = now - LOOK_BACK
    near = mine.where(Visit.starts_at > since).order_by(Visit.starts_at, Visit.id)
    before = mine.where(Visit.starts_at <= since).order_by(Visit.starts_at.desc()).limit(1)
    return [*db.session.scalars(before), *db.session.scalars(near)]


def _occasion(visit: Visit, before: Visit | None, site: Site, ladder: Ladder) -> Occasion:
    asks_days = visit.phase == CONSULT and ladder.rule("R1") is not None
    first_on = visit.starts_on - WORKING_DAYS_BACK
    open_on = open_days.open_for(site, first_on, visit.starts_on, 1) if asks_days else None
    return Occasion(
        times=outbox_rows.told(visit, site).times,
        booked_at=visit.created_at,
        number=visit.number,
        days_since_previous=(visit.starts_on - before.starts_on).days if before else None,
        phase=visit.phase,
        open_on=open_on,
    )


def _parts(visit: Visit, found: list[Reminder], ways: tuple[str, ...]) -> list[Part]:
    """Each by the first way that its rung has, the second try by the next; where nothing electronic
    leads to the patient, the first try is left to a person."""
    parts = []
    for one in found:
        usable = channels_of(one.rule, ways)[int(one.second) :]
        if usable or (not ways and not one.second):
            channel = usable[0] if usable else ""
            parts.append(Part(visit=visit, reminder=one, channel=channel))
    return parts

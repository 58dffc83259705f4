"""What the page of a link shows: read for one patient alone, and nothing is written (trust I22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Answer, Outbox, Patient, Recall, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.preparation import PrepTimes
from scheduler.services.outgoing import displaced, outbox_rows
from scheduler.services.own import answer_rows, answers
from scheduler.services.own.answer_rows import Driver
from scheduler.services.own.link_gate import Opened

AHEAD = (*PLANNED_STATES, "held")
ASK_HOW = timedelta(hours=48)
"""So long after a visit the page asks how the patient is (domain R8, R9)."""
MOST = 60


@dataclass(frozen=True, kw_only=True)
class Front:
    """What anybody with the link may see: the clinic, and date, arrival and place of a visit."""

    site: Site
    language: str
    visit: Visit | None
    is_next: bool


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """Everything after the birth date. `visit` is the one in front, with its preparation by the
    clock; `lost` the visit of the message if it does not take place; `after` one that just was;
    `must_move`: the clinic takes its time away (domain R13)."""

    patient: Patient
    site: Site
    visit: Visit | None
    is_next: bool
    ahead: Sequence[Visit]
    times: PrepTimes | None
    driver: Driver
    changed: Answer | None
    lost: Visit | None
    after: Visit | None
    asks_score: bool
    recall: Recall | None
    must_move: bool

    @property
    def suspended(self) -> bool:
        return self.patient.suspended_at is not None

    @property
    def is_open(self) -> bool:
        """Whether the visit in front can be answered for: booked, it takes place, and nobody looks
        at an answer first."""
        planned = self.visit is not None and self.visit.state in PLANNED_STATES
        return planned and not self.suspended and not self.must_move


def front(link: Opened, *, now: datetime) -> Front:
    """Raises NotFound for a link that is nobody's."""
    patient, ahead = _patient(link), _ahead(link, now)
    visit = _in_front(link, ahead, None)
    site = db.session.get_one(Site, visit.site_id if visit else link.site_id)
    return Front(
        site=site,
        language=patient.language,
        visit=visit,
        is_next=visit is not None and visit is ahead[0],
    )


def read(link: Opened, *, now: datetime, visit_id: int | None = None) -> OwnPage:
    """`visit_id`: the patient's choice of a visit to look at. Raises NotFound."""
    patient, ahead = _patient(link), _ahead(link, now)
    visit = _in_front(link, ahead, visit_id)
    site = db.session.get_one(Site, visit.site_id if visit else link.site_id)
    actor = answer_rows.patient_actor(link.organisation_id)
    after = _just_was(link, now)
    return OwnPage(
        patient=patient,
        site=site,
        visit=visit,
        is_next=visit is not None and visit is ahead[0],
        ahead=ahead,
        times=outbox_rows.told(visit, site).times if visit else None,
        driver=_driver(visit),
        changed=answers.last(patient.id, "changed", actor, visit.id) if visit else None,
        lost=_lost(link, ahead),
        after=after,
        asks_score=_asks_score(link),
        recall=_recall(link, now),
        must_move=visit is not None and displaced.must_move(visit, now=now),
    )


def visit_of(link: Opened, visit_id: int, *, now: datetime) -> Visit:
    """One coming visit of the link's own patient. Raises NotFound."""
    found = next((one for one in _ahead(link, now) if one.id == visit_id), None)
    if found is None:
        raise NotFound
    return found


def _patient(link: Opened) -> Patient:
    patient = db.session.get(Patient, link.whose)
    if patient is None or patient.organisation_id != link.organisation_id:
        raise NotFound
    return patient


def _ahead(link: Opened, now: datetime) -> Sequence[Visit]:
    rows = select(Visit).where(
        Visit.organisation_id == link.organisation_id,
        Visit.patient_id == link.whose,
        Visit.state.in_(AHEAD),
        Visit.leaves_at > now,
    )
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id).limit(MOST)).all()


def _in_front(link: Opened, ahead: Sequence[Visit], visit_id: int | None) -> Visit | None:
    """The one asked for, the one that the message was about, or the next."""
    by_id = {visit.id: visit for visit in ahead}
    if visit_id is not None:
        if visit_id not in by_id:
            raise NotFound
        return by_id[visit_id]
    meant = by_id.get(link.visit_id or 0)
    return meant or (ahead[0] if ahead else None)


def _lost(link: Opened, ahead: Sequence[Visit]) -> Visit | None:
    """The message's visit, where it will not take place; nothing brings it back (trust I7)."""
    if link.visit_id is None or any(visit.id == link.visit_id for visit in ahead):
        return None
    visit = db.session.get_one(Visit, link.visit_id)
    return visit if visit.state in ("cancelled", "released", "displaced") else None


def _driver(visit: Visit | None) -> Driver:
    """Who was named for this visit; before that a proposal: who usually drives."""
    if visit is not None:
        return answer_rows.driver_of(visit)
    return Driver(name="")


def _just_was(link: Opened, now: datetime) -> Visit | None:
    """The last visit that took place, if it was just now and the patient has not said how it is."""
    rows = select(Visit).where(
        Visit.organisation_id == link.organisation_id,
        Visit.patient_id == link.whose,
        Visit.state == "discharged",
        Visit.leaves_at > now - ASK_HOW,
        Visit.leaves_at <= now,
    )
    visit = db.session.scalar(rows.order_by(Visit.leaves_at.desc()).limit(1))
    if visit is None:
        return None
    actor = answer_rows.patient_actor(link.organisation_id)
    return None if answers.last(link.whose, "well", actor, visit.id) else visit


def _asks_score(link: Opened) -> bool:
    """Only where the message asked, and until it is answered (domain R9)."""
    row = db.session.get(Outbox, link.outbox_id) if link.outbox_id else None
    if row is None or row.kind != "r9":
        return False
    answered = select(Answer.id).where(Answer.outbox_id == row.id, Answer.kind == "score")
    return db.session.scalar(answered.limit(1)) is None


def _recall(link: Opened, now: datetime) -> Recall | None:
    """An open one that was asked about, or is nearly due (domain R11)."""
    rows = select(Recall).where(
        Recall.organisation_id == link.organisation_id,
        Recall.patient_id == link.whose,
        Recall.state == "open",
        Recall.due_on <= (now + timedelta(days=8)).date(),
    )
    return db.session.scalar(rows.order_by(Recall.due_on).limit(1))

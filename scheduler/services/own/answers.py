"""Takes a patient's answers, from their page or noted by staff, and shows them to staff."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from scheduler.errors import Invalid, NotFound, Stale
from scheduler.extensions import db
from scheduler.models import Answer, Visit
from scheduler.services import form_tokens
from scheduler.services.actor import Actor
from scheduler.services.outgoing import outbox
from scheduler.services.own import answer_rows, answer_tasks, suspension
from scheduler.services.own.answer_rows import COMING, NOT_COMING, Driver, Said
from scheduler.services.own.link_gate import Opened
from scheduler.services.scope import find, scoped
from scheduler.services.site_days import lock_days
from scheduler.transaction import retried, transaction

LONGEST_WISH = 300


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The visit and its version as the page showed them, and the number of its form."""

    visit_id: int
    version: int
    token: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who answers: the patient with a link (`patient_id` says whose), or staff for any patient."""

    actor: Actor
    via: str
    patient_id: int | None = None
    outbox_id: int | None = None

    def said(self, now: datetime) -> Said:
        return Said(actor=self.actor, via=self.via, now=now, outbox_id=self.outbox_id)


def by_link(link: Opened) -> Person:
    return Person(
        actor=answer_rows.patient_actor(link.organisation_id),
        via="page",
        patient_id=link.whose,
        outbox_id=link.outbox_id,
    )


def by_staff(actor: Actor) -> Person:
    """Raises NotAllowed."""
    actor.require("work_task")
    return Person(actor=actor, via="desk")


@retried
def coming(asked: Asked, named: Driver | None, person: Person, *, now: datetime) -> bool:
    """ "I am coming", with who drives if that was asked. False: this very form came before.

    Raises Invalid, Stale, IllegalChange, NotFound.
    """
    with _answering(asked, person, now) as visit:
        if visit is None:
            return False
        said = person.said(now)
        if named is not None:
            answer_rows.driver(visit, named, said)
        answer_rows.coming(visit, COMING, said)
        _follow(visit, said)
    return True


@retried
def not_coming(asked: Asked, person: Person, *, now: datetime) -> bool:
    """The visit stays where it is until a person has called. Raises as `coming`."""
    with _answering(asked, person, now) as visit:
        if visit is None:
            return False
        said = person.said(now)
        answer_rows.coming(visit, NOT_COMING, said)
        answer_tasks.cannot_come(visit, said)
    return True


@retried
def driver(asked: Asked, named: Driver, person: Person, *, now: datetime) -> bool:
    """Who takes the patient home, as told to staff; it may complete a confirmation (domain I,
    story 7). Raises as `coming`."""
    with _answering(asked, person, now) as visit:
        if visit is None:
            return False
        said = person.said(now)
        answer_rows.driver(visit, named, said)
        _follow(visit, said)
    return True


@retried
def changed(asked: Asked, yes: Collection[str], person: Person, *, now: datetime) -> bool:
    """R3's questions; one yes and a person looks first (domain F). Raises as `coming`."""
    with _answering(asked, person, now, all_days=True) as visit:
        if visit is None:
            return False
        said, known = person.said(now), [one for one in suspension.QUESTIONS if one in yes]
        answer_rows.keep(visit.patient, "changed", {"yes": known}, said, visit=visit)
        if known:
            suspension.suspend(visit.patient, known, said, visit=visit)
    return True


@retried
def other_time(asked: Asked, wish: str, person: Person, *, now: datetime) -> bool:
    """A wish for the desk; the visit stays as it is. Raises as `coming`."""
    if not wish:
        raise Invalid("Write which days or times would suit.", field="wish")
    with _answering(asked, person, now) as visit:
        if visit is None:
            return False
        said, short = person.said(now), wish[:LONGEST_WISH]
        answer_rows.keep(visit.patient, "other_time", {"wish": short}, said, visit=visit)
        answer_tasks.other_time(visit, short, said)
    return True


@retried
def driver_says(link: Opened, says: str, *, now: datetime) -> Visit:
    """The driver's own word, by the link in their message. Raises IllegalChange, NotFound."""
    actor = answer_rows.driver_actor(link.organisation_id)
    visit = find(Visit, link.visit_id, actor)
    with transaction():
        lock_days(link.organisation_id, [visit.patient_id], [(visit.site_id, visit.starts_on)])
        visit = find(Visit, link.visit_id, actor)
        said = Said(actor=actor, via="page", now=now, outbox_id=link.outbox_id)
        if visit.driver_says != says:
            answer_rows.driver_says(visit, says, said)
            answer_tasks.settled(visit, said)
            if says == NOT_COMING:
                answer_tasks.driver_away(visit, said)
    return visit


def of_visit(visit_id: int, actor: Actor) -> Sequence[Answer]:
    """Newest first."""
    rows = scoped(Answer, actor).where(Answer.visit_id == visit_id)
    return db.session.scalars(rows.order_by(Answer.id.desc())).all()


def last(patient_id: int, kind: str, actor: Actor, visit_id: int | None = None) -> Answer | None:
    """The newest of a kind; of one visit, where it is named."""
    rows = scoped(Answer, actor).where(Answer.patient_id == patient_id, Answer.kind == kind)
    if visit_id is not None:
        rows = rows.where(Answer.visit_id == visit_id)
    return db.session.scalar(rows.order_by(Answer.id.desc()).limit(1))


@contextmanager
def _answering(
    asked: Asked, person: Person, now: datetime, *, all_days: bool = False
) -> Iterator[Visit | None]:
    """One transaction with the visit's patient and day locked; None: the form came before.

    With `all_days` the days of the patient's other coming visits too. Raises Stale if the visit
    was changed since it was shown, NotFound for somebody else's.
    """
    actor = person.actor
    visit = _own(asked.visit_id, person)
    days = {(visit.site_id, visit.starts_on)}
    if all_days:
        ahead = suspension.ahead(visit.patient, now)
        days |= {(one.site_id, one.starts_on) for one in ahead}
    with transaction():
        lock_days(actor.organisation_id, [visit.patient_id], days)
        if form_tokens.result_of(asked.token, actor) is not None:
            yield None
            return
        visit = _own(asked.visit_id, person)
        if visit.version != asked.version or (visit.site_id, visit.starts_on) not in days:
            raise Stale
        yield visit
        form_tokens.use(asked.token, f"visit:{visit.id}", actor, now=now)


def _follow(visit: Visit, said: Said) -> None:
    """What waited for the answer is done, and the driver's message follows the driver (R6)."""
    answer_tasks.settled(visit, said)
    db.session.flush()
    outbox.refresh(visit.patient_id, now=said.now)


def _own(visit_id: int, person: Person) -> Visit:
    """Somebody else's visit answers like a missing one (trust I18)."""
    visit = find(Visit, visit_id, person.actor)
    if person.patient_id is not None and visit.patient_id != person.patient_id:
        raise NotFound
    return visit

"""Queues what patients are told, in the transaction that changes their visits (trust I9 to I11).

Every function here runs inside the caller's `transaction()`, after a flush, and opens none. The
caller has already set times and state and raised `version` and `sequence` (calendar U2, U6).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Series, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.words.clock import clock, day_of
from scheduler.services import outbox_rows, reminders, tasks
from scheduler.services.outbox_rows import AS_TOLD, NOTHING_LEFT, by_mail, itip_row
from scheduler.services.tasks import NewTask

CHANGED = "The visit was changed before this left."
CANCELLED = "The visit was cancelled before this left."
NEW_ADDRESS = "The patient's address was changed before this left."


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What was queued; `leaves_at` is when the first mail leaves, None if none does."""

    leaves_at: datetime | None = None
    mails: int = 0
    tasks: int = 0

    def __add__(self, other: Leaving) -> Leaving:
        times = [at for at in (self.leaves_at, other.leaves_at) if at is not None]
        return Leaving(
            leaves_at=min(times, default=None),
            mails=self.mails + other.mails,
            tasks=self.tasks + other.tasks,
        )


NOTHING = Leaving()


def queue_series(
    series: Series, visits: Sequence[Visit], *, now: datetime, undo_seconds: int
) -> Leaving:
    """One digest and a REQUEST per visit; letter and calls where there is no e-mail (domain R0)."""
    due_at = now + timedelta(seconds=undo_seconds)
    ahead = [visit for visit in visits if visit.starts_at > now]
    if not ahead:
        return NOTHING
    if by_mail(ahead[0].patient):
        queued = _digest(series, now=now, due_at=due_at)
        mail = ahead[0].patient.email
        rows = [itip_row(visit, "invite", mail, now=now, due_at=due_at) for visit in ahead]
        outbox_rows.add_all(rows)
        queued += Leaving(leaves_at=due_at, mails=len(rows))
    else:
        queued = _letter(ahead[0], now=now, due_at=due_at)
    return queued + _reminders(ahead, now=now, due_at=due_at)


def queue_single(visit: Visit, *, now: datetime, undo_seconds: int) -> Leaving:
    """One REQUEST; its own text says what a digest would."""
    due_at = now + timedelta(seconds=undo_seconds)
    if visit.starts_at <= now:
        return NOTHING
    if by_mail(visit.patient):
        queued = _itip(visit, "invite", now=now, due_at=due_at)
    else:
        queued = _letter(visit, now=now, due_at=due_at)
    return queued + _reminders([visit], now=now, due_at=due_at)


def queue_visit_changed(visit: Visit, *, now: datetime, undo_seconds: int) -> Leaving:
    """Ends what still waits about the visit and tells its new state, if it is news."""
    due_at = now + timedelta(seconds=undo_seconds)
    _supersede_visits([visit], CHANGED, now=now)
    if visit.starts_at <= now:
        return NOTHING
    mailed = by_mail(visit.patient)
    queued = _requeue_digests([visit], CHANGED, now=now, due_at=due_at)
    queued += _take_back(visit, now=now, due_at=due_at, keep=visit.patient.email if mailed else "")
    if mailed:
        queued += _told_anew(visit, now=now, due_at=due_at)
    else:
        queued += _call(visit, "has another time", now=now, due_at=due_at)
    return queued + _reminders([visit], now=now, due_at=due_at)


def queue_dates_moved(
    series: Series, visits: Sequence[Visit], *, now: datetime, undo_seconds: int
) -> Leaving:
    """One mail that lists all moved dates, beside their calendar updates (domain F, calendar M6).

    A digest that still waits says it already.
    """
    due_at = now + timedelta(seconds=undo_seconds)
    told = [visit for visit in visits if visit.starts_at > now]
    if len(told) < 2 or not by_mail(series.patient) or outbox_rows.pending_digests(series):
        return NOTHING
    return _digest(series, now=now, due_at=due_at, moved=[visit.id for visit in told])


def queue_cancelled(visits: Sequence[Visit], *, now: datetime, undo_seconds: int) -> Leaving:
    """One CANCEL per visit and address that was told of it; none for a booking that never left."""
    due_at = now + timedelta(seconds=undo_seconds)
    _supersede_visits(visits, CANCELLED, now=now)
    queued = _requeue_digests(visits, CANCELLED, now=now, due_at=due_at)
    for visit in visits:
        if visit.starts_at <= now:  # U7: the past is not mailed about
            continue
        queued += _take_back(visit, now=now, due_at=due_at)
        if not by_mail(visit.patient):
            queued += _call(visit, "is cancelled", now=now, due_at=due_at)
    return queued + _reminders(visits, now=now, due_at=due_at)


def queue_address_changed(
    patient: Patient, *, old_email: str, now: datetime, undo_seconds: int
) -> Leaving:
    """CANCEL to the old address, REQUEST to the new, one SEQUENCE up (calendar A3).

    Call it when e-mail or channel changed; a mere change of case tells nobody anything.
    """
    due_at = now + timedelta(seconds=undo_seconds)
    visits = _ahead(patient, now)
    supposed_to = patient.email if by_mail(patient) else ""
    if supposed_to.casefold() == old_email.casefold() or not visits:
        return _reminders(visits, now=now, due_at=now)
    _supersede_visits(visits, NEW_ADDRESS, now=now)
    queued = _requeue_digests(visits, NEW_ADDRESS, now=now, due_at=due_at)
    for visit in visits:
        visit.version += 1
        visit.sequence += 1
        queued += _take_back(visit, now=now, due_at=due_at, keep=supposed_to)
        if supposed_to:
            queued += _itip(visit, "invite", now=now, due_at=due_at)
    if not supposed_to:
        queued += _letter(visits[0], now=now, due_at=due_at)
    return queued + _reminders(visits, now=now, due_at=due_at)


def has_left(visit_ids: Collection[int]) -> bool:
    """Whether a message about these visits, or the digest of their series, left or may have."""
    series_ids = select(Visit.series_id).where(Visit.id.in_(visit_ids))
    digest = and_(Outbox.kind == "digest", Outbox.series_id.in_(series_ids))
    about = or_(and_(Outbox.visit_id.in_(visit_ids), Outbox.method.is_not(None)), digest)
    gone = or_(Outbox.state == "sent", Outbox.may_have_left)
    rows = select(Outbox.id).where(about, gone)
    return db.session.scalar(rows.limit(1)) is not None


def refresh(patient_id: int, *, now: datetime) -> None:
    """Make the patient's reminders fit the visits as they are now."""
    reminders.refresh(patient_id, now=now, told_at={})


def _reminders(visits: Sequence[Visit], *, now: datetime, due_at: datetime) -> Leaving:
    """Reminders that would leave before the confirmation stand in the confirmation."""
    told_at: Mapping[int, datetime] = {visit.id: due_at for visit in visits}
    calls = 0
    for patient_id in sorted({visit.patient_id for visit in visits}):
        calls += reminders.refresh(patient_id, now=now, told_at=told_at)
    return Leaving(tasks=calls)


def _ahead(patient: Patient, now: datetime) -> Sequence[Visit]:
    rows = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
    )
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)).all()


def _supersede_visits(visits: Sequence[Visit], why: str, *, now: datetime) -> None:
    """Invitations that wait; reminders are compared and ended by `reminders.refresh`."""
    ids = [visit.id for visit in visits]
    outbox_rows.supersede(why, Outbox.visit_id.in_(ids), Outbox.method.is_not(None))
    tasks.drop_of_visits(ids, (tasks.CLOSED_OVER, tasks.CALL), now=now)


def _itip(visit: Visit, kind: str, *, now: datetime, due_at: datetime) -> Leaving:
    outbox_rows.add(itip_row(visit, kind, visit.patient.email, now=now, due_at=due_at))
    return Leaving(leaves_at=due_at, mails=1)


def _told_anew(visit: Visit, *, now: datetime, due_at: datetime) -> Leaving:
    """An update, or an invitation if nothing had left; nothing leaves if it is as told."""
    before = outbox_rows.last_left(visit, visit.patient.email)
    kind = "update" if before is not None and before.method == "REQUEST" else "invite"
    row = itip_row(visit, kind, visit.patient.email, now=now, due_at=due_at)
    if outbox_rows.says_the_same(row, before):
        row.state, row.why = "superseded", AS_TOLD
    outbox_rows.add(row)
    return NOTHING if row.state == "superseded" else Leaving(leaves_at=due_at, mails=1)


def _take_back(visit: Visit, *, now: datetime, due_at: datetime, keep: str = "") -> Leaving:
    """CANCEL for every calendar that shows the visit, except the one at `keep`."""
    queued = NOTHING
    holders = [row for row in outbox_rows.who_has_it(visit) if row.recipient != keep]
    for before in holders:
        row = itip_row(visit, "cancel", before.recipient, now=now, due_at=due_at)
        row.facts = before.facts  # a person recognises what the calendar showed
        outbox_rows.add(row)
        queued += Leaving(leaves_at=due_at, mails=1)
    if not holders and not keep and by_mail(visit.patient):
        row = itip_row(visit, "cancel", visit.patient.email, now=now, due_at=due_at)
        row.state, row.why = "superseded", NOTHING_LEFT
        outbox_rows.add(row)
    return queued


def _digest(
    series: Series, *, now: datetime, due_at: datetime, moved: Sequence[int] = ()
) -> Leaving:
    """All dates in one mail; what they are is read when it leaves. `moved`: ids of visits that
    have another time than the patient knows."""
    patient = series.patient
    first = min(visit.arrives_at for visit in _ahead(patient, now) if visit.series_id == series.id)
    outbox_rows.add(
        Outbox(
            organisation_id=series.organisation_id,
            site_id=series.site_id,
            patient_id=series.patient_id,
            series_id=series.id,
            kind="digest",
            recipient=patient.email,
            version=series.version,
            due_at=due_at,
            useless_at=outbox_rows.give_up_at(due_at, first),
            state="waiting",
            facts={"moved": sorted(moved)} if moved else {},
            created_at=now,
        )
    )
    return Leaving(leaves_at=due_at, mails=1)


def _requeue_digests(
    visits: Sequence[Visit], why: str, *, now: datetime, due_at: datetime
) -> Leaving:
    """A digest that still waits is replaced by one with the dates as they are now."""
    courses = {visit.series_id: visit.series for visit in visits if visit.series is not None}
    queued = NOTHING
    for series in courses.values():
        waiting = outbox_rows.pending_digests(series)
        outbox_rows.supersede_ids([row.id for row in waiting], why)
        left = [one for one in _ahead(series.patient, now) if one.series_id == series.id]
        if waiting and left and by_mail(series.patient):
            moved = [one for row in waiting for one in row.facts.get("moved", ())]
            queued += _digest(series, now=now, due_at=due_at, moved=moved)
    return queued


def _letter(visit: Visit, *, now: datetime, due_at: datetime) -> Leaving:
    new = NewTask(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        kind=tasks.LETTER,
        due_at=due_at,
        what="No e-mail: print and send the letter with all dates.",
        patient_id=visit.patient_id,
    )
    return Leaving(tasks=int(tasks.add_once(new, now=now)))


def _call(visit: Visit, what: str, *, now: datetime, due_at: datetime) -> Leaving:
    """A letter that still waits will say it; else the patient is called, and gets a new letter."""
    queued = _letter(visit, now=now, due_at=due_at)
    if not queued.tasks:
        return NOTHING
    zone = db.session.get_one(Site, visit.site_id).zone
    when = f"{day_of(visit.starts_at, zone)}, arrive {clock(visit.arrives_at, zone)}"
    tasks.add(
        NewTask(
            organisation_id=visit.organisation_id,
            site_id=visit.site_id,
            kind=tasks.CALL,
            due_at=due_at,
            what=f"No e-mail: call. The visit {what}: {when}.",
            patient_id=visit.patient_id,
            visit_id=visit.id,
        ),
        now=now,
    )
    return queued + Leaving(tasks=1)

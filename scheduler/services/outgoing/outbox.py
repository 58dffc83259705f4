"""Queues what patients are told, in the transaction that changes their visits (trust I9 to I11).

Every function here runs inside the caller's `transaction()`, after a flush, and opens none. The
caller has already set times and state and raised `version` and `sequence` (calendar U2, U6).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Series, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.words.clock import clock, day_of
from scheduler.services import tasks
from scheduler.services.outgoing import outbox_invites, outbox_rows, reminders
from scheduler.services.outgoing.leaving import NOTHING as NOTHING
from scheduler.services.outgoing.leaving import Leaving as Leaving
from scheduler.services.outgoing.outbox_invites import Times, invited, told_by
from scheduler.services.outgoing.outbox_rows import by_mail
from scheduler.services.tasks import NewTask

CHANGED = "The visit was changed before this left."
CANCELLED = "The visit was cancelled before this left."
NEW_ADDRESS = "The patient's address was changed before this left."
IN_ONE = "One message lists all new dates."


def queue_series(
    series: Series, visits: Sequence[Visit], *, now: datetime, undo_seconds: int
) -> Leaving:
    """One digest and a REQUEST per visit; by text a digest alone; letter and calls where neither
    mail nor text goes (domain R0)."""
    due_at = now + timedelta(seconds=undo_seconds)
    ahead = [visit for visit in visits if visit.starts_at > now]
    if not ahead:
        return NOTHING
    if _way(ahead[0]) is not None:
        queued = _digest(series, now=now, due_at=due_at)
        queued += outbox_invites.invite_all(ahead, Times(now, due_at))
    else:
        queued = _letter(ahead[0], now=now, due_at=due_at)
    return queued + _reminders(ahead, now=now, due_at=due_at)


def queue_single(visit: Visit, *, now: datetime, undo_seconds: int) -> Leaving:
    """One REQUEST; its own text says what a digest would."""
    due_at = now + timedelta(seconds=undo_seconds)
    if visit.starts_at <= now:
        return NOTHING
    if _way(visit) is not None:
        queued = outbox_invites.invite(visit, Times(now, due_at))
    else:
        queued = _letter(visit, now=now, due_at=due_at)
    return queued + _reminders([visit], now=now, due_at=due_at)


def queue_visit_changed(visit: Visit, *, now: datetime, undo_seconds: int) -> Leaving:
    """Ends what still waits about the visit and tells its new state, if it is news."""
    return queue_visits_changed([visit], now=now, undo_seconds=undo_seconds)


def queue_visits_changed(visits: Sequence[Visit], *, now: datetime, undo_seconds: int) -> Leaving:
    """The same for several visits; their patients' reminders are made to fit once."""
    due_at = now + timedelta(seconds=undo_seconds)
    _supersede_visits(visits, CHANGED, now=now)
    ahead = [visit for visit in visits if visit.starts_at > now]
    if not ahead:
        return NOTHING
    queued = _requeue_digests(ahead, CHANGED, now=now, due_at=due_at)
    for visit in ahead:
        queued += _told_of_change(visit, Times(now, due_at))
    return queued + _reminders(ahead, now=now, due_at=due_at)


def _told_of_change(visit: Visit, times: Times) -> Leaving:
    keep = visit.patient.email if invited(visit.patient) else ""
    queued = outbox_invites.take_back(visit, times, keep=keep)
    if _way(visit) is not None:
        return queued + outbox_invites.told_anew(visit, times)
    return queued + _call(visit, "has another time", now=times.now, due_at=times.due_at)


def queue_dates_moved(
    series: Series, visits: Sequence[Visit], *, now: datetime, undo_seconds: int
) -> Leaving:
    """One mail that lists all moved dates, beside their calendar updates (domain F, calendar M6).

    A digest that still waits says it already.
    """
    due_at = now + timedelta(seconds=undo_seconds)
    told = [visit for visit in visits if visit.starts_at > now]
    if len(told) < 2 or _way(told[0]) is None or outbox_rows.pending_digests(series):
        return NOTHING
    if not invited(series.patient):  # the one mail says it all
        ids, plain = [visit.id for visit in told], Outbox.method.is_(None)
        told_apart = Outbox.kind.in_(outbox_rows.ITIP_KINDS)
        outbox_rows.supersede(IN_ONE, Outbox.visit_id.in_(ids), told_apart, plain)
    return _digest(series, now=now, due_at=due_at, moved=[visit.id for visit in told])


def queue_cancelled(visits: Sequence[Visit], *, now: datetime, undo_seconds: int) -> Leaving:
    """One CANCEL per visit and address that was told of it; none for a booking that never left."""
    due_at = now + timedelta(seconds=undo_seconds)
    _supersede_visits(visits, CANCELLED, now=now)
    queued = _requeue_digests(visits, CANCELLED, now=now, due_at=due_at)
    for visit in visits:
        if visit.starts_at <= now:  # U7: the past is not mailed about
            continue
        queued += outbox_invites.take_back(visit, Times(now, due_at))
        if _way(visit) is None:
            queued += _call(visit, "is cancelled", now=now, due_at=due_at)
    return queued + _reminders(visits, now=now, due_at=due_at)


def queue_address_changed(
    patient: Patient,
    *,
    old_email: str,
    now: datetime,
    undo_seconds: int,
    old_calendar: str | None = None,
) -> Leaving:
    """CANCEL to the old address, REQUEST to the new, one SEQUENCE up (calendar A3).

    Call it when e-mail, channel or calendar changed; a mere change of case tells nobody anything.
    `old_email`: where mails went, "" if none did; `old_calendar`: None if that did not change (F6).
    """
    due_at = now + timedelta(seconds=undo_seconds)
    visits = _ahead(patient, now)
    mail = patient.email if by_mail(patient) else ""
    shown_at = patient.email if invited(patient) else ""
    was_shown_at = old_email if (old_calendar or patient.calendar) == "invites" else ""
    same = mail.casefold() == old_email.casefold()
    if not visits or (same and shown_at.casefold() == was_shown_at.casefold()):
        return _reminders(visits, now=now, due_at=now)
    _supersede_visits(visits, NEW_ADDRESS, now=now)
    queued = _requeue_digests(visits, NEW_ADDRESS, now=now, due_at=due_at)
    for visit in visits:
        visit.version += 1
        visit.sequence += 1
        visit.changed_at = now
        queued += outbox_invites.take_back(visit, Times(now, due_at), keep=shown_at)
    if shown_at:
        queued += outbox_invites.invite_all(visits, Times(now, due_at))
    if not mail:
        queued += _dates_anew(visits, now=now, due_at=due_at)
    return queued + _reminders(visits, now=now, due_at=due_at)


def _dates_anew(visits: Sequence[Visit], *, now: datetime, due_at: datetime) -> Leaving:
    """All dates to a patient whose calendar nobody fills any more: by text, else in a letter."""
    if _way(visits[0]) is None:
        return _letter(visits[0], now=now, due_at=due_at)
    queued = NOTHING
    for series in {visit.series for visit in visits if visit.series is not None}:
        queued += _digest(series, now=now, due_at=due_at)
    for visit in visits:
        if visit.series is None:
            queued += outbox_invites.invite(visit, Times(now, due_at))
    return queued


def _way(visit: Visit) -> tuple[str, str] | None:
    """How the patient is told of dates, and where; None: a person writes and calls."""
    return told_by(visit.patient, db.session.get_one(Site, visit.site_id))


def has_left(visit_ids: Collection[int]) -> bool:
    """Whether a message about these visits, or the digest of their series, left or may have."""
    series_ids = select(Visit.series_id).where(Visit.id.in_(visit_ids))
    digest = and_(Outbox.kind == "digest", Outbox.series_id.in_(series_ids))
    invited = Outbox.kind.in_(outbox_rows.ITIP_KINDS)
    about = or_(and_(Outbox.visit_id.in_(visit_ids), invited), digest)
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
    told = Outbox.kind.in_(outbox_rows.ITIP_KINDS)
    outbox_rows.supersede(why, Outbox.visit_id.in_(ids), told)
    tasks.drop_of_visits(ids, (tasks.CLOSED_OVER, tasks.CALL), now=now)


def _digest(
    series: Series, *, now: datetime, due_at: datetime, moved: Sequence[int] = ()
) -> Leaving:
    """All dates in one message; what they are is read when it leaves. `moved`: ids of visits that
    have another time than the patient knows."""
    patient = series.patient
    first = min(visit.arrives_at for visit in _ahead(patient, now) if visit.series_id == series.id)
    way = told_by(patient, db.session.get_one(Site, series.site_id))
    channel, recipient = way if way is not None else ("email", patient.email)
    outbox_rows.add(
        Outbox(
            organisation_id=series.organisation_id,
            site_id=series.site_id,
            patient_id=series.patient_id,
            series_id=series.id,
            kind="digest",
            channel=channel,
            recipient=recipient,
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
        if waiting and left and _way(left[0]) is not None:
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
        NewTask.of_visit(
            visit,
            tasks.CALL,
            due_at=due_at,
            what=f"No e-mail: call. The visit {what}: {when}.",
        ),
        now=now,
    )
    return queued + Leaving(tasks=1)

"""What a patient is told of times that are held: "reply by", TENTATIVE entries, and their end.

Inside the caller's transaction, as outbox.py (domain F; calendar O5: a told hold is TENTATIVE).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from scheduler.extensions import db
from scheduler.models import Outbox, Site, Visit
from scheduler.planning.words.clock import clock, day_of
from scheduler.services import tasks
from scheduler.services.outgoing import outbox_checks, outbox_invites, outbox_rows, reach
from scheduler.services.outgoing.leaving import NOTHING, Leaving
from scheduler.services.outgoing.outbox_invites import Times
from scheduler.services.tasks import NewTask

BOOKED = "The times are booked now."
RELEASED = "The times are not held any more."
TENTATIVE = {"tentative": True}


def queue_held(visits: Sequence[Visit], until: datetime, times: Times) -> Leaving:
    """One message with all dates and "reply by", and a TENTATIVE entry for each visit."""
    queued = _tell(visits, "hold", times, until=until)
    if not outbox_invites.invited(visits[0].patient):
        return queued
    mail, rows = visits[0].patient.email, []
    for visit in visits:
        row = outbox_rows.itip_row(visit, "invite", mail, now=times.now, due_at=times.due_at)
        row.facts = {**row.facts, **TENTATIVE, "until": until.isoformat()}
        row.useless_at = _useless_at(row.useless_at, until)
        rows.append(row)
    outbox_rows.add_all(rows)
    return queued + Leaving(leaves_at=times.due_at, mails=len(rows))


def end_told(visits: Sequence[Visit], why: str, *, now: datetime) -> None:
    """What still waits about the hold does not leave any more, and nobody calls about it."""
    ids = [visit.id for visit in visits]
    tasks.drop_of_visits(ids, [tasks.HOLD_CALL], now=now)
    kinds = (*outbox_rows.ITIP_KINDS, "hold")
    mine = and_(Outbox.visit_id.in_(ids), Outbox.kind.in_(kinds))
    series_id = visits[0].series_id
    if series_id is not None:
        mine = or_(mine, and_(Outbox.series_id == series_id, Outbox.kind == "hold"))
    outbox_rows.supersede(why, mine)


def queue_released(visits: Sequence[Visit], times: Times) -> Leaving:
    """CANCEL to every calendar that shows the times; one plain message where none does."""
    end_told(visits, RELEASED, now=times.now)
    ahead = [visit for visit in visits if visit.starts_at > times.now]
    queued = NOTHING
    for visit in ahead:
        for before in outbox_rows.who_has_it(visit):
            row = outbox_rows.itip_row(
                visit, "cancel", before.recipient, now=times.now, due_at=times.due_at
            )
            row.facts = before.facts  # a person recognises what the calendar showed
            outbox_rows.add(row)
            queued += Leaving(leaves_at=times.due_at, mails=1)
    if ahead and not queued.mails and _was_told(ahead):
        queued += _tell(ahead, "hold_over", times)
    return queued


def why_not(row: Outbox, now: datetime) -> str | None:
    """The message does not hold any more: the times are booked, released or over."""
    if (gone := outbox_checks.lives_there(row, now)) is not None:
        return gone
    about = Visit.series_id == row.series_id if row.visit_id is None else Visit.id == row.visit_id
    held = select(Visit.id).where(about, Visit.state == "held", Visit.held_until > now)
    still = db.session.scalar(held.limit(1)) is not None
    return None if still or row.kind == "hold_over" else RELEASED


def _was_told(visits: Sequence[Visit]) -> bool:
    """Whether the hold's own message left, or may have."""
    series_id, visit_id = visits[0].series_id, visits[0].id
    about = Outbox.visit_id == visit_id if series_id is None else Outbox.series_id == series_id
    gone = or_(Outbox.state == "sent", Outbox.may_have_left)
    told = select(Outbox.id).where(about, Outbox.kind == "hold", gone)
    return db.session.scalar(told.limit(1)) is not None


def _tell(
    visits: Sequence[Visit], kind: str, times: Times, *, until: datetime | None = None
) -> Leaving:
    """One message by the first way that leads to the patient; without one somebody calls."""
    site, first = db.session.get_one(Site, visits[0].site_id), visits[0]
    ways = reach.ways(first.patient, site)
    if not ways:
        return _call(visits, kind, site, times, until)
    row = Outbox(
        organisation_id=first.organisation_id,
        site_id=first.site_id,
        patient_id=first.patient_id,
        visit_id=first.id if first.series is None else None,
        series_id=first.series_id,
        kind=kind,
        channel=ways[0],
        recipient=reach.address(first.patient, ways[0]),
        version=first.series.version if first.series else first.version,
        facts=_facts(visits, site, until),
        due_at=times.due_at,
        useless_at=_useless_at(outbox_rows.give_up_at(times.due_at, first.arrives_at), until),
        state="waiting",
        created_at=times.now,
    )
    outbox_rows.add(row)
    return Leaving(leaves_at=times.due_at, mails=1)


def _facts(visits: Sequence[Visit], site: Site, until: datetime | None) -> dict[str, Any]:
    told = [outbox_rows.told(visit, site).to_plain() for visit in visits]
    by = {"until": until.isoformat()} if until is not None else {}
    return {"visits": told, "organizer": visits[0].organizer, **by}


def _useless_at(give_up_at: datetime | None, until: datetime | None) -> datetime | None:
    """Nobody is asked for an answer when it is too late for one."""
    known = [at for at in (give_up_at, until) if at is not None]
    return min(known, default=None)


def _call(
    visits: Sequence[Visit], kind: str, site: Site, times: Times, until: datetime | None
) -> Leaving:
    first = visits[0]
    dates = ", ".join(day_of(visit.starts_at, site.zone) for visit in visits)
    call, what = tasks.HOLD_ENDED, f"No e-mail: call. These times are not held any more: {dates}."
    if kind == "hold" and until is not None:
        call = tasks.HOLD_CALL
        by = f"{day_of(until, site.zone)}, {clock(until, site.zone)}"
        what = f"No e-mail: call. Times are held until {by}: {dates}."
    new = NewTask(
        organisation_id=first.organisation_id,
        site_id=first.site_id,
        kind=call,
        due_at=times.due_at,
        what=what,
        patient_id=first.patient_id,
        visit_id=first.id,
    )
    tasks.add(new, now=times.now)
    return Leaving(tasks=1)

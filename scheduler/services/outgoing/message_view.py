"""One message whole: what left, what was said to it and about it, and what stands round it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_

from scheduler.extensions import db
from scheduler.models import Answer, AuditEntry, Outbox, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services.actor import Actor
from scheduler.services.incoming import received
from scheduler.services.incoming.received import ReceivedRow
from scheduler.services.outgoing import message_rows
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.outgoing.message_rows import MessageRow
from scheduler.services.outgoing.message_words import AUDIT, PARTSTATS
from scheduler.services.outgoing.outbox_facts import coming_visits, facts_of
from scheduler.services.outgoing.outbox_truth import untrue
from scheduler.services.scope import find, scoped

ANSWERS = {
    "coming": {"yes": "Is coming", "no": "Cannot come"},
    "driver": {},
    "changed": {"yes": "Something has changed", "no": "Nothing has changed"},
    "driver_says": {"yes": "The driver is coming", "no": "The driver cannot come"},
    "well": {"1": "Feels well", "2": "Wants a call"},
}
ANSWER_KINDS = {
    "driver": "Named a driver",
    "other_time": "Asked for another time",
    "score": "Answered the questions",
    "recall": "Answered about the next course",
    "off": "Wants no more of these",
    "told": "Was told by phone",
}
VIA = {
    "page": "on their page",
    "sms": "by text message",
    "voice": "by phone keys",
    "mail": "by e-mail",
    "desk": "noted by",
}


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer in words, and when (aware UTC)."""

    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One line of the audit: who did what when, and the hash of the bytes that left."""

    at: datetime
    by_name: str
    what: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """`body` are the bytes that left, or were tried; else `facts` are what would leave now.

    `before` and `after` are messages on the same matter to the same address; `partstat` is what
    the patient's calendar answered, in words, "" where it was never asked.
    """

    row: MessageRow
    body: bytes | None
    facts: MessageFacts | None
    message_id: str | None
    wording: str
    delivered_at: datetime | None
    visit_version: int
    may_call: bool
    partstat: str
    answers: list[Said]
    received: list[ReceivedRow]
    before: list[MessageRow]
    after: list[MessageRow]
    proofs: list[Proof]


def show(message_id: int, actor: Actor, *, now: datetime) -> MessageView:
    """What left; for what still waits, what would leave now. Raises NotFound, NotAllowed."""
    actor.require("see_messages")
    row = find(Outbox, message_id, actor)
    (shown,) = message_rows.shown(scoped(Outbox, actor).where(Outbox.id == row.id), actor)
    round_it = message_rows.shown(_same_matter(row, actor), actor)
    return MessageView(
        row=shown,
        body=row.body,
        facts=_facts(row, now),
        message_id=row.message_id,
        wording=row.wording,
        delivered_at=row.delivered_at,
        visit_version=row.visit.version if row.visit is not None else 0,
        may_call=actor.may("work_task") and can_be_called(row),
        partstat=_partstat(row),
        answers=_answers(row, actor),
        received=received.about_message(actor, row.id, row.visit_id, row.sent_at),
        before=[one for one in round_it if one.id < row.id],
        after=[one for one in round_it if one.id > row.id],
        proofs=_proofs(row, actor),
    )


def _facts(row: Outbox, now: datetime) -> MessageFacts | None:
    """What it would say now, of a message that waits or that somebody has to tell by phone."""
    visit: Visit | None = row.visit
    over = visit is not None and (visit.starts_at <= now or visit.state not in PLANNED_STATES)
    if (
        row.body is not None
        or over
        or (row.series_id and not visit and not coming_visits(row, now))
    ):
        return None
    if row.state in ("failed", "skipped") or (row.state == "waiting" and untrue(row, now) is None):
        try:
            return facts_of(row, now=now)
        except (LookupError, TypeError, ValueError):  # what it was about is gone: it says nothing
            return None
    return None


def can_be_called(row: Outbox) -> bool:
    """Whether somebody may have told it by phone instead: it did not reach the patient."""
    stuck = row.state == "waiting" and row.attempts > 0
    return row.state in ("failed", "skipped") or stuck or row.delivery == "undelivered"


def _partstat(row: Outbox) -> str:
    visit: Visit | None = row.visit
    return PARTSTATS.get(visit.partstat, "") if visit is not None and row.uid else ""


def _same_matter(row: Outbox, actor: Actor) -> Select[Outbox]:
    """Of a calendar entry all its messages; of the rest the same kind for the same visit, series
    or matter."""
    if row.uid is not None:
        same = Outbox.uid == row.uid
    elif row.visit_id is not None:
        same = (Outbox.visit_id == row.visit_id) & (Outbox.kind == row.kind)
    elif row.series_id is not None:
        same = (Outbox.series_id == row.series_id) & (Outbox.kind == row.kind)
    else:
        same = (Outbox.patient_id == row.patient_id) & (Outbox.about == row.about)
    others = scoped(Outbox, actor).where(same, Outbox.id != row.id)
    return others.order_by(Outbox.id.desc()).limit(20)


def _answers(row: Outbox, actor: Actor) -> list[Said]:
    about = Answer.outbox_id == row.id
    if row.visit_id is not None and row.sent_at is not None:
        about = or_(about, (Answer.visit_id == row.visit_id) & (Answer.at >= row.sent_at))
    found = scoped(Answer, actor).where(about).order_by(Answer.id.desc()).limit(20)
    return [Said(at=one.at, words=answer_words(one)) for one in db.session.scalars(found)]


def answer_words(answer: Answer) -> str:
    """ "Is coming (by text message)", with the words themselves where there are some."""
    said = str(answer.facts.get("say") or answer.facts.get("says") or "")
    what = ANSWERS.get(answer.kind, {}).get(said) or ANSWER_KINDS.get(answer.kind, answer.kind)
    told = [str(answer.facts[name]) for name in ("name", "wish", "why", "words", "outcome")
            if answer.facts.get(name)]  # fmt: skip
    way = VIA.get(answer.via, answer.via)
    by = f"{way} {answer.by_name}" if answer.via == "desk" else way
    return f"{what} ({by})" + (f": {', '.join(told)}" if told else "")


def _proofs(row: Outbox, actor: Actor) -> list[Proof]:
    subject = f"message:{row.id}"
    found = scoped(AuditEntry, actor).where(AuditEntry.subject == subject)
    return [
        Proof(
            at=one.at,
            by_name=one.by_name,
            what=AUDIT.get(one.action, one.action.replace("_", " ")),
            detail=one.reason,
        )
        for one in db.session.scalars(found.order_by(AuditEntry.id).limit(50))
    ]

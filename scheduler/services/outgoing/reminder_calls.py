"""Which calls are planned with a patient's visits: where no message can go, and where one brings no
answer (domain G; domain I, stories 7 and 9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from scheduler.extensions import db
from scheduler.models import Site, Visit
from scheduler.planning.opening import instant
from scheduler.services.outgoing.escalations import Wanted
from scheduler.services.outgoing.reminder_plan import Due, Part

EVENING_CALL = time(16)
"""The day before: nobody is called at eight in the evening."""
CALLS = {
    "r1": "No e-mail or texts: call about the visit; say what to bring.",
    "r3": "No e-mail or texts: call about the visit; ask who drives and what has changed.",
    "r4": "No e-mail or texts: call about the visit tomorrow; say the food and drink stops.",
    "own": "No e-mail or texts: call.",
}
QUESTIONS = {
    "R0": "No answer to the dates: call and ask whether they suit.",
    "R1": "Call before the consultation.",
    "R2": "Call: who drives, time off, forms.",
    "R3": "Call: who drives, has anything changed?",
    "R3p": "Call: has anything changed?",
    "R4": "Call about the visit tomorrow.",
}
"""What the caller asks where a rung was not answered."""


def wanted(due: Due) -> list[Wanted]:
    """The calls themselves, and those that come up without an answer. A visit that is called about
    on the day before anyway is not called about twice."""
    called = [_call(part) for part in due.parts if not part.channel and part.reminder.kind in CALLS]
    twice = {(one.visit.id, one.rule_id) for one in called if one.rule_id == "R4"}
    return [*called, *_unanswered(due, twice)]


def _call(part: Part) -> Wanted:
    visit, one = part.visit, part.reminder
    what = f"{CALLS[one.kind]} {one.rule.text}".strip()
    at = _day_before(visit) if one.kind == "r4" else one.due_at
    return Wanted(visit=visit, rule_id=one.rule.id, at=at, what=what)


def _day_before(visit: Visit) -> datetime:
    zone = db.session.get_one(Site, visit.site_id).zone
    return instant(zone, visit.starts_on - timedelta(days=1), EVENING_CALL)


def _unanswered(due: Due, twice: set[tuple[int, str]]) -> Iterable[Wanted]:
    for visit, one in due.escalations:
        if (visit.id, one.rule_id) not in twice:
            yield Wanted(
                visit=visit,
                rule_id=one.rule_id,
                at=one.at,
                what=QUESTIONS.get(one.rule_id, "Call."),
                unless=one.unless,
                high=one.high,
            )

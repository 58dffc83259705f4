"""What one reminder takes along: rungs that fall on the same instant, of this visit or another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.extensions import db
from scheduler.models import Outbox, Visit
from scheduler.services.outgoing import ladders
from scheduler.services.own import answered


@dataclass(frozen=True, kw_only=True)
class Also:
    """A rung, the kind of its message, and its visit."""

    kind: str
    rule_id: str
    visit: Visit


def parts(row: Outbox, now: datetime) -> tuple[Also, ...]:
    """Those that still hold: the visit is as it was when the row was queued, and the rung is on."""
    found = []
    for plain in row.facts.get("also", ()):
        visit = db.session.get(Visit, plain["visit_id"])
        if visit is None or visit.version != plain["version"]:
            continue
        on = ladders.of_visit(visit).rule(plain["rule"]) is not None
        if on and answered.takes_place(visit, now):
            found.append(Also(kind=plain["kind"], rule_id=plain["rule"], visit=visit))
    return tuple(found)


def said_by(visit: Visit | None, rule_id: str) -> dict[str, str]:
    """The words of a clinic's own rung, as a placeholder; nothing for the others."""
    rule = None if visit is None else ladders.of_visit(visit).rule(rule_id)
    return {"say": rule.text} if rule is not None and rule.is_own else {}

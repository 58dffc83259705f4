"""What a visit's answers settle: read from the visit, as reminders and planned work ask it."""

from __future__ import annotations

from datetime import datetime

from scheduler.models import Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services.own.answer_rows import COMING, NOT_COMING, needs_driver, waits_for_driver


def takes_place(visit: Visit, now: datetime) -> bool:
    """It is planned and has not begun."""
    return visit.state in PLANNED_STATES and visit.starts_at > now


def confirmed(visit: Visit) -> bool:
    """The patient said yes, to us or to the calendar (domain G, R4)."""
    yes = visit.coming == COMING or visit.partstat == "ACCEPTED"
    return visit.state == "confirmed" or yes


def declined(visit: Visit) -> bool:
    """The patient said no: a person looks at that already."""
    return visit.coming == NOT_COMING or visit.partstat == "DECLINED"


def ready(visit: Visit) -> bool:
    """Confirmed, and a driver named where one is needed (domain F)."""
    return confirmed(visit) and not waits_for_driver(visit)


def arranged(visit: Visit) -> bool:
    """What R2 asks for: who drives; where nobody needs to, that the patient comes."""
    return not waits_for_driver(visit) if needs_driver(visit) else confirmed(visit)


def missing(visit: Visit) -> str:
    """What a caller asks for, in words; "" if nothing is missing."""
    gaps = []
    if not confirmed(visit):
        gaps.append("not confirmed")
    if waits_for_driver(visit):
        named = visit.driver_name != ""
        gaps.append("no phone number of the driver" if named else "no driver named")
    said = " and ".join(gaps)
    return f"{said[:1].upper()}{said[1:]}." if said else ""

"""Coming visits that a change of capacity leaves without an open chair or enough nurses.

Every service that closes something does it through `change()`: nothing is moved silently. Visits
that the person accepts stay booked, and each gets a task "closed_over" that asks for a call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from scheduler.errors import NeedsConfirmation
from scheduler.extensions import db
from scheduler.models import ChairClaim, Site, Task, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.interval import Interval
from scheduler.planning.opening import day_span, local
from scheduler.planning.visit import VisitShape
from scheduler.services import daybooks, scope, site_days, tasks
from scheduler.services.actor import Actor
from scheduler.services.capacity import Capacity, chair_facts, read_capacity

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What the person was shown and accepted: ids of visits; `why` is said in their tasks."""

    accepted: frozenset[int]
    why: str
    now: datetime


def opening(now: datetime) -> Consent:
    """For changes that only give time back: there is nothing to accept."""
    return Consent(accepted=frozenset(), why="", now=now)


def days(site: Site, now: datetime, weekdays: Collection[int] | None = None) -> list[date]:
    """Every local date from today on that has visits or can get some."""
    today = local(site.zone, now).date()
    last_held = db.session.scalar(
        select(func.max(Visit.starts_on))
        .join(ChairClaim, ChairClaim.visit_id == Visit.id)
        .where(Visit.organisation_id == site.organisation_id, Visit.site_id == site.id)
    )
    last = max(today + DAY * site.horizon_days, last_held or today)
    every = daybooks.dates(today, last)
    return [on for on in every if weekdays is None or on.weekday() in weekdays]


def change(
    site: Site, affected: Iterable[date], apply: Callable[[], None], consent: Consent
) -> tuple[int, ...]:
    """Lock the days, apply the change, and see which visits it leaves without a place.

    Called inside `transaction()`; `apply` changes rows of this site. Returns the ids of visits that
    got a task. Raises NeedsConfirmation, which undoes the change, unless all were accepted.
    """
    site_days.lock_days(site.organisation_id, [], [(site.id, on) for on in affected])
    before = stranded(site, consent.now)
    apply()
    db.session.flush()
    after = stranded(site, consent.now)
    hit = tuple(sorted(after - before))
    if not consent.accepted.issuperset(hit):
        count = "1 booked visit" if len(hit) == 1 else f"{len(hit)} booked visits"
        raise NeedsConfirmation(f"This would touch {count}. Nothing was changed.", visit_ids=hit)
    _drop_tasks(site, before - after, consent.now)
    _add_tasks(site, hit, consent)
    return hit


def stranded(site: Site, now: datetime) -> set[int]:
    """Planned visits ahead whose chair is not open, or whose nurses are not there, all the time."""
    by_day: dict[date, list[tuple[Visit, ChairClaim]]] = {}
    for visit, claim in db.session.execute(
        select(Visit, ChairClaim)
        .join(ChairClaim, ChairClaim.visit_id == Visit.id)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.state.in_((*PLANNED_STATES, "held")),
            ChairClaim.ends_at > now,
        )
    ):
        by_day.setdefault(visit.starts_on, []).append((visit, claim))
    if not by_day:
        return set()
    capacity = read_capacity(site, min(by_day), max(by_day))
    found: set[int] = set()
    for on, held in by_day.items():
        found |= _without_chair(capacity, on, held) | _without_nurse(capacity, on, held)
    return found


def _without_chair(capacity: Capacity, on: date, held: list[tuple[Visit, ChairClaim]]) -> set[int]:
    spans = {one.chair_id: one.open for one in chair_facts(capacity, on)}
    return {
        visit.id
        for visit, claim in held
        if not any(
            span.covers(Interval(claim.starts_at, claim.ends_at))
            for span in spans.get(claim.chair_id, ())
        )
    }


def _without_nurse(capacity: Capacity, on: date, held: list[tuple[Visit, ChairClaim]]) -> set[int]:
    """Visits that need a nurse in a minute when more are needed than are on duty (domain H8)."""
    midnight = day_span(capacity.site.zone, on).starts_at
    needed: Counter[int] = Counter()
    for visit, _claim in held:
        for minute, share in _nurse_minutes(visit, midnight):
            needed[minute] += share
    on_duty: Counter[int] = Counter()
    for span, nurses in capacity.on_duty("nurse", on):
        first = (span.starts_at - midnight) // MINUTE
        on_duty.update({first + at: nurses for at in range(span.minutes)})
    short = {minute for minute, share in needed.items() if share > 100 * on_duty[minute]}
    return {
        visit.id
        for visit, _claim in held
        if any(minute in short for minute, _share in _nurse_minutes(visit, midnight))
    }


def _nurse_minutes(visit: Visit, midnight: datetime) -> Iterator[tuple[int, int]]:
    """(minutes since local midnight, hundredths of a nurse), elapsed, for every minute."""
    begins = (visit.starts_at - midnight) // MINUTE
    for offset, length, share in VisitShape.from_plain(visit.shape).nurse_load():
        for minute in range(begins + offset, begins + offset + length):
            yield minute, share


def _open_tasks(site: Site, visit_ids: Collection[int]) -> list[Task]:
    return list(
        db.session.scalars(
            select(Task).where(
                Task.organisation_id == site.organisation_id,
                Task.kind == tasks.CLOSED_OVER,
                Task.state == "open",
                Task.visit_id.in_(visit_ids),
            )
        )
    )


def _drop_tasks(site: Site, visit_ids: Collection[int], now: datetime) -> None:
    """It is open again: nobody need call."""
    tasks.drop_by_id([one.id for one in _open_tasks(site, visit_ids)], now=now)


def _add_tasks(site: Site, visit_ids: Collection[int], consent: Consent) -> None:
    asked = {task.visit_id for task in _open_tasks(site, visit_ids)}
    for visit in db.session.scalars(select(Visit).where(Visit.id.in_(set(visit_ids) - asked))):
        new = tasks.NewTask(
            organisation_id=site.organisation_id,
            site_id=site.id,
            kind=tasks.CLOSED_OVER,
            due_at=consent.now,
            patient_id=visit.patient_id,
            visit_id=visit.id,
            what=f"{consent.why} Call, then move or cancel this visit.",
        )
        tasks.add(new, now=consent.now)


def visits(visit_ids: Collection[int], actor: Actor) -> list[Visit]:
    """With patient and chair, in order of time; for the page that asks."""
    rows = (
        scope.scoped(Visit, actor)
        .where(Visit.id.in_(visit_ids))
        .options(joinedload(Visit.patient), joinedload(Visit.chair))
        .order_by(Visit.starts_at, Visit.id)
    )
    return list(db.session.scalars(rows))

"""Moves visits: one, or several that swap or follow each other, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from scheduler.errors import (
    ChairTaken,
    IllegalChange,
    Invalid,
    NotFound,
    OutsideRule,
    PlaceTaken,
    Stale,
)
from scheduler.extensions import db
from scheduler.models import Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.daybook import Day
from scheduler.planning.opening import instant
from scheduler.planning.request import PatientLimits, SeriesRequest
from scheduler.planning.reseat import reseated
from scheduler.planning.series import ChosenVisit, check_visits
from scheduler.planning.slots.chairs import Seat
from scheduler.planning.spacing import BrokenRule
from scheduler.planning.visit import VisitShape
from scheduler.services import claims, daybooks, form_tokens, reseating, tasks, visit_length
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.booking import refuse
from scheduler.services.outgoing import outbox
from scheduler.services.own import answer_rows
from scheduler.services.policy import Policy
from scheduler.services.scope import find
from scheduler.services.series_request import firm_limits
from scheduler.services.series_rules import broken
from scheduler.services.site_days import lock_days
from scheduler.services.visit_rows import Change, put, remember
from scheduler.transaction import retried, transaction

NOTHING_MOVED = "Nothing was moved."


@dataclass(frozen=True, kw_only=True)
class MoveRequest:
    """Where one visit goes: the site's date and wall time; `chair_id` None means any that is free.

    `minutes` (part -> minutes, within the profile's range) gives this visit another length.
    `version` is the visit's as it was shown; `override` is a provider's word for a broken gap rule.
    With `reseat` other visits of that day may take other chairs, at their times, to make room.
    """

    visit_id: int
    starts_on: date
    starts: time
    chair_id: int | None = None
    minutes: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    version: int = 0
    override: bool = False
    reseat: bool = False


@dataclass(frozen=True, kw_only=True)
class Moved:
    """`broken` names the rules of the series that do not hold now; `leaves_at` is when the mail
    leaves."""

    visit_ids: tuple[int, ...]
    leaves_at: datetime | None
    broken: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(frozen=True)
class Setting:
    """What every step of one move needs. `allowed` refuses what a patient may not do alone, and
    then no rule of the series may break that did not before; None for staff."""

    actor: Actor
    now: datetime
    policy: Policy
    allowed: Callable[[Visit], None] | None = None


@retried
def move_own(request: MoveRequest, token: str, setting: Setting, *, whose: int) -> Moved:
    """A patient moves a visit of their own, inside the site's rules (domain F). Raises as `move`,
    and what `setting.allowed` raises."""
    setting.actor.require("move_own")
    if find(Visit, request.visit_id, setting.actor).patient_id != whose:
        raise NotFound
    return _moved([request], token, setting)


@retried
def move(
    requests: Sequence[MoveRequest], token: str, actor: Actor, *, now: datetime, policy: Policy
) -> Moved:
    """Move one visit, or several at once: all of them, or none.

    Raises ChairTaken, PatientBusy, OutsideRule, Stale, IllegalChange, Invalid, NotAllowed,
    NotFound.
    """
    actor.require("move")
    if len({request.visit_id for request in requests}) != len(requests) or not requests:
        raise Invalid("Each visit can be moved once at a time.")
    return _moved(requests, token, Setting(actor, now, policy))


def _moved(requests: Sequence[MoveRequest], token: str, setting: Setting) -> Moved:
    actor, ids = setting.actor, tuple(request.visit_id for request in requests)
    patients, days = _touched(requests, actor)
    with transaction():
        lock_days(actor.organisation_id, patients, days)
        if form_tokens.result_of(token, actor) is not None:
            return Moved(visit_ids=ids, leaves_at=None, repeated=True)
        visits = [find(Visit, request.visit_id, actor) for request in requests]
        for visit, request in zip(visits, requests, strict=True):
            refuse_unless_movable(visit, request)
            if setting.allowed is not None:
                setting.allowed(visit)
        return _move(list(zip(visits, requests, strict=True)), days, token, setting)


def refuse_unless_movable(visit: Visit, request: MoveRequest) -> None:
    """Raises Stale if it changed since it was shown, IllegalChange if it does not lie ahead."""
    if visit.version != request.version:
        raise Stale
    if visit.state not in PLANNED_STATES:
        raise IllegalChange("Only a visit that still lies ahead can be moved.")


def _touched(
    requests: Sequence[MoveRequest], actor: Actor
) -> tuple[set[int], set[tuple[int, date]]]:
    """Patients, and the site days that visits leave or enter."""
    patients, days = set(), set()
    for request in requests:
        visit = find(Visit, request.visit_id, actor)
        patients.add(visit.patient_id)
        days |= {(visit.site_id, visit.starts_on), (visit.site_id, request.starts_on)}
    return patients, days


def _move(
    pairs: list[tuple[Visit, MoveRequest]],
    locked: set[tuple[int, date]],
    token: str,
    setting: Setting,
) -> Moved:
    """Release all claims, then take the new ones, so that swaps and cascades pass (house decision
    1)."""
    ids = tuple(visit.id for visit, _ in pairs)
    refuse_unlocked(pairs, locked)
    claims.release(ids)
    db.session.flush()
    days: dict[tuple[int, date], Day] = {}
    known = _known_faults(pairs)
    for visit, request in pairs:
        _place(visit, request, days, ids, setting)
    faults = _series_faults(pairs, known, setting)
    db.session.flush()
    leaves = [_settle(visit, request, setting) for visit, request in pairs]
    leaves.append(_one_message([visit for visit, _ in pairs], setting))
    form_tokens.use(token, f"visit:{ids[0]}", setting.actor, now=setting.now)
    return Moved(
        visit_ids=ids,
        leaves_at=max((at for at in leaves if at is not None), default=None),
        broken=faults,
    )


def refuse_unlocked(pairs: list[tuple[Visit, MoveRequest]], locked: set[tuple[int, date]]) -> None:
    """A visit that was moved to another day between the first look and the lock is not ours to
    move."""
    if any((visit.site_id, visit.starts_on) not in locked for visit, _ in pairs):
        raise Stale


def _place(
    visit: Visit,
    request: MoveRequest,
    days: dict[tuple[int, date], Day],
    moving: tuple[int, ...],
    setting: Setting,
) -> None:
    """Give one visit its new place in the plan; the visits placed before it count."""
    site = find(Site, visit.site_id, setting.actor)
    key = (site.id, request.starts_on)
    if key not in days:
        days |= {
            (site.id, on): day
            for on, day in daybooks.load(site, [request.starts_on], without=moving).items()
        }
    visit_length.change(visit, request.minutes, request.reason, setting.actor, setting.now)
    starts_at = instant(site.zone, request.starts_on, request.starts)
    limits = firm_limits(visit.patient, setting.now, without=moving)
    shape = VisitShape.from_plain(visit.shape)
    here = Wanted(shape, visit.chair_id, request.chair_id, starts_at)
    try:
        seat = place_for(here, days[key], limits)
    except ChairTaken:
        if not request.reseat:
            raise
        question = reseating.Question(site, days[key], shape, starts_at, moving)
        seat, days[key] = _make_way(question, setting)
    days[key].book(shape, seat.chair_id, starts_at, bay_id=seat.bay_id)
    put(visit, site, seat.chair_id, starts_at, seat.bay_id)


def _make_way(question: reseating.Question, setting: Setting) -> tuple[Seat, Day]:
    """Others of the day change chairs (planner, late chair binding): the chair that is free then,
    and the day as it is then. Raises ChairTaken where that does not help any more."""
    answer = reseating.seating(question, now=setting.now)
    if answer is None:
        raise ChairTaken(f"No chair can be made free at that time any more. {NOTHING_MOVED}")
    reseating.change_chairs(question, answer, setting.actor, now=setting.now)
    return Seat(answer.chair_id), reseated(question.day, answer)


@dataclass(frozen=True)
class Wanted:
    """A place for one visit: `asked` is the chair that was asked for, None for any that is free."""

    shape: VisitShape
    own_chair_id: int
    asked: int | None
    starts_at: datetime


def place_for(wanted: Wanted, day: Day, limits: PatientLimits) -> Seat:
    """The chair that was asked for, or the first free one, its own first; one for the whole stay
    before one that needs a bay. Raises as `booking.refuse`."""
    any_chair = [wanted.own_chair_id, *(chair.chair_id for chair in day.facts.chairs)]
    chairs = any_chair if wanted.asked is None else [wanted.asked]
    question = SeriesRequest(
        shapes=(wanted.shape,), earliest_on=day.on, latest_on=day.on, patient=limits
    )
    first, split = None, None
    for chair_id in chairs:
        refusals = check_visits({day.on: day}, question, [ChosenVisit(chair_id, wanted.starts_at)])
        seat = None if refusals else day.seat(wanted.shape, chair_id, wanted.starts_at)
        if seat is not None and seat.bay_id is None:
            return seat
        first, split = first or refusals, split or seat
    if split is not None:
        return split
    refuse(first or (), NOTHING_MOVED)
    raise PlaceTaken(f"This site has no chair. {NOTHING_MOVED}")


def _known_faults(pairs: list[tuple[Visit, MoveRequest]]) -> set[BrokenRule]:
    """What the series broke before the move, with somebody's word for it."""
    series = {visit.series_id: visit.series for visit, _ in pairs if visit.series is not None}
    return {fault for one in series.values() for fault in broken(one)}


def _series_faults(
    pairs: list[tuple[Visit, MoveRequest]], known: set[BrokenRule], setting: Setting
) -> tuple[str, ...]:
    """Rules of the moved visits' series that break now. A new hard one needs a provider, and a
    reason (H5, H7); a patient alone breaks none."""
    sentences: list[str] = []
    series = {visit.series_id: visit.series for visit, _ in pairs if visit.series is not None}
    override = all(request.override and request.reason for _, request in pairs)
    for one in series.values():
        moved = {v.id: v.starts_on for v, _ in pairs if v.series_id == one.id}
        faults = broken(one, moved)
        alone = setting.allowed is not None
        hard = next((one for one in faults if (one.hard or alone) and one not in known), None)
        if hard is not None and not (override and setting.actor.may("override_gap")):
            raise OutsideRule(f"{hard.sentence} {NOTHING_MOVED}", rule=hard.rule)
        sentences += [fault.sentence for fault in faults]
    return tuple(sentences)


def _settle(visit: Visit, request: MoveRequest, setting: Setting) -> datetime | None:
    """Claims, history and message of one moved visit; it must be confirmed again (domain F)."""
    claims.take(visit)
    tasks.drop_of_visits([visit.id], [tasks.CLOSED_OVER], now=setting.now)
    from_state, visit.state = visit.state, "booked"
    answer_rows.ask_again(visit)
    visit.version += 1
    visit.sequence += 1
    visit.changed_at = setting.now
    if visit.series is not None:
        visit.series.version += 1
    db.session.flush()
    actor, now = setting.actor, setting.now
    remember(visit, Change(actor=actor, now=now, from_state=from_state, reason=request.reason))
    action = "move_override" if request.override else "move"
    note(actor, action, f"visit:{visit.id}", now=now, reason=request.reason)
    seconds = setting.policy.undo_seconds
    return outbox.queue_visit_changed(visit, now=now, undo_seconds=seconds).leaves_at


def _one_message(visits: Sequence[Visit], setting: Setting) -> datetime | None:
    """Where several visits of a series moved, one message lists all new dates (domain F)."""
    leaving = outbox.NOTHING
    courses = {visit.series_id: visit.series for visit in visits if visit.series is not None}
    for series in courses.values():
        moved = [visit for visit in visits if visit.series_id == series.id]
        if len(moved) > 1:
            seconds = setting.policy.undo_seconds
            leaving += outbox.queue_dates_moved(
                series, moved, now=setting.now, undo_seconds=seconds
            )
    return leaving.leaves_at

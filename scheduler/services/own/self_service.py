"""What a patient may do alone about another time, inside the site's rules (domain F: at least 48
hours' notice, the same week, no knock-on for the series)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from scheduler.errors import IllegalChange, PlaceTaken
from scheduler.extensions import db
from scheduler.models import Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.daybook import Day
from scheduler.planning.opening import instant, local
from scheduler.planning.request import PatientLimits
from scheduler.planning.visit import VisitShape
from scheduler.services import daybooks, moving, series_rules
from scheduler.services.moving import Moved, MoveRequest, Setting, Wanted
from scheduler.services.outgoing import displaced
from scheduler.services.own import answer_rows
from scheduler.services.own.answers import Asked
from scheduler.services.own.link_gate import Opened
from scheduler.services.policy import Policy
from scheduler.services.scope import find
from scheduler.services.series_request import firm_limits

NOTICE = timedelta(hours=48)
"""Of the old time and of the new one: preparation begins days before. Where the clinic itself takes
the old time away (R13), of the new one alone."""
MOST_PER_DAY = 6
OFF, ASK, MOVE = "off", "ask", "move"
WHY = "The patient chose another time."
TOO_LATE = "It is too late to change this visit here. Nothing was changed."


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One time that would book: the site's date and wall time, and the instants to show."""

    on: date
    starts: time
    arrives_at: datetime
    leaves_at: datetime

    @property
    def key(self) -> str:
        """As a form sends it, "2027-01-14T09:00"."""
        return f"{self.on.isoformat()}T{self.starts:%H:%M}"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """`way`: off, ask or move, as the site lets patients; `late`: no notice is left for `move`."""

    way: str
    late: bool = False
    choices: tuple[Choice, ...] = ()


def ways_of(visit: Visit, *, now: datetime) -> Ways:
    """What the page offers for this visit. Reads only."""
    site = db.session.get_one(Site, visit.site_id)
    if site.self_service != MOVE:
        return Ways(way=site.self_service)
    if visit.patient.suspended_at is not None:
        return Ways(way=OFF)
    if not _has_notice(visit, now):
        return Ways(way=MOVE, late=True)
    return Ways(way=MOVE, choices=tuple(_choices(visit, site, now)))


def move(link: Opened, asked: Asked, chosen: str, *, now: datetime, policy: Policy) -> Moved:
    """Give the visit one of the offered times at once; the rest of the series stays.

    Raises IllegalChange where the site's rules do not let the patient, PlaceTaken where the time
    is not offered any more, Stale, NotFound.
    """
    starts = _read(chosen)
    setting = Setting(
        answer_rows.patient_actor(link.organisation_id),
        now,
        policy,
        allowed=lambda visit: _refuse(visit, starts, now),
    )
    request = MoveRequest(
        visit_id=asked.visit_id,
        starts_on=starts.date(),
        starts=starts.time(),
        reason=WHY,
        version=asked.version,
    )
    return moving.move_own(request, asked.token, setting, whose=link.whose)


def _read(chosen: str) -> datetime:
    """Raises PlaceTaken for what no form offered."""
    try:
        starts = datetime.strptime(chosen, "%Y-%m-%dT%H:%M")  # noqa: DTZ007  the site's wall time
    except ValueError:
        raise PlaceTaken from None
    return starts


def _refuse(visit: Visit, starts: datetime, now: datetime) -> None:
    """Asked inside the move's transaction, of the visit as it is then."""
    site = find(Site, visit.site_id, answer_rows.patient_actor(visit.organisation_id))
    if site.self_service != MOVE or visit.patient.suspended_at is not None:
        raise IllegalChange
    new = instant(site.zone, starts.date(), starts.time())
    same_week = starts.date() in _week(visit.starts_on)
    if not _has_notice(visit, now) or new - now < NOTICE or not same_week:
        raise IllegalChange(TOO_LATE)


def _has_notice(visit: Visit, now: datetime) -> bool:
    if visit.state not in PLANNED_STATES or visit.starts_at <= now:
        return False
    return visit.arrives_at - now >= NOTICE or displaced.must_move(visit, now=now)


def _week(on: date) -> list[date]:
    """Monday to Sunday of that date's week."""
    monday = on - timedelta(days=on.weekday())
    return daybooks.dates(monday, monday + timedelta(days=6))


def _choices(visit: Visit, site: Site, now: datetime) -> Iterator[Choice]:
    """By day, of each day those nearest to the time that the patient has now."""
    limits = firm_limits(visit.patient, now, without=(visit.id,))
    first_on = local(site.zone, now + NOTICE).date()
    dates = [on for on in _week(visit.starts_on) if on >= first_on and _keeps_rules(visit, on)]
    usual = local(site.zone, visit.starts_at).time()
    for on, day in daybooks.load(site, dates, without=(visit.id,)).items():
        free = _free(visit, day, limits, now)
        near = sorted(free, key=lambda one: (_apart(one.starts, usual), one.starts))
        yield from sorted(near[:MOST_PER_DAY], key=lambda one: (on, one.starts))


def _keeps_rules(visit: Visit, on: date) -> bool:
    """No rule of the series, hard or soft, breaks that did not before."""
    if visit.series is None or on == visit.starts_on:
        return True
    known = set(series_rules.broken(visit.series))
    return set(series_rules.broken(visit.series, {visit.id: on})) <= known


def _free(visit: Visit, day: Day, limits: PatientLimits, now: datetime) -> Iterator[Choice]:
    """Starts that the one feasibility rule lets book, each once whatever the chair."""
    shape = VisitShape.from_plain(visit.shape)
    for starts_at in sorted({one.starts_at for one in day.free(shape)}):
        if starts_at - now < NOTICE or starts_at == visit.starts_at:
            continue
        try:
            moving.place_for(Wanted(shape, visit.chair_id, None, starts_at), day, limits)
        except PlaceTaken:
            continue
        wall, times = local(day.zone, starts_at), shape.times(starts_at)
        yield Choice(
            on=day.on,
            starts=wall.time(),
            arrives_at=times.arrives_at,
            leaves_at=times.leaves_at,
        )


def _apart(one: time, other: time) -> int:
    return abs((one.hour - other.hour) * 60 + one.minute - other.minute)

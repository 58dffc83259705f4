"""The smallest change of a series that makes room for a moved visit: shown first, done in one act.
Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from scheduler.errors import Invalid
from scheduler.models import Series, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.opening import instant, local
from scheduler.planning.plan import Stopped
from scheduler.planning.replan import (
    MovedVisit,
    MustStand,
    Replanned,
    RunningSeries,
    StandingVisit,
    replan,
)
from scheduler.planning.request import PatientLimits, TimeWindow
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.visit import VisitShape
from scheduler.services import capacity, daybooks, series_rules, visit_length
from scheduler.services.moving import MoveRequest
from scheduler.services.series_request import firm_limits

AFTER_LAST = timedelta(days=35)
"""How far behind the last visit of a series a re-plan looks."""
WALL = "%Y-%m-%dT%H:%M"
CHANGED_PAGE = "This page no longer fits what is booked. Look at it again."


@dataclass(frozen=True, kw_only=True)
class LeastMoves:
    """Which other visits would move with it. `key` brings exactly this plan back when it is
    accepted; without one, `reason` says why no change is legal."""

    moves: tuple[MovedVisit, ...] = ()
    key: str = ""
    reason: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    """Of chairs, by id."""

    @property
    def words(self) -> tuple[tuple[int, str], ...]:
        """Number of each other visit, and the rule that forces it to move."""
        return tuple((move.after.number, move.forced_by) for move in self.moves)


def least_moves(visit: Visit, request: MoveRequest, *, site: Site, now: datetime) -> LeastMoves:
    """For a visit of a series whose rules the move would break."""
    if visit.series is None:
        return LeastMoves()
    rows = {row.number: row for row in series_rules.live_visits(visit.series)}
    series = running_series(visit.series, list(rows.values()), site=site, now=now)
    shape = visit_length.shape_with(visit, request.minutes)
    lengthened = tuple(
        replace(one, shape=shape) if one.number == visit.number else one for one in series.visits
    )
    own = [row.id for row in rows.values() if row.state in PLANNED_STATES]
    days = daybooks.load(site, _dates(series, request.starts_on, site, now), without=own)
    starts_at = instant(site.zone, request.starts_on, request.starts)
    wanted = MustStand(number=visit.number, starts_at=starts_at, chair_id=request.chair_id)
    answer = replan(days, replace(series, visits=lengthened), wanted)
    if isinstance(answer, Stopped):
        return LeastMoves(reason=answer.sentence)
    others = tuple(move for move in answer.moves if move.after.number != visit.number)
    names = {chair.id: chair.name for chair in capacity.chairs(site)}
    return LeastMoves(moves=others, key=_key(answer, visit.number, rows, site), names=names)


def running_series(
    series: Series, visits: list[Visit], *, site: Site, now: datetime
) -> RunningSeries:
    """The series for the planner, with what the patient asked for when it was booked."""
    wishes: dict[str, Any] = dict(series.wishes)
    ids = tuple(visit.id for visit in visits)
    firm = firm_limits(series.patient, now, without=ids)
    return RunningSeries(
        visits=tuple(_standing(visit, now) for visit in visits),
        spacing=series_rules.spacing_of(series),
        patient=_wished(firm, wishes),
        chair_kind=wishes.get("chair_kind"),
        latest_on=local(site.zone, now).date() + timedelta(days=site.horizon_days),
    )


def read(key: str, request: MoveRequest) -> list[MoveRequest]:
    """The moves of a key, with the reason of the move that they follow. Raises Invalid."""
    found = []
    for part in key.split(";") if key else ():
        try:
            visit_id, version, wall, chair_id = part.split(".")
            at = datetime.strptime(wall, WALL)  # noqa: DTZ007  wall time, by name
            move = replace(
                request,
                visit_id=int(visit_id),
                starts_on=at.date(),
                starts=at.time(),
                chair_id=int(chair_id),
                minutes={},
                version=int(version),
                override=False,
            )
        except ValueError:
            raise Invalid(CHANGED_PAGE, field="starts_on") from None
        found.append(move)
    return found


def _key(answer: Replanned, number: int, rows: dict[int, Visit], site: Site) -> str:
    return ";".join(
        f"{rows[after.number].id}.{rows[after.number].version}"
        f".{local(site.zone, after.starts_at):{WALL}}.{after.chair_id}"
        for after in (move.after for move in answer.moves)
        if after.number != number
    )


def _standing(visit: Visit, now: datetime) -> StandingVisit:
    ahead = visit.state in PLANNED_STATES and visit.starts_at > now
    return StandingVisit(
        number=visit.number,
        on=visit.starts_on,
        starts_at=visit.starts_at,
        chair_id=visit.chair_id,
        shape=VisitShape.from_plain(visit.shape),
        confirmed=visit.state == "confirmed",
        fixed=not ahead,
        bay_id=visit.bay_id,
    )


def _wished(firm: PatientLimits, wishes: dict[str, Any]) -> PatientLimits:
    """Days, hours and absences that were firm when the series was booked still are."""
    window = {name: time.fromisoformat(at) for name, at in wishes.get("window", {}).items()}
    away = frozenset(date.fromisoformat(on) for on in wishes.get("away", ()))
    return replace(
        firm,
        weekdays=frozenset(wishes.get("weekdays", ())) or ANY_DAY,
        window=TimeWindow(**window),
        blackouts=firm.blackouts | away,
    )


def _dates(series: RunningSeries, target: date, site: Site, now: datetime) -> list[date]:
    """From today on, as far as the series reaches and some weeks more."""
    today = local(site.zone, now).date()
    last = max(target, *(visit.on for visit in series.visits)) + AFTER_LAST
    return daybooks.dates(today, min(last, max(series.latest_on or last, target)))

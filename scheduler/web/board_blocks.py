"""The board's blocks as plain data for the browser; every time is the site's wall time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from scheduler.planning.interval import Interval
from scheduler.planning.opening import local
from scheduler.services.board import Board
from scheduler.services.board_visits import BoardVisit
from scheduler.services.chair_shut import CLOSED
from scheduler.web.filters import clock, held, short_clock, span
from scheduler.web.words import look

MINUTE = timedelta(minutes=1)
WALL = "%Y-%m-%dT%H:%M"


def board_data(board: Board, *, week: bool, now: datetime) -> dict[str, Any]:
    """All that the calendar needs to draw."""
    zone, first, last = board.site.zone, *board.hours
    shown = [one for one in board.days if one.is_open or one.visits or one.closed_why]
    shown = shown or list(board.days)
    return {
        "week": week,
        "date": board.days[0].on.isoformat(),
        "hours": [f"{first:02}:00", f"{last:02}:00"],
        "step": f"00:{min(board.site.start_step_minutes, 59):02}",
        "offset": offset(zone, now),
        "hidden": sorted({(one.on.weekday() + 1) % 7 for one in board.days if one not in shown}),
        "chairs": [{"id": chair.id, "title": chair.name} for chair in board.chairs],
        "visits": [one for day in shown for visit in day.on_board for one in blocks(visit, zone)],
        "shut": list(_shut_days(board) if week else _shut(board, zone)),
    }


def blocks(visit: BoardVisit, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """One visit: its block on the chair and, if it goes on in a bay, a second one there."""
    chair = block(visit, zone)
    bay = visit.bay_span
    if bay is None:
        yield chair
        return
    until = (bay.starts_at - visit.starts_at) // MINUTE
    before, after = _split(chair["parts"], until)
    turnaround = [part for part in after if part[0] == "turnaround"]
    yield {**chair, "parts": before + turnaround, "note": chair["note"] or f"then {visit.bay_name}"}
    begins, ends = on_grid(bay, zone)
    moved_on = short_clock(bay.starts_at, zone)
    yield {
        **chair,
        "in_bay": True,
        "chair": visit.bay_id,
        "begins": begins,
        "ends": ends,
        "clock": moved_on,
        "at": f"{moved_on} · from {visit.chair_name}",
        "note": "" if visit.stands else "Bay free",
        "parts": after,
        "movable": False,
    }


def _split(parts: list[list[Any]], minutes: int) -> tuple[list[list[Any]], list[list[Any]]]:
    """The parts before and after so many minutes; a part lies on one side."""
    before: list[list[Any]] = []
    while minutes > sum(length for _, length in before):
        before.append(parts[len(before)])
    return before, parts[len(before) :]


def block(visit: BoardVisit, zone: ZoneInfo) -> dict[str, Any]:
    """The visit on its chair. `begins` and `ends` are where it stands on the wall clock's grid."""
    shown = look(visit.state)
    begins, ends = on_grid(visit.chair_span, zone)
    number = f"{visit.number}/{visit.count}" if visit.count else ""
    return {
        "id": visit.id,
        "in_bay": False,
        "chair": visit.chair_id,
        "begins": begins,
        "ends": ends,
        "name": visit.patient_name,
        "clock": short_clock(visit.starts_at, zone),
        "at": " · ".join(filter(None, [short_clock(visit.starts_at, zone), number])),
        "said": _said(visit, zone),
        "state": shown.word,
        "icon": shown.shape,
        "look": shown.block,
        "note": (held(visit, zone) or "") if visit.stands else "Chair free",
        "parts": [[part.name, part.minutes] for part in visit.shape.parts if part.chair],
        "movable": visit.movable,
        "version": visit.version,
        "move": url_for("visits.move", visit_id=visit.id),
        "preview": url_for("visits.move_preview", visit_id=visit.id),
    }


def on_grid(place: Interval, zone: ZoneInfo) -> tuple[str, str]:
    """Begin and end in wall time. Where the clocks go back inside, the end keeps the true
    length."""
    begins, ends = local(zone, place.starts_at), local(zone, place.ends_at)
    wall_end = ends.replace(tzinfo=None)
    wall_begin = begins.replace(tzinfo=None)
    if wall_end - wall_begin < timedelta(minutes=place.minutes):
        wall_end = wall_begin + timedelta(minutes=place.minutes)
    return wall_begin.strftime(WALL), wall_end.strftime(WALL)


def offset(zone: ZoneInfo, now: datetime) -> str:
    """ "-05:00": so that the line of the present stands right in a browser of any zone."""
    digits = local(zone, now).strftime("%z")
    return f"{digits[:3]}:{digits[3:5]}"


def _said(visit: BoardVisit, zone: ZoneInfo) -> str:
    """What the block says by its place only: for who does not see it."""
    session = f"session {visit.number} of {visit.count}, " if visit.count else ""
    stay = span(visit.arrives_at, visit.leaves_at, zone)
    state, starts = look(visit.state).word.lower(), clock(visit.starts_at, zone)
    return f", {session}{state}, {stay}, {visit.place} from {starts}"


def _shut(board: Board, zone: ZoneInfo) -> Iterable[dict[str, Any]]:
    for day in board.days:
        for number, shut in enumerate(day.shut):
            begins, ends = on_grid(shut.span, zone)
            yield {
                "id": f"shut-{day.on}-{number}",
                "chairs": list(shut.chair_ids),
                "begins": begins,
                "ends": ends,
                "why": shut.why,
            }


def _shut_days(board: Board) -> Iterable[dict[str, Any]]:
    """In a week's cells, a chair that is not open at all that day."""
    for day in board.days:
        shown = sum(step.span.minutes for step in day.steps)
        for chair in board.chairs:
            own = [one for one in day.shut if chair.id in one.chair_ids]
            if sum(one.span.minutes for one in own) == shown:
                yield {
                    "id": f"shut-{day.on}-{chair.id}",
                    "chairs": [chair.id],
                    "begins": f"{day.on}T00:00",
                    "ends": f"{day.on + timedelta(days=1)}T00:00",
                    "why": min((one.why for one in own), key=CLOSED.__eq__),
                }

"""When chairs cannot be used, and why: what the board hatches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Closure, Site
from scheduler.planning.day_facts import ChairFacts
from scheduler.planning.interval import Interval, subtract
from scheduler.planning.opening import day_span

OUT_OF_SERVICE = "Out of service"
CLOSED = "Closed"


@dataclass(frozen=True, kw_only=True)
class Shut:
    """Some chairs are not open for a span, all for one reason."""

    chair_ids: tuple[int, ...]
    span: Interval
    why: str


def closures(site: Site, first_on: date, last_on: date) -> list[Closure]:
    """Those that touch [first_on, last_on], in order of time."""
    begins = day_span(site.zone, first_on).starts_at
    ends = day_span(site.zone, last_on).ends_at
    return list(
        db.session.scalars(
            select(Closure)
            .where(
                Closure.organisation_id == site.organisation_id,
                Closure.site_id == site.id,
                Closure.ends_at > begins,
                Closure.starts_at < ends,
            )
            .order_by(Closure.starts_at, Closure.id)
        )
    )


def shut_spans(
    chairs: Iterable[tuple[ChairFacts, bool]], frame: Interval, closed: Sequence[Closure]
) -> tuple[Shut, ...]:
    """What of the frame is not open; each chair comes with whether it is in service.

    Chairs that are shut together for one reason are told together.
    """
    together: dict[tuple[Interval, str], list[int]] = {}
    for chair, in_service in chairs:
        for span, why in _reasons(chair, in_service, frame, closed):
            together.setdefault((span, why), []).append(chair.chair_id)
    return tuple(
        Shut(chair_ids=tuple(ids), span=span, why=why)
        for (span, why), ids in sorted(together.items())
    )


def site_closed_why(on: Interval, closed: Sequence[Closure]) -> str | None:
    """The reason of the first closure of the whole site that touches the span."""
    for one in closed:
        if one.chair_id is None and one.starts_at < on.ends_at and on.starts_at < one.ends_at:
            return one.reason or CLOSED
    return None


def _reasons(
    chair: ChairFacts, in_service: bool, frame: Interval, closed: Sequence[Closure]
) -> Iterable[tuple[Interval, str]]:
    """The chair's own outage first, then closures in order of time, then plain closing time."""
    left = subtract([frame], chair.open)
    if not in_service:
        yield from ((span, OUT_OF_SERVICE) for span in left)
        return
    for one in closed:
        if one.chair_id not in (None, chair.chair_id):
            continue
        closure = Interval(one.starts_at, one.ends_at)
        yield from ((cut, one.reason or CLOSED) for span in left if (cut := span.cut(closure)))
        left = subtract(left, [closure])
    yield from ((span, CLOSED) for span in left)

"""A series as it stands, what happens to it, and the least change that makes it legal again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from scheduler.planning.request import PatientLimits
from scheduler.planning.spacing import NO_LIMITS, BrokenRule, Spacing
from scheduler.planning.visit import VisitShape, VisitTimes

CONFIRMED_PRICE = 10
UNCONFIRMED_PRICE = 4
"""Of a moved visit, times 1 + the days it moves (planner replan, domain SO12)."""
NOTHING_KNOWN = PatientLimits()


@dataclass(frozen=True, kw_only=True)
class StandingVisit:
    """A visit at its place. A `fixed` one took place or has begun: nothing moves it."""

    number: int
    on: date
    starts_at: datetime
    chair_id: int
    shape: VisitShape
    confirmed: bool = False
    fixed: bool = False
    bay_id: int | None = None

    @property
    def price(self) -> int:
        """Of moving it within its day."""
        return CONFIRMED_PRICE if self.confirmed else UNCONFIRMED_PRICE

    @property
    def times(self) -> VisitTimes:
        return self.shape.times(self.starts_at)


@dataclass(frozen=True, kw_only=True)
class RunningSeries:
    """The visits of a series that count, in the order of their times.

    `patient` says what the patient cannot do apart from this series: its own visits are neither
    in `busy` nor in `sedating_on`. It binds visits that move, not those that stay. No visit is
    moved beyond `latest_on`.
    """

    visits: tuple[StandingVisit, ...]
    spacing: Spacing = NO_LIMITS
    patient: PatientLimits = NOTHING_KNOWN
    chair_kind: str | None = None
    latest_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class MustStand:
    """Visit `number` goes to this start; without a chair to any that is free, its own first.

    It was asked for by name, so the patient's usual days and hours do not bind this one.
    """

    number: int
    starts_at: datetime
    chair_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Lost:
    """These visits have lost their places and need others, on `from_on` or later. The number of
    visits is not reduced (domain F)."""

    numbers: frozenset[int]
    from_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Away:
    """The patient cannot come on `from_on` and later, until `until_on` included (domain F)."""

    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Added:
    """One more visit for each shape, after the last one, as near to the target gap as can be."""

    shapes: tuple[VisitShape, ...]


Change = MustStand | Lost | Away | Added


@dataclass(frozen=True, kw_only=True)
class MovedVisit:
    """`before` is None for an added visit. `minutes` is how far the time of day moves.

    `forced_by` says what would break if the visit had stayed while all others stand as planned;
    it is empty for a visit that was itself asked to move.
    """

    before: StandingVisit | None
    after: StandingVisit
    days: int = 0
    minutes: int = 0
    forced_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Replanned:
    """Every visit of the series in order, and those of them that moved or are new.

    `cost` is the sum over moved visits of price * (1 + days moved), `minutes` the tie-break.
    `flags` are soft limits that the series passes now. Not `proven`: the search had to stop early
    and a smaller change may exist.
    """

    visits: tuple[StandingVisit, ...]
    moves: tuple[MovedVisit, ...]
    cost: int
    minutes: int
    flags: tuple[BrokenRule, ...]
    proven: bool = True

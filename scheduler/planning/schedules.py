"""The six cadences of a phase, as a manager writes them (domain E).

Every gap is a difference of clinic-local calendar dates (domain H5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Unit = Literal["day", "week", "month"]
UNITS: tuple[Unit, ...] = ("day", "week", "month")
UNIT_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
ANY_DAY = frozenset(range(7))


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Days between two consecutive visits: never under hard_min, aimed at target, flagged over
    soft_max, never planned over hard_max (None: no limit). The recall list starts after
    recall_after days (None: no recall)."""

    hard_min: int
    target: int
    soft_max: int
    hard_max: int | None = None
    recall_after: int | None = None

    def later(self, days: int) -> Gap:
        """The same gap, every figure `days` larger."""
        return Gap(
            hard_min=self.hard_min + days,
            target=self.target + days,
            soft_max=self.soft_max + days,
            hard_max=None if self.hard_max is None else self.hard_max + days,
            recall_after=None if self.recall_after is None else self.recall_after + days,
        )


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many visits: a fixed number, a range with a default, or open (`default` None: no planned
    end)."""

    minimum: int = 1
    default: int | None = None
    maximum: int | None = None

    @classmethod
    def fixed(cls, number: int) -> Count:
        return cls(minimum=number, default=number, maximum=number)

    @property
    def is_open(self) -> bool:
        return self.default is None

    @property
    def is_fixed(self) -> bool:
        return self.default is not None and self.minimum == self.default == self.maximum


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A number that is chosen per patient out of `options`; one option means that nothing is left
    to choose."""

    options: tuple[int, ...]
    default: int


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """Days that a visit may come before or after its fixed day."""

    before: int = 0
    after: int = 0


EXACT = Tolerance()
OPEN = Count()


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """A run that starts again every `n` units, counted from the start of the run before; `times`
    runs in all."""

    n: int
    unit: Unit
    tol: Tolerance = EXACT
    times: Count = OPEN


@dataclass(frozen=True, kw_only=True)
class Quota:
    """So many visits a week, on one of the weekday sets, best set first ("3 a week for 2
    weeks")."""

    kind: ClassVar[str] = "quota"
    per_week: int
    count: Count
    gap: Gap
    weekday_sets: tuple[frozenset[int], ...] = (
        ANY_DAY,
    )  # 0 is Monday; ANY_DAY only as the last one
    max_per_7d: int | None = None  # None: per_week


@dataclass(frozen=True, kw_only=True)
class Offsets:
    """Visits on fixed days after a named day ("0, 14 and 42 days after the first").

    `ref` is series_start, phase_start, phase_prev_last or "phase#3", the third visit of that phase.
    """

    kind: ClassVar[str] = "offsets"
    days: tuple[int, ...]
    optional_days: tuple[int, ...] = ()
    ref: str = "series_start"
    tol: Tolerance = EXACT


@dataclass(frozen=True, kw_only=True)
class Every:
    """One visit every `n` units; `first_ref` "phase#1" counts the first of them from a named visit.

    Exactly one of `gap` (absolute days) and `gap_rel` (days added to n units) is given.
    """

    kind: ClassVar[str] = "every"
    n: Choice
    unit: Unit
    count: Count
    gap: Gap | None = None
    gap_rel: Gap | None = None
    first_ref: str | None = None


@dataclass(frozen=True, kw_only=True)
class DailyRun:
    """Visits on consecutive days; inside a run no date gap is larger than `max_break_days` (Fri to
    Mon is 3)."""

    kind: ClassVar[str] = "daily_run"
    count: Count
    run_on: str = "clinic_days"  # clinic_days | calendar_days
    max_break_days: int = 3
    gap: Gap | None = None
    cycle: Cycle | None = None


@dataclass(frozen=True, kw_only=True)
class Spread:
    """`count` visits within `within_days` days, both ends counted (5 in 14 days: last minus first
    is at most 13)."""

    kind: ClassVar[str] = "spread"
    count: Count
    within_days: int
    gap: Gap
    max_per_7d: int | None = None


@dataclass(frozen=True, kw_only=True)
class OnDemand:
    """One visit at a time, when it is needed; the gap says when it is due and when to recall."""

    kind: ClassVar[str] = "on_demand"
    gap: Gap


Schedule = Quota | Offsets | Every | DailyRun | Spread | OnDemand
KINDS = ("quota", "offsets", "every", "daily_run", "spread", "on_demand")

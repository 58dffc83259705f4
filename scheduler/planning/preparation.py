"""What a patient does before and after a visit: minutes -> clock times (domain G)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.planning import opening
from scheduler.planning.visit import VisitShape

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class PrepSet:
    """Preparation of a visit; limits count elapsed minutes from the chair start, 0 means none.

    `medicines` only says that there is a list: its text comes from the order, never from here.
    """

    fasting_solids_minutes: int = 0
    limit_fluids_minutes: int = 0
    driver: str = "none"  # none | recommended | required
    no_driving_until: str | None = None  # None | "next_day_after_sleep"
    alcohol_before_minutes: int = 0
    alcohol_after_minutes: int = 0
    clothing: str | None = None  # None | "comfortable_arm_access"
    medicines: str | None = None  # None | "provider_reviewed_list"
    arrive_early_minutes: int = 0
    nasal_products_gap_minutes: int = 0
    hydrate: bool = False
    infection_check: bool = False

    def to_plain(self) -> dict[str, Any]:
        """For a JSON column; `from_plain` gives the same set back."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> PrepSet:
        """Raises TypeError for a key that is not a rule."""
        return cls(**plain)


@dataclass(frozen=True, kw_only=True)
class PrepTimes:
    """One visit's preparation by the clock: aware UTC, None where there is no such rule.

    Food, drinks, nose sprays and alcohol are counted back from `starts_at`, driving and alcohol
    after the visit forward from `leaves_at` (domain C rule 0), all in elapsed time.
    """

    prep: PrepSet
    zone: ZoneInfo
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    food_stop_at: datetime | None
    drinks_stop_at: datetime | None
    nose_stop_at: datetime | None
    alcohol_stop_at: datetime | None
    no_alcohol_until: datetime | None
    no_driving_until: datetime | None

    @property
    def on(self) -> date:
        """The site's date of the visit."""
        return opening.local(self.zone, self.starts_at).date()

    @property
    def first_stop_at(self) -> datetime | None:
        """What reminders aim at: the food stop, or the drinks stop where food is not limited."""
        return self.food_stop_at or self.drinks_stop_at

    def local(self, at: datetime) -> datetime:
        """The same instant on the site's wall clock."""
        return opening.local(self.zone, at)


def clock_times(prep: PrepSet, shape: VisitShape, starts_at: datetime, zone: ZoneInfo) -> PrepTimes:
    """The clock times of one visit. Raises ValueError for a naive `starts_at`."""
    if starts_at.tzinfo is None:
        raise ValueError("a visit starts at an instant with a time zone")
    times = shape.times(starts_at)
    return PrepTimes(
        prep=prep,
        zone=zone,
        arrives_at=times.arrives_at,
        starts_at=starts_at,
        leaves_at=times.leaves_at,
        food_stop_at=_back(starts_at, prep.fasting_solids_minutes),
        drinks_stop_at=_back(starts_at, prep.limit_fluids_minutes),
        nose_stop_at=_back(starts_at, prep.nasal_products_gap_minutes),
        alcohol_stop_at=_back(starts_at, prep.alcohol_before_minutes),
        no_alcohol_until=_back(times.leaves_at, -prep.alcohol_after_minutes),
        no_driving_until=_driving(prep, times.leaves_at, zone),
    )


def _back(at: datetime, minutes: int) -> datetime | None:
    return at - timedelta(minutes=minutes) if minutes else None


def _driving(prep: PrepSet, leaves_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The later of 24 hours and the next day (regimens.yaml, no_driving_until)."""
    if prep.no_driving_until is None:
        return None
    tomorrow = opening.local(zone, leaves_at).date() + DAY
    return max(leaves_at + DAY, opening.instant(zone, tomorrow, time()))

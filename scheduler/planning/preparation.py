"""What a patient does before and after a visit: minutes -> clock times and words (domain G)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.planning import opening
from scheduler.planning.visit import VisitShape
from scheduler.planning.words.clock import clock, moment, moment_seen_from

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

    def sentences(self) -> list[str]:
        """Everything to do, in plain words, the fast first and the arrival last (calendar R3)."""
        return [*fast(self), *ride(self), *dress_and_health(self), *alcohol(self), arrival(self)]


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


def fast(times: PrepTimes) -> list[str]:
    """Food, drinks, nose sprays."""
    return _by_the_clock(
        times,
        ("No food from {}.", times.food_stop_at),
        ("Stop drinks at {}.", times.drinks_stop_at),
        ("No nose sprays from {}.", times.nose_stop_at),
    )


def ride(times: PrepTimes) -> list[str]:
    """Who drives, and until when the patient does not."""
    return [*escort(times), *driving(times)]


def escort(times: PrepTimes) -> list[str]:
    texts = {
        "required": ["Someone must take you home."],
        "recommended": ["Please let someone take you home."],
    }
    return texts.get(times.prep.driver, [])


def driving(times: PrepTimes) -> list[str]:
    if times.no_driving_until is None:
        return []
    until = moment(times.no_driving_until, times.zone)
    return [f"Do not drive before {until}, and only after a night's sleep."]


def clothing(times: PrepTimes) -> list[str]:
    return ["Wear loose sleeves."] if times.prep.clothing else []


def dress_and_health(times: PrepTimes) -> list[str]:
    """Clothing, water, health, tablets."""
    prep = times.prep
    rules = (
        (prep.hydrate, "Drink plenty of water before you come."),
        (prep.infection_check, "If you feel ill or have a fever, call us before you come."),
        (prep.medicines, "For tablets, follow the list you were given; call us with questions."),
    )
    return [*clothing(times), *(text for rule, text in rules if rule)]


def alcohol(times: PrepTimes) -> list[str]:
    """Before and after the visit."""
    return _by_the_clock(
        times,
        ("No alcohol from {}.", times.alcohol_stop_at),
        ("After the visit, no alcohol until {}.", times.no_alcohol_until),
    )


def arrival(times: PrepTimes) -> str:
    return f"Arrive at {clock(times.arrives_at, times.zone)}."


def _by_the_clock(times: PrepTimes, *rules: tuple[str, datetime | None]) -> list[str]:
    """The rules that hold, as sentences; the day is named where it is not the visit's."""
    found = [(text, at) for text, at in rules if at is not None]
    return [text.format(moment_seen_from(times.on, at, times.zone)) for text, at in found]

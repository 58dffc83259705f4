"""What is asked of the planner: visits, their spacing, what the patient can and would like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from scheduler.planning.interval import Interval
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.spacing import NO_LIMITS, BrokenRule, Spacing, judge, off_target
from scheduler.planning.visit import VisitShape


@dataclass(frozen=True, kw_only=True)
class TimeWindow:
    """Hours of the day, site wall time, all hard; None is no limit, 00:00 as an end is midnight.

    "Mornings" is `starts_until` 12:00: the chair start lies in [starts_from, starts_until). A
    driver's hours are `arrives_from` and `leaves_by`: the patient is in the clinic within them.
    """

    starts_from: time | None = None
    starts_until: time | None = None
    arrives_from: time | None = None
    leaves_by: time | None = None

    @property
    def is_open(self) -> bool:
        ends = (self.starts_from, self.starts_until, self.arrives_from, self.leaves_by)
        return ends == (None, None, None, None)


@dataclass(frozen=True, kw_only=True)
class Clearance:
    """A dated decision of a provider: visits on `until` and before are covered by it (H11)."""

    what: str
    until: date


@dataclass(frozen=True, kw_only=True)
class PatientLimits:
    """What the patient cannot do; all of it is hard (domain H2, H11, H17).

    `busy` are other visits of the patient, arrival to leaving, anywhere; `sedating_on` the dates
    that already have a sedating one. No visit starts before `not_before`.
    """

    weekdays: frozenset[int] = ANY_DAY
    window: TimeWindow = TimeWindow()
    blackouts: frozenset[date] = frozenset()
    busy: tuple[Interval, ...] = ()
    sedating_on: frozenset[date] = frozenset()
    not_before: datetime | None = None
    clearances: tuple[Clearance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the patient would like: priced, never required.

    `same_time` and `same_chair` ask for one time of day and one chair, whichever comes cheapest;
    they mean nothing beside `start` and `chair_id`.
    """

    start: time | None = None
    chair_id: int | None = None
    same_time: bool = False
    same_chair: bool = False


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Prices of the cost formula, whole numbers of 0 or more (planner).

    `early` per day from the earliest day to the first visit; `day` per day from the earliest day,
    for each visit; `gap` per day off the target gap; `time` per full 10 minutes off the wished
    start; `chair` for another chair than the wished one; `frag` per sliver; `set` per place in
    the list of weekday sets. Off unless a site sets a price: `stagger` per other visit that starts
    in the same clock quarter (SO7), `prime` for a long visit in the hours of most demand (SO10),
    `slack` for a visit that ends within 30 minutes of closing (SO11), `tight` per started 20
    minutes of a hole beside a visit that no visits can fill.
    """

    early: int = 20
    day: int = 20
    gap: int = 2
    time: int = 1
    chair: int = 6
    frag: int = 12
    set: int = 8
    stagger: int = 0
    prime: int = 0
    slack: int = 0
    tight: int = 0

    def __post_init__(self) -> None:
        if min(vars(self).values()) < 0:
            raise ValueError("a price is 0 or more")


FILL_EARLY = Weights()
PATIENT_COMFORT = Weights(early=8, day=8, gap=6, time=4, chair=12, frag=0, set=16, tight=16)


@dataclass(frozen=True, kw_only=True)
class SeriesRequest:
    """Visits of one phase, planned at once; a single visit is a request with one shape.

    `shapes` stand in visit order. `weekday_sets` stand best first; all visits keep to one of them;
    an empty set, or one with all seven days, allows any day. `after` and `before` are the dates of
    visits of the same series that stay, in order: the new visits lie between them and gaps,
    visits in 7 days and span count them too. `first_number` names the first new visit; where the
    numbers of a series are not consecutive, `numbered` names `after`, new and `before` visits all.
    """

    shapes: tuple[VisitShape, ...]
    earliest_on: date
    spacing: Spacing = NO_LIMITS
    weekday_sets: tuple[frozenset[int], ...] = (ANY_DAY,)
    latest_on: date | None = None
    after: tuple[date, ...] = ()
    before: tuple[date, ...] = ()
    first_number: int | None = None
    numbered: tuple[int, ...] = ()
    patient: PatientLimits = PatientLimits()
    wishes: Wishes = Wishes()
    chair_kind: str | None = None
    weights: Weights = FILL_EARLY

    @property
    def numbers(self) -> tuple[int, ...]:
        """Visit numbers of the new visits."""
        return self.all_numbers[len(self.after) :][: len(self.shapes)]

    @property
    def all_numbers(self) -> tuple[int, ...]:
        """Visit numbers of all visits: those that stay before, the new ones, those that follow."""
        if self.numbered:
            return self.numbered
        first = self.first_number or len(self.after) + 1
        return tuple(range(first - len(self.after), first + len(self.shapes) + len(self.before)))

    def course(self, dates: Sequence[date]) -> tuple[tuple[int, date], ...]:
        """All visits by number, with these dates for the new ones."""
        every = (*self.after, *dates, *self.before)
        return tuple(zip(self.all_numbers, every, strict=True))

    def broken(self, dates: Sequence[date]) -> tuple[BrokenRule, ...]:
        """What these dates of the new visits break; what the fixed ones break alone stays out."""
        new = set(self.numbers)
        found = judge([*self.after, *dates, *self.before], self.spacing, self.all_numbers)
        return tuple(one for one in found if set(one.involved) & new)

    def off_target(self, dates: Sequence[date]) -> int:
        """Days off the target gaps, those to the visits that stay included."""
        return off_target(self.course(dates), self.spacing, self.numbers)

    @property
    def sets(self) -> tuple[frozenset[int], ...]:
        """Weekday sets with the empty one written out; no set at all allows any day."""
        return tuple(chosen or ANY_DAY for chosen in self.weekday_sets) or (ANY_DAY,)

"""Why no plan exists: rules are added one after the other until the plans are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduler.planning.daybook import Day
from scheduler.planning.explain import count_words, day_words, list_words, weekday_words
from scheduler.planning.patient import date_refusals, possible_slots
from scheduler.planning.plan import Stopped
from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.searching.course import NEVER, Course, Effort
from scheduler.planning.searching.date_search import DateSearch
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.search import course_of
from scheduler.planning.slots.plane import fold, ones
from scheduler.planning.visit import VisitShape

DAY = timedelta(days=1)
ALL = frozenset({"H1", "H8", "H8-starts"})
NO_COURSE = Course(count=1, horizon=0, least_gap=1, most_gap=1, target=1, most_days=0)
PERIODIC = 30
"""Without a limit on the whole series, what goes so often goes for ever."""
Allowed = Callable[[VisitShape, date], bool]


@dataclass(frozen=True)
class Stage:
    """A rule, which dates it allows (on top of all rules before it), and what it says.

    With `names_days` the sentence ends with the dates that the stage before still allowed.
    """

    rule: str
    allowed: Allowed
    course: Course
    sets: tuple[frozenset[int], ...]
    words: str
    names_days: bool = False

    def sentence(self, where: str) -> str:
        return f"{self.words}: {where}." if self.names_days and where else f"{self.words}."


class Possible:
    """Prices for a question of yes or no: nothing where the stage allows a visit."""

    def __init__(self, request: SeriesRequest, allowed: Allowed, weekdays: frozenset[int]) -> None:
        self.request, self.allowed, self.weekdays = request, allowed, weekdays
        names = {shape: name for name, shape in enumerate(set(request.shapes))}
        self.names = [names[shape] for shape in request.shapes]
        self.known: dict[tuple[int, int], int] = {}

    def usable(self, day: int) -> bool:
        return (self.request.earliest_on.weekday() + day) % 7 in self.weekdays

    def price(self, number: int, day: int) -> int:
        key = (self.names[number], day)
        if key not in self.known:
            on = self.request.earliest_on + DAY * day
            self.known[key] = 0 if self.allowed(self.request.shapes[number], on) else NEVER
        return self.known[key]


class Obstacles:
    """Looks for the first rule that leaves no plan."""

    def __init__(self, book: OfferBook, request: SeriesRequest, effort: Effort) -> None:
        self.book, self.request, self.effort = book, request, effort
        self.count = count_words(len(request.shapes), "visit")

    def first(self) -> Stopped:
        before: Stage | None = None
        for stage in self._stages():
            exists = self._exists(stage)
            if not self.effort.lasts:
                break
            if not exists:
                where = self._lost(before, stage)
                return Stopped(stage.rule, where, stage.sentence(where))
            before = stage
        return Stopped("search", "", "No plan was found in the time that a search may take.")

    def _exists(self, stage: Stage) -> bool:
        for days in stage.sets:
            prices = Possible(self.request, stage.allowed, days)
            if DateSearch(stage.course, prices, self.effort).best():
                return True
        return False

    def _lost(self, before: Stage | None, stage: Stage) -> str:
        """The dates that this rule takes away, the first three by name."""
        if before is None or before.course != stage.course:
            return ""
        days = frozenset.union(*stage.sets)
        dates = [self.request.earliest_on + DAY * n for n in range(stage.course.horizon + 1)]
        lost = [
            on
            for on in dates
            if on.weekday() in days
            and any(before.allowed(shape, on) for shape in set(self.request.shapes))
            and not all(stage.allowed(shape, on) for shape in set(self.request.shapes))
        ]
        named = [day_words(on) for on in lost[:3]]
        more = [f"{count_words(len(lost) - 3, 'more day')}"] if len(lost) > 3 else []
        return list_words(named + more)

    # -- the rules, in the order in which they are added

    def _stages(self) -> Iterator[Stage]:
        yield from self._spacing_stages()
        course = course_of(self.request, max(self.book.days, default=None))
        last = max(self.book.days, default=self.request.earliest_on)
        last = min(last, self.request.latest_on or last)
        if course is None:
            horizon = f"The calendar that was searched ends on {day_words(last)}"
            yield Stage("horizon", _never, NO_COURSE, (ANY_DAY,), horizon)
            return
        yield from self._calendar_stages(_free(course), last)

    def _spacing_stages(self) -> Iterator[Stage]:
        """Rules that need no calendar: could these visits lie anywhere at all?"""
        request = self.request
        course = _endless(request)
        alone = replace(course, after=(), before=())
        gap = request.spacing.gap
        gaps = f"gaps of {gap.hard_min} to {gap.hard_max} days" if gap.hard_max else "these gaps"
        for rule, spaced, sets, words in (
            ("H16", alone, (ANY_DAY,), f"with {gaps} and the limits on 7 days and in all"),
            ("H16", alone, request.sets, f"on {self._set_words()}"),
            ("weekday", alone, self._patient_sets(), f"on {self._patient_words()}"),
            ("H5", course, self._patient_sets(), "beside the visits that stay"),
        ):
            yield Stage(rule, _always, spaced, sets, f"{self.count} cannot be placed {words}")

    def _calendar_stages(self, course: Course, last: date) -> Iterator[Stage]:
        sets = self._patient_sets()
        until = f"{self.count} with this spacing do not fit by {day_words(last)}"

        def stage(rule: str, allowed: Allowed, words: str) -> Stage:
            return Stage(rule, allowed, course, sets, words, names_days=True)

        yield Stage("horizon", self._in_calendar, course, sets, until)
        yield stage("H17", self._patient_can, "The patient cannot come on days that are needed")
        yield stage("H3", self._open, "No chair is open long enough")
        yield stage("window", self._within_hours, "The patient's hours do not fit")
        yield stage("H1", self._with(ALL - {"H1"}), "The chairs are full")
        yield stage("H8", self._with(ALL - {"H1", "H8"}), "Not enough nurse time")
        yield stage("H8-starts", self._with(frozenset()), "Nurses can start no more visits")

    def _in_calendar(self, _: VisitShape, on: date) -> bool:
        return on in self.book.days

    def _patient_can(self, shape: VisitShape, on: date) -> bool:
        return on in self.book.days and not any(date_refusals(on, self.request.patient, shape))

    def _open(self, shape: VisitShape, on: date) -> bool:
        return self._patient_can(shape, on) and bool(self._starts(self.book.days[on], shape, ALL))

    def _within_hours(self, shape: VisitShape, on: date) -> bool:
        return self._with(ALL)(shape, on)

    def _with(self, without: frozenset[str]) -> Allowed:
        def allowed(shape: VisitShape, on: date) -> bool:
            if not self._patient_can(shape, on):
                return False
            day = self.book.days[on]
            possible = possible_slots(day, self.request.patient, shape)
            return bool(self._starts(day, shape, without) & possible)

        return allowed

    def _starts(self, day: Day, shape: VisitShape, without: frozenset[str]) -> int:
        """Starts of any chair of the kind, folded to one chair."""
        self.effort.spend(20)
        plane = day.starts(day.footprint(shape), without)
        if self.request.chair_kind is not None:
            plane &= day.chairs_of(self.request.chair_kind) * ones(0, day.grid.slots)
        return fold(plane, len(day.places), day.width) if plane else 0

    def _patient_sets(self) -> tuple[frozenset[int], ...]:
        weekdays = self.request.patient.weekdays or ANY_DAY
        return tuple(days & weekdays for days in self.request.sets)

    def _set_words(self) -> str:
        return " or ".join(weekday_words(days) for days in self.request.sets)

    def _patient_words(self) -> str:
        return f"the patient's days ({weekday_words(self.request.patient.weekdays or ANY_DAY)})"


def _always(_: VisitShape, __: date) -> bool:
    return True


def _never(_: VisitShape, __: date) -> bool:
    return False


def _free(course: Course) -> Course:
    """Without prices: only whether dates exist."""
    return replace(course, early_price=0, day_price=0, gap_price=0)


def _endless(request: SeriesRequest) -> Course:
    """The request with as many days as its gaps could ever need."""
    gap = request.spacing.gap
    widest = max(gap.hard_max or 0, gap.hard_min, gap.target, 7)
    if request.spacing.max_days is None:
        request = replace(request, shapes=request.shapes[:PERIODIC])
    days = (len(request.shapes) + 1) * widest + 7
    days += (max(request.before) - request.earliest_on).days if request.before else 0
    last_on = request.earliest_on + DAY * max(days, 0)
    course = course_of(replace(request, latest_on=None), last_on)
    return _free(course) if course else NO_COURSE

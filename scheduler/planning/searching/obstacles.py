"""Why no plan exists: rules are added one after the other until the plans are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduler.planning.explain import count_words, day_words, list_words, weekday_words
from scheduler.planning.plan import Stopped
from scheduler.planning.request import SeriesRequest, TimeWindow
from scheduler.planning.schedules import ANY_DAY, Gap
from scheduler.planning.searching.course import NEVER, Course, Effort
from scheduler.planning.searching.course_of import course_of
from scheduler.planning.searching.date_search import DateSearch
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.rule_stages import Allowed, Rule, rules_of
from scheduler.planning.searching.where import where_words
from scheduler.planning.visit import VisitShape

DAY = timedelta(days=1)
NO_COURSE = Course(count=1, horizon=0, steps=(), most_days=0)
PERIODIC = 30
"""Without a limit on the whole series, what goes so often goes for ever."""
UNKNOWN = Stopped("search", "", "No plan was found in the time that a search may take.")
Question = Callable[[VisitShape, date], bool]


@dataclass(frozen=True)
class Spaced:
    """A rule about distances alone: a course, weekday sets, and what it says if nothing fits.

    First days beyond `firsts` need no look: weekdays come again every 7 days.
    """

    rule: str
    course: Course
    sets: tuple[frozenset[int], ...]
    firsts: int
    words: str


class Possible:
    """Prices for a question of yes or no: nothing where a visit is allowed, the first one before
    `begins` only."""

    def __init__(
        self, request: SeriesRequest, allowed: Question, weekdays: frozenset[int], begins: date
    ) -> None:
        self.request, self.allowed, self.weekdays = request, allowed, weekdays
        self.begins = begins

    def usable(self, day: int) -> bool:
        return (self.request.earliest_on.weekday() + day) % 7 in self.weekdays

    def price(self, number: int, day: int) -> int:
        on = self.request.earliest_on + DAY * day
        if number == 0 and on >= self.begins:
            return NEVER
        return 0 if self.allowed(self.request.shapes[number], on) else NEVER


class Obstacles:
    """Looks for the first rule that leaves no plan, and for where it binds."""

    def __init__(self, book: OfferBook, request: SeriesRequest, effort: Effort) -> None:
        same = {shape: shape for shape in request.shapes}  # one object for each shape
        self.request = replace(request, shapes=tuple(same[shape] for shape in request.shapes))
        self.days, self.effort = book.days, effort
        self.count = count_words(len(request.shapes), "visit")
        self.rules = rules_of(request)
        self.begins = date.max

    def first(self) -> Stopped:
        asked: set[tuple[Course, tuple[frozenset[int], ...]]] = set()
        for stage in self._spaced():
            if (stage.course, stage.sets) in asked:
                continue
            asked.add((stage.course, stage.sets))
            if not self._exists(stage.course, stage.sets, _always, stage.firsts):
                return self._said(Stopped(stage.rule, "", f"{stage.words}."))
        last = max(self.days, default=self.request.earliest_on)
        last = min(last, self.request.latest_on or last)
        course = course_of(self.request, max(self.days, default=None))
        if course is None:
            sentence = f"The calendar that was searched ends on {day_words(last)}."
            return Stopped("horizon", "", sentence)
        course = course.free()
        if not self._exists(course, self._patient_sets(), lambda _, on: on in self.days):
            sentence = f"{self.count} with this spacing do not fit by {day_words(last)}."
            return self._said(Stopped("horizon", "", sentence))
        return self._by_calendar(course)

    def before(self, begins: date) -> Stopped | None:
        """Why no plan has its first visit before that day; None if one has, or nobody can say."""
        self.begins = begins
        course = course_of(self.request, max(self.days, default=None))
        stopped = self._by_calendar(course.free()) if course else UNKNOWN
        return None if stopped is UNKNOWN else stopped

    def _by_calendar(self, course: Course) -> Stopped:
        """Plans only get fewer with each rule: the first that leaves none is found by halving."""
        first, last = 0, len(self.rules)
        while first < last and self.effort.lasts:
            middle = (first + last) // 2
            if self._with_rules(course, self.rules[: middle + 1]):
                first = middle + 1
            else:
                last = middle
        if first == len(self.rules) or not self.effort.lasts:
            return UNKNOWN
        stopping, before = self.rules[first], self.rules[:first]
        where = self._where(course, stopping, before)
        sentence = f"{stopping.words} on {where}." if where else f"{stopping.words}."
        also = self._next(course, stopping)
        return Stopped(stopping.rule, where, f"{sentence} {also}".rstrip())

    def _next(self, course: Course, stopping: Rule) -> str:
        """The rule that would stop the plans without this one, if one would."""
        others = tuple(rule for rule in self.rules if rule != stopping)
        later = self.rules.index(stopping)
        if self._with_rules(course, others) or not self.effort.lasts:
            return ""
        for end in range(later, len(others)):
            if not self._with_rules(course, others[: end + 1]):
                words = others[end].words
                return f"Without that: {words[:1].lower()}{words[1:]}." if self.effort.lasts else ""
        return ""

    def _with_rules(self, course: Course, kept: Sequence[Rule]) -> bool:
        return self._exists(course, self._patient_sets(), self._allowed(kept))

    def _allowed(self, kept: Sequence[Rule]) -> Allowed:
        names = {one.rule for one in kept}
        dropped = frozenset(one.rule for one in self.rules if one.rule not in names)
        return Allowed(self.days, self.request, dropped, self.effort)

    def _exists(
        self,
        course: Course,
        sets: Sequence[frozenset[int]],
        allowed: Question,
        firsts: int = NEVER,
    ) -> bool:
        """Whether a plan begins on one of the first so many days."""
        course = replace(course, early_price=1)
        for days in sets:
            prices = Possible(self.request, allowed, days, self.begins)
            if DateSearch(course, prices, self.effort).best(firsts):
                return True
        return False

    def _where(self, course: Course, stopping: Rule, before: Sequence[Rule]) -> str:
        """The dates that this rule takes away."""
        was, still = self._allowed(before), self._allowed((*before, stopping))
        days = frozenset.union(*self._patient_sets())
        shapes = {id(shape): shape for shape in self.request.shapes}.values()
        dates = [self.request.earliest_on + DAY * n for n in range(course.horizon + 1)]
        asked = [on for on in dates if on.weekday() in days and any(was(s, on) for s in shapes)]
        lost = [on for on in asked if any(was(s, on) and not still(s, on) for s in shapes)]
        if any(on < self.begins for on in lost):
            lost = [on for on in lost if on < self.begins]
        window = self.request.patient.window if stopping.has_hours else TimeWindow()
        return where_words(lost, asked, window)

    def _said(self, stopped: Stopped) -> Stopped:
        return stopped if self.effort.lasts else UNKNOWN

    # -- rules that need no calendar: could these visits lie anywhere at all?

    def _spaced(self) -> Iterator[Spaced]:
        request = self.request
        course = _endless(request)
        alone = course.alone()
        week = NEVER if any(step.reach.months for step in alone.steps) else 7
        for rule, spaced, sets, firsts, words in (
            ("H16", alone, (ANY_DAY,), week, self._spacing_words()),
            ("H16", alone, request.sets, week, f"on {self._set_words()}"),
            ("weekday", alone, self._patient_sets(), week, f"on {self._patient_words()}"),
            ("H5", course, self._patient_sets(), NEVER, self._beside_words()),
        ):
            yield Spaced(rule, spaced, sets, firsts, f"{self.count} cannot be placed {words}")

    def _spacing_words(self) -> str:
        """As "with gaps of 2 to 7 days, at most 3 in 7 days and 20 days from first to last"."""
        spacing = self.request.spacing
        limits = [_gap_words(spacing.gap, spacing.months)]
        if spacing.anchored:
            limits = ["the days that are counted from a named visit"]
        if spacing.max_per_7d is not None:
            limits.append(f"at most {spacing.max_per_7d} in 7 days")
        if spacing.max_days is not None:
            limits.append(f"{count_words(spacing.max_days, 'day')} from first to last")
        return f"with {list_words(limits)}"

    def _beside_words(self) -> str:
        after, before = self.request.after[-1:], self.request.before[:1]
        stay = [
            f"{what} {day_words(on)}"
            for what, on in [*(("after", on) for on in after), *(("before", on) for on in before)]
        ]
        return f"{list_words(stay)} {self._spacing_words()}"

    def _patient_sets(self) -> tuple[frozenset[int], ...]:
        weekdays = self.request.patient.weekdays or ANY_DAY
        return tuple(days & weekdays for days in self.request.sets)

    def _set_words(self) -> str:
        return " or ".join(weekday_words(days) for days in self.request.sets)

    def _patient_words(self) -> str:
        return f"the patient's days ({weekday_words(self.request.patient.weekdays or ANY_DAY)})"


def _always(_: VisitShape, __: date) -> bool:
    return True


def _gap_words(gap: Gap, months: int) -> str:
    if months:
        most = "" if gap.hard_max is None else f" to {gap.hard_max:+}"
        return f"{count_words(months, 'month')} between, {gap.hard_min:+}{most} days"
    if gap.hard_max is None:
        return f"at least {count_words(gap.hard_min, 'day')} between"
    if gap.hard_min == gap.hard_max:
        return f"gaps of {count_words(gap.hard_min, 'day')}"
    return f"gaps of {gap.hard_min} to {count_words(gap.hard_max, 'day')}"


def _endless(request: SeriesRequest) -> Course:
    """The request with as many days as its gaps could ever need."""
    spacing = request.spacing
    rules = [(spacing.gap, spacing.months), *((one.gap, one.months) for one in spacing.anchored)]
    widest = max(7, *(_widest(gap, months) for gap, months in rules))
    if spacing.max_days is None and not request.numbered:
        request = replace(request, shapes=request.shapes[:PERIODIC])
    fixed = (*request.before, *(one.on for one in spacing.anchored if one.on))
    days = (len(request.shapes) + 1) * widest + 7
    days += max(((on - request.earliest_on).days for on in fixed), default=0)
    days = min(max(days, 0), (date.max - request.earliest_on).days)
    last_on = request.earliest_on + DAY * days
    course = course_of(replace(request, latest_on=None), last_on)
    return course.free() if course else NO_COURSE


def _widest(gap: Gap, months: int) -> int:
    return max(gap.hard_max or 0, gap.hard_min, gap.target) + 31 * months

"""The cheapest dates of a series against trying every combination of days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.searching.course import NEVER, Course, Effort, GapRange, Pin, Step
from scheduler.planning.searching.date_search import DateSearch

DAYS = 16


@dataclass(frozen=True)
class Table:
    """A price for each visit and day, None where it cannot be."""

    rows: list[list[int | None]]

    def usable(self, day: int) -> bool:
        return any(row[day] is not None for row in self.rows)

    def price(self, number: int, day: int) -> int:
        price = self.rows[number][day]
        return NEVER if price is None else price


reaches = st.builds(
    lambda least, wide, target, price: GapRange(least, target, least + wide, price),
    st.integers(1, 4),
    st.integers(0, 6),
    st.integers(1, 8),
    st.sampled_from([0, 1, 9]),
)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Most visits count from the one before, some from an earlier one, some from a fixed day."""
    count = draw(st.integers(1, 5))
    ofs = [
        draw(st.sampled_from([place, place, draw(st.integers(0, place))]))
        for place in range(count - 1)
    ]
    after = tuple(sorted(draw(st.sets(st.integers(-6, -1), max_size=2))))
    before = tuple(sorted(draw(st.sets(st.integers(8, 22), max_size=2))))
    pins = [Pin(0, after[-1], draw(reaches))] if after else []
    pins += [Pin(count - 1, before[0], draw(reaches), follows=True)] if before else []
    if draw(st.booleans()) and draw(st.booleans()):
        pins.append(Pin(draw(st.integers(0, count - 1)), draw(st.integers(-3, 5)), draw(reaches)))
    return Course(
        count=count,
        horizon=draw(st.integers(0, DAYS - 1)),
        steps=tuple(Step(of, draw(reaches)) for of in ofs),
        pins=tuple(pins),
        most_days=draw(st.integers(4, 20)),
        per_week=draw(st.sampled_from([None, 2, 3, 4])),
        after=after,
        before=before,
        early_price=draw(st.sampled_from([0, 3])),
        day_price=draw(st.sampled_from([0, 0, 2])),
    )


prices = st.one_of(st.none(), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
tables = st.lists(st.lists(prices, min_size=DAYS, max_size=DAYS), min_size=5, max_size=5)


@given(course=courses(), rows=tables)
@settings(max_examples=300, deadline=None)
def test_no_combination_of_days_is_cheaper_than_the_dates_that_are_found(
    course: Course, rows: list[list[int | None]]
) -> None:
    found = DateSearch(course, Table(rows), Effort()).best()
    costs = [
        cost
        for days in combinations(range(course.horizon + 1), course.count)
        if (cost := price_of(course, rows, days)) is not None
    ]
    assert (found.cost if found else None) == min(costs, default=None)
    if found:
        assert price_of(course, rows, found.days) == found.cost


def price_of(course: Course, rows: list[list[int | None]], days: tuple[int, ...]) -> int | None:
    """None where a rule is broken that a new visit is part of."""
    every, cost = [*course.after, *days, *course.before], course.early_price * days[0]
    for number, day in enumerate(days):
        price = rows[number][day]
        if price is None:
            return None
        cost += price + course.day_price * day
    if any(later <= earlier for earlier, later in pairwise(every)):
        return None
    pairs = [
        (days[step.of], day, step.reach) for day, step in zip(days[1:], course.steps, strict=True)
    ]
    pairs += [
        (days[pin.number], pin.day, pin.reach)
        if pin.follows
        else (pin.day, days[pin.number], pin.reach)
        for pin in course.pins
    ]
    for earlier, later, reach in pairs:
        if not reach.least <= later - earlier <= reach.most:
            return None
        cost += reach.price * abs(later - earlier - reach.target)
    for end in every if course.per_week is not None else ():
        week = [day for day in every if end - 6 <= day <= end]
        if set(week) & set(days) and len(week) > (course.per_week or 0):
            return None
    both_fixed = course.after and course.before
    return cost if both_fixed or every[-1] - every[0] <= course.most_days else None


def test_a_dearer_way_to_the_same_day_does_not_hide_the_cheaper_one() -> None:
    """Day 5 is reached over day 2 first, over day 3 for less; what promises most leads astray."""
    steps = tuple(Step(of, GapRange(2, 2, 3)) for of in range(3))
    course = Course(count=4, horizon=15, steps=steps, most_days=7)
    named = [{0: 0}, {2: 10, 3: 0}, {5: 1, 6: 0}, {7: 50, 8: 0, 9: 0}]
    rows = [[prices.get(day) for day in range(DAYS)] for prices in named]
    found = DateSearch(course, Table(rows), Effort()).best()
    assert found is not None
    assert (found.days, found.cost) == ((0, 3, 5, 7), 51)

"""The cheapest dates of a series against trying every combination of days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.searching.course import NEVER, Course, Effort
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


@st.composite
def courses(draw: st.DrawFn) -> Course:
    least = draw(st.integers(1, 3))
    return Course(
        count=draw(st.integers(1, 5)),
        horizon=draw(st.integers(0, DAYS - 1)),
        least_gap=least,
        most_gap=least + draw(st.integers(0, 5)),
        target=draw(st.integers(1, 6)),
        most_days=draw(st.integers(4, 20)),
        per_week=draw(st.sampled_from([None, 2, 3, 4])),
        after=tuple(sorted(draw(st.sets(st.integers(-6, -1), max_size=2)))),
        before=tuple(sorted(draw(st.sets(st.integers(8, 22), max_size=2)))),
        early_price=draw(st.sampled_from([0, 3])),
        day_price=draw(st.sampled_from([0, 0, 2])),
        gap_price=draw(st.sampled_from([0, 1, 9])),
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
    for earlier, later in pairwise([*course.after[-1:], *days, *course.before[:1]]):
        if not course.least_gap <= later - earlier <= course.most_gap:
            return None
        cost += course.gap_price * abs(later - earlier - course.target)
    for end in every if course.per_week is not None else ():
        week = [day for day in every if end - 6 <= day <= end]
        if set(week) & set(days) and len(week) > (course.per_week or 0):
            return None
    both_fixed = course.after and course.before
    return cost if both_fixed or every[-1] - every[0] <= course.most_days else None


def test_a_dearer_way_to_the_same_day_does_not_hide_the_cheaper_one() -> None:
    """Day 5 is reached over day 2 first, over day 3 for less; what promises most leads astray."""
    course = Course(count=4, horizon=15, least_gap=2, most_gap=3, target=2, most_days=7)
    named = [{0: 0}, {2: 10, 3: 0}, {5: 1, 6: 0}, {7: 50, 8: 0, 9: 0}]
    rows = [[prices.get(day) for day in range(DAYS)] for prices in named]
    found = DateSearch(course, Table(rows), Effort()).best()
    assert found is not None
    assert (found.days, found.cost) == ((0, 3, 5, 7), 51)

"""The planner by plain data alone: what `scheduler.planning` promises to whoever imports it."""

from __future__ import annotations

import doctest
import subprocess
import sys
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest

import scheduler.planning
from scheduler.planning import (
    Part,
    PlainDay,
    Proposal,
    Question,
    SeriesRequest,
    SiteFacts,
    VisitShape,
    calendar,
    check_visits,
    propose,
    why_not,
)
from scheduler.planning.daybook import Day
from scheduler.planning.series import ChosenVisit

MONDAY = date(2027, 1, 4)
OPENS, CLOSES = 8 * 60, 17 * 60
SLOTS = (CLOSES - OPENS) // 5
INFUSION = VisitShape(
    parts=(
        Part(name="infusion", minutes=60, nurse=((10, 100), (50, 50)), pump=1),
        Part(name="turnaround", minutes=15),
    )
)


def plain_day(on: date, chairs: int = 2, nurses: int = 2) -> PlainDay:
    return PlainDay(
        on=on,
        open={chair: [(OPENS, CLOSES)] for chair in range(1, chairs + 1)},
        cover={"nurse": [nurses] * SLOTS},
        slots_from=OPENS,
    )


def weeks(number: int, chairs: int = 2, nurses: int = 2) -> dict[date, Day]:
    dates = [MONDAY + timedelta(days=n) for n in range(7 * number)]
    return calendar(plain_day(on, chairs, nurses) for on in dates if on.weekday() < 5)


def asked(**changes: object) -> SeriesRequest:
    plain: dict[str, object] = {"visit": INFUSION, "earliest_on": MONDAY, "per_7d": 3}
    return Question(**{**plain, **changes}).request()  # type: ignore[arg-type]


def test_the_example_of_the_package_is_true() -> None:
    assert doctest.testmod(scheduler.planning).failed == 0
    assert "propose(days, asked.request()" in (scheduler.planning.__doc__ or "")


def test_planning_needs_neither_web_nor_database() -> None:
    ask = "import sys, scheduler.planning; print({'flask', 'sqlalchemy'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_a_claim_of_a_busy_span_takes_its_chair_and_no_nurse() -> None:
    day = PlainDay(
        on=MONDAY,
        open={1: [(OPENS, CLOSES)]},
        busy={1: [(OPENS, OPENS + 75)]},
        cover={"nurse": [1] * SLOTS},
        slots_from=OPENS,
    )
    first = calendar([day])[MONDAY].free(INFUSION)[0]
    assert f"{first.starts_at:%H:%M}" == "09:15"


@pytest.mark.parametrize(
    ("resource", "load", "first"),
    [("nurse", [51] * 12, "09:00"), ("pump", [100] * 6, "08:30"), ("pump", [99] * 6, "08:30")],
)
def test_what_is_used_already_is_not_there(resource: str, load: list[int], first: str) -> None:
    day = PlainDay(
        on=MONDAY,
        open={1: [(OPENS, CLOSES)]},
        cover={"nurse": [1] * SLOTS, "pump": [1] * SLOTS},
        load={resource: load},
        slots_from=OPENS,
    )
    free = calendar([day])[MONDAY].free(INFUSION)
    assert f"{free[0].starts_at:%H:%M}" == first


def test_start_limits_count_what_may_still_start_in_each_quarter() -> None:
    day = PlainDay(
        on=MONDAY,
        open={1: [(OPENS, CLOSES)], 2: [(OPENS, CLOSES)]},
        cover={"nurse": [2] * SLOTS},
        start_limits=[0, 1],
        slots_from=OPENS,
    )
    state = calendar([day])[MONDAY]
    assert {f"{one.starts_at:%H:%M}" for one in state.free(INFUSION)} == {"08:15", "08:20", "08:25"}
    state.book(INFUSION, 1, state.free(INFUSION)[0].starts_at)
    assert state.free(INFUSION) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"open": {1: [(600, 500)]}}, "no span"),
        ({"open": {1: [(600, 1500)]}}, "no span"),
        ({"busy": {1: [(-5, 30)]}, "open": {}}, "no span"),
        ({"open": {}, "cover": {"doctor": [1]}}, "doctor"),
        ({"open": {}, "slots_from": 7}, "multiple of 15"),
    ],
)
def test_numbers_that_cannot_be_are_refused_in_a_sentence(
    wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        calendar([PlainDay(on=MONDAY, **wrong)])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="grid"):
        calendar([plain_day(MONDAY)], SiteFacts(grid_minutes=0))
    with pytest.raises(ValueError, match="gap"):
        asked(gap=(3, 2, 7))


def nothing() -> Proposal:
    return propose({}, asked())


def no_chair() -> Proposal:
    return propose(weeks(4, chairs=0), asked())


def no_nurse() -> Proposal:
    return propose(weeks(4, nurses=0), asked())


def too_long() -> Proposal:
    day_and_more = VisitShape(parts=(Part(name="infusion", minutes=600),))
    return propose(weeks(4), asked(visit=day_and_more))


def gaps_beyond_the_span() -> Proposal:
    return propose(weeks(8), asked(gap=(7, 7, 7), span_days=20))


def only_closed_days() -> Proposal:
    return propose(weeks(4), asked(weekday_sets=[[5, 6]]))


def patient_of_closed_days() -> Proposal:
    return propose(weeks(4), asked(weekdays=[6]))


def horizon_inside_the_series() -> Proposal:
    return propose(weeks(1), asked())


def cover_ends_within_every_visit() -> Proposal:
    lunch = [2] * 9 + [0] * 3
    days = [
        PlainDay(on=on, open={1: [(OPENS, CLOSES)]}, cover={"nurse": lunch * 9}, slots_from=OPENS)
        for on in (MONDAY + timedelta(days=n) for n in range(28))
    ]
    return propose(calendar(days), asked())


def a_window_without_an_hour() -> Proposal:
    return propose(weeks(4), asked(window=(time(18), time(8))))


def no_visit() -> Proposal:
    return propose(weeks(4), asked(count=0))


def more_visits_than_days() -> Proposal:
    return propose(weeks(2), asked(count=200, gap=(1, 1, None), per_7d=None))


def the_end_of_time() -> Proposal:
    return propose(weeks(2), asked(earliest_on=date.max))


@pytest.mark.parametrize(
    ("ask", "rule"),
    [
        (nothing, "horizon"),
        (no_chair, "H3"),
        (no_nurse, "H8"),
        (too_long, "H3"),
        (gaps_beyond_the_span, "H16"),
        (only_closed_days, "horizon"),
        (patient_of_closed_days, "horizon"),
        (horizon_inside_the_series, "horizon"),
        (cover_ends_within_every_visit, "H8"),
        (a_window_without_an_hour, "window"),
        (no_visit, "count"),
        (more_visits_than_days, "horizon"),
        (the_end_of_time, "H16"),
    ],
)
def test_what_cannot_be_planned_gets_a_plain_answer(ask: Callable[[], Proposal], rule: str) -> None:
    answer = ask()
    assert not answer.plans
    assert answer.stopped is not None
    assert answer.stopped.rule == rule
    assert answer.stopped.sentence.endswith(".")


def test_a_grid_that_does_not_divide_the_parts_still_books_what_it_offers() -> None:
    days = calendar([plain_day(MONDAY)], SiteFacts(grid_minutes=7))
    free = days[MONDAY].free(INFUSION)
    request = asked(count=1)
    assert free
    for start in free:
        chosen = ChosenVisit(start.chair_id, start.starts_at)
        assert check_visits(days, request, [chosen]) == why_not(days, request, 0, chosen) == ()


def test_a_year_of_three_hundred_chairs_is_answered() -> None:
    days = weeks(52, chairs=300, nurses=80)
    answer = propose(days, asked(per_7d=None, gap=(2, 3, None), count=40))
    assert len(answer.plans[0].visits) == 40

"""Long plans in words and small calendars: years are named, empty weeks are left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.services.plan_words import OfferedVisit, say, title, where
from scheduler.services.proposals import weeks_shown

NEW_YORK = ZoneInfo("America/New_York")


def visit(number: int, on: date) -> OfferedVisit:
    starts_at = datetime(on.year, on.month, on.day, 9, tzinfo=NEW_YORK).astimezone(UTC)
    return OfferedVisit(
        number=number,
        on=on,
        arrives_at=starts_at - timedelta(minutes=10),
        starts_at=starts_at,
        leaves_at=starts_at + timedelta(minutes=90),
        chair_id=2,
        chair_name="Chair 2",
    )


def plan(first: date, step: int, count: int) -> list[OfferedVisit]:
    return [visit(n + 1, first + timedelta(days=step * n)) for n in range(count)]


def test_a_year_of_visits_names_its_years_and_weeks() -> None:
    every_eight_weeks = plan(date(2027, 3, 2), 56, 7)
    assert where(every_eight_weeks) == (
        "Tue 2 Mar 2027 to Tue 1 Feb 2028, 48 weeks. Chair 2 every time."
    )
    said = say(every_eight_weeks, NEW_YORK)
    assert said.startswith("Seven visits on Tuesdays. The first is Tuesday, March 2:")
    assert "Tuesday, December 7 and Tuesday, February 1, 2028, arriving at 8:50 am" in said


def test_visits_a_year_apart_do_not_sound_like_one_month() -> None:
    assert "Tuesday, March 7, 2028" in say(plan(date(2027, 3, 9), 364, 2), NEW_YORK)


def test_a_run_of_days_is_named_day_by_day() -> None:
    ten = [one for one in plan(date(2027, 1, 11), 1, 12) if one.on.weekday() < 5]
    assert title(ten, NEW_YORK) == "Mon, Tue, Wed, Thu, Fri, always 9:00 am"
    assert where(ten) == "Mon 11 Jan to Fri 22 Jan, 11 days. Chair 2 every time."
    assert "Tuesday the 12th, Wednesday the 13th" in say(ten, NEW_YORK)


def test_a_short_plan_shows_every_week_and_a_long_one_those_with_a_visit() -> None:
    short = weeks_shown([date(2027, 1, 11), date(2027, 2, 5)])
    assert [week[0] for week in short] == [
        date(2027, 1, 11) + timedelta(days=7 * n) for n in range(4)
    ]
    long = weeks_shown([one.on for one in plan(date(2027, 3, 2), 56, 7)])
    assert len(long) == 7
    assert all(week[0].weekday() == 0 and len(week) == 7 for week in long)

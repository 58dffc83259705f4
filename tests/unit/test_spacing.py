"""How the dates of a series lie to each other, and the sentences about it (domain H5 to H7)."""

from __future__ import annotations

from datetime import date

from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Spacing, judge

MOOD = Spacing(
    gap=Gap(hard_min=2, target=2, soft_max=4, hard_max=7),
    max_per_7d=3,
    max_days=20,
    soft_max_days=14,
)


def january(*days: int) -> list[date]:
    return [date(2027, 1, day) for day in days]


def test_three_a_week_for_two_weeks_breaks_nothing() -> None:
    assert judge(january(6, 8, 11, 13, 15, 18), MOOD) == ()


def test_moving_session_4_by_a_day_puts_session_5_too_close() -> None:
    (broken,) = judge(january(6, 8, 11, 14, 15, 18), MOOD)
    assert (broken.rule, broken.number, broken.hard) == ("H5", 5, True)
    assert broken.sentence == (
        "Session 5 on Fri 15 Jan would be 1 day after session 4. The least gap is 2 days."
    )


def test_the_smallest_change_of_the_story_is_legal() -> None:
    assert judge(january(6, 8, 11, 14, 16, 18), MOOD) == ()
    assert judge(january(6, 8, 11, 14, 18, 20), MOOD) == ()


def test_a_visit_that_is_not_after_the_one_before_is_refused() -> None:
    rules = [(b.rule, b.number, b.sentence) for b in judge(january(6, 6), MOOD)]
    assert rules == [("H5", 2, "Session 2 on Wed 6 Jan would not be after session 1 on Wed 6 Jan.")]


def test_a_gap_over_the_soft_limit_is_flagged_and_over_the_hard_one_refused() -> None:
    flagged, refused = judge(january(4, 9), MOOD), judge(january(4, 12), MOOD)
    assert [(b.rule, b.hard) for b in flagged] == [("H7", False)]
    assert flagged[0].sentence == (
        "Session 2 on Sat 9 Jan would be 5 days after session 1."
        " More than 4 days is flagged for the provider."
    )
    assert [(b.rule, b.hard) for b in refused] == [("H7", True)]
    assert refused[0].sentence.endswith("The largest gap is 7 days.")


def test_a_week_is_any_seven_dates_not_a_calendar_week() -> None:
    broken = judge(january(4, 6, 8, 10), MOOD)
    assert [(b.rule, b.number) for b in broken] == [("H6", 4)]
    assert broken[0].sentence == (
        "Session 4 on Sun 10 Jan would be number 4 in the 7 days from Mon 4 Jan."
        " At most 3 sessions are allowed."
    )
    assert judge(january(4, 6, 8, 11), MOOD) == ()


def test_the_span_counts_from_the_first_to_the_last_date() -> None:
    assert judge(january(4, 8, 12, 16, 18), MOOD) == ()
    flagged = judge(january(4, 8, 12, 16, 19), MOOD)
    assert [(b.rule, b.hard) for b in flagged] == [("span", False)]
    refused = judge(january(4, 8, 12, 16, 20, 25), MOOD)
    assert [(b.rule, b.hard) for b in refused if b.hard] == [("span", True)]
    assert refused[-1].sentence == (
        "From Mon 4 Jan to session 6 on Mon 25 Jan it would be 21 days. At most 20 are allowed."
    )


def test_numbers_name_the_visits_and_say_which_are_involved() -> None:
    (broken,) = judge(january(14, 15), MOOD, numbers=[7, 8])
    assert (broken.number, broken.involved) == (8, (7, 8))
    assert broken.sentence.startswith("Session 8 on Fri 15 Jan would be 1 day after session 7.")


def test_no_dates_and_one_date_break_nothing() -> None:
    assert judge([], MOOD) == judge(january(4), MOOD) == ()

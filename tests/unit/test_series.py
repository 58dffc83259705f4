"""Planning a whole series: acceptance stories, plain answers, choices that can be heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from scheduler.planning.day_facts import Held
from scheduler.planning.daybook import Day
from scheduler.planning.explain import title
from scheduler.planning.interval import Interval
from scheduler.planning.plan import Plan
from scheduler.planning.request import PatientLimits, SeriesRequest, TimeWindow, Weights, Wishes
from scheduler.planning.schedules import Gap
from scheduler.planning.series import ChosenVisit, check_visits, propose, why_not
from scheduler.planning.sooner import why_not_sooner
from scheduler.planning.spacing import Spacing
from scheduler.planning.visit import Part, VisitShape
from tests.unit.planning_clinic import DAY, MOOD, NEW_YORK, at, calendar, facts, held

MON = date(2027, 1, 4)
MWF, TTS = frozenset({0, 2, 4}), frozenset({1, 3, 5})
MOOD_SPACING = Spacing(
    gap=Gap(hard_min=2, target=2, soft_max=4, hard_max=7), max_per_7d=3, max_days=20
)
SERIES = SeriesRequest(
    shapes=(MOOD,) * 6, earliest_on=MON, spacing=MOOD_SPACING, weekday_sets=(MWF, TTS)
)


def dates(plan: Plan) -> list[int]:
    return [visit.on.day for visit in plan.visits]


LONG = VisitShape(parts=(Part(name="infusion", minutes=270),))
"""All of a morning."""


def starts(plan: Plan) -> set[time]:
    return {visit.starts_at.astimezone(NEW_YORK).time() for visit in plan.visits}


def test_six_visits_in_an_empty_clinic_are_monday_wednesday_friday_at_the_wished_hour() -> None:
    wished = replace(SERIES, wishes=Wishes(start=time(9), chair_id=2))
    best = propose(calendar(MON, 42), wished).plans[0]
    assert dates(best) == [4, 6, 8, 11, 13, 15]
    assert starts(best) == {time(9)}
    assert {visit.chair_id for visit in best.visits} == {2}
    assert title(best) == "Mon/Wed/Fri at 9:00 am over 2 weeks, from Mon 4 Jan"
    assert [visit.number for visit in best.visits] == [1, 2, 3, 4, 5, 6]
    assert best.flags == ()


def test_mornings_not_tuesdays_gives_three_plans_that_sound_different() -> None:
    limits = PatientLimits(
        weekdays=frozenset({0, 2, 3, 4, 5}), window=TimeWindow(starts_until=time(12))
    )
    asked = replace(SERIES, patient=limits, wishes=Wishes(start=time(9)))
    plans = propose(calendar(MON, 42), asked).plans
    assert len(plans) == len({title(plan) for plan in plans}) == 3
    for plan in plans:
        assert not set(plan.weekdays) & {1, 6}
        assert all(start < time(12) for start in starts(plan))


def test_without_a_wished_hour_the_best_plan_keeps_to_one_hour_where_that_costs_nothing() -> None:
    best = propose(calendar(MON, 42), SERIES).plans[0]
    assert len(starts(best)) == 1


def test_greedy_placing_gets_stuck_where_the_planner_finds_the_series() -> None:
    """First come is Tue 5, then Thu 7; from there Sat 9 is full and Sun closed. Fri 8 leads on."""
    spacing = Spacing(gap=Gap(hard_min=2, target=2, soft_max=3, hard_max=3), max_days=20)
    asked = SeriesRequest(shapes=(MOOD,) * 3, earliest_on=MON + DAY, spacing=spacing)
    days = calendar(MON, 8, _full_days([MON + 5 * DAY]), chairs=1)
    greedy = [MON + DAY]
    while free := [on for on in days if 2 <= (on - greedy[-1]).days <= 3 and days[on].free(MOOD)]:
        greedy.append(free[0])
    assert [on.day for on in greedy] == [5, 7]
    assert dates(propose(days, asked).plans[0]) == [5, 8, 11]


def _full_days(full: list[date]) -> list[Held]:
    """All of chair 1 on these days."""
    return [held(on, 8, shape=VisitShape(parts=(Part(name="prep", minutes=540),))) for on in full]


def test_a_single_visit_is_a_request_with_one_shape() -> None:
    asked = replace(SERIES, shapes=(MOOD,), weekday_sets=(), wishes=Wishes(start=time(14)))
    plans = propose(calendar(MON, 14), asked).plans
    assert title(plans[0]) == "Mon 4 Jan at 2:00 pm"
    assert len({title(plan) for plan in plans}) == 3


def test_a_gap_that_is_wider_than_the_calendar_does_not_stop_a_first_single_visit() -> None:
    booster = Spacing(gap=Gap(hard_min=49, target=60, soft_max=90))
    asked = SeriesRequest(
        shapes=(MOOD,), earliest_on=MON, spacing=booster, latest_on=MON + 20 * DAY
    )
    assert dates(propose(calendar(MON, 42), asked).plans[0]) == [4]
    second = replace(asked, after=(MON - 30 * DAY,))
    assert dates(propose(calendar(MON, 42), second).plans[0]) == [23]
    assert propose(calendar(MON, 42), replace(second, after=(MON - DAY,))).plans == ()


def test_an_extra_visit_keeps_gap_week_and_span_to_the_visits_that_are_already_there() -> None:
    after = (date(2027, 1, 6), date(2027, 1, 8), date(2027, 1, 11))
    asked = replace(SERIES, shapes=(MOOD,), after=after, earliest_on=date(2027, 1, 11))
    best = propose(calendar(MON, 42), asked).plans[0]
    assert (dates(best), best.visits[0].number) == ([13], 4)
    tight = replace(asked, after=(date(2027, 1, 7), date(2027, 1, 9), date(2027, 1, 11)))
    assert dates(propose(calendar(MON, 42), replace(tight, weekday_sets=())).plans[0]) == [14]


def test_a_moved_visit_lies_between_the_visits_that_stay() -> None:
    before, after = (date(2027, 1, 15), date(2027, 1, 18)), (date(2027, 1, 8), date(2027, 1, 11))
    asked = SeriesRequest(
        shapes=(MOOD,), earliest_on=MON, spacing=MOOD_SPACING, after=after, before=before
    )
    days = calendar(MON, 42)
    assert dates(propose(days, asked).plans[0]) == [13]
    (refusal,) = check_visits(days, asked, [ChosenVisit(1, at(date(2027, 1, 14), 9))])
    assert refusal.sentence == (
        "Session 4 on Fri 15 Jan would be 1 day after session 3. The least gap is 2 days."
    )


def test_a_closed_chair_moves_the_visit_to_another_chair_at_the_same_time() -> None:
    wished = replace(SERIES, shapes=(MOOD,), wishes=Wishes(start=time(9), chair_id=3))
    taken = [held(MON, 8, 30, chair=3)]
    best = propose(calendar(MON, 14, taken), wished).plans[0]
    assert starts(best) == {time(9)}
    assert best.visits[0].chair_id != 3
    assert best.terms.chair == Weights().chair


def test_what_passes_a_soft_limit_is_planned_and_flagged() -> None:
    thursdays = PatientLimits(weekdays=frozenset({3}))
    asked = replace(SERIES, shapes=(MOOD,) * 3, patient=thursdays)
    best = propose(calendar(MON, 42), asked).plans[0]
    assert [(flag.rule, flag.number, flag.hard) for flag in best.flags] == [
        ("H7", 2, False),
        ("H7", 3, False),
    ]


def test_the_patient_is_nowhere_twice_and_sedated_once_a_day() -> None:
    busy = Interval(at(MON, 11), at(MON, 12))
    asked = replace(SERIES, shapes=(MOOD,), patient=PatientLimits(busy=(busy,)))
    days = calendar(MON, 7)
    rules = {
        (hour, minute): {
            r.rule for r in why_not(days, asked, 0, ChosenVisit(1, at(MON, hour, minute)))
        }
        for hour, minute in [(9, 30), (9, 35), (12, 5), (12, 10)]
    }
    assert rules == {(9, 30): set(), (9, 35): {"H2"}, (12, 5): {"H2"}, (12, 10): set()}
    sedated = replace(asked, patient=PatientLimits(sedating_on=frozenset({MON})))
    assert {r.rule for r in why_not(days, sedated, 0, ChosenVisit(1, at(MON, 9)))} == {"H2"}
    assert propose(days, sedated).plans[0].first_on > MON


def test_no_visit_starts_in_the_past() -> None:
    asked = replace(SERIES, shapes=(MOOD,), patient=PatientLimits(not_before=at(MON, 10, 1)))
    best = propose(calendar(MON, 7), asked).plans[0]
    assert best.visits[0].starts_at == at(MON, 10, 5)


def test_a_window_of_a_driver_holds_arrival_and_leaving() -> None:
    window = TimeWindow(arrives_from=time(9), leaves_by=time(11))
    for wish, arrives, leaves in ((7, (9, 0), (10, 40)), (12, (9, 20), (11, 0))):
        asked = replace(SERIES, shapes=(MOOD,), patient=PatientLimits(window=window))
        asked = replace(asked, wishes=Wishes(start=time(wish)))
        visit = propose(calendar(MON, 7), asked).plans[0].visits[0]
        assert visit.times.arrives_at == at(MON, *arrives)
        assert visit.times.leaves_at == at(MON, *leaves)


def test_every_wish_of_the_patient_is_priced_and_never_required() -> None:
    wished = replace(SERIES, shapes=(MOOD,), wishes=Wishes(start=time(7), chair_id=99))
    best = propose(calendar(MON, 7), wished).plans[0]
    assert starts(best) == {time(8)}
    assert (best.terms.time, best.terms.chair) == (6, 6)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"shapes": ()}, "count"),
        ({"shapes": (MOOD,) * 400, "spacing": Spacing()}, "horizon"),
        ({"shapes": (MOOD,) * 400}, "H16"),
        ({"earliest_on": date(2028, 1, 1)}, "horizon"),
        ({"latest_on": MON - DAY}, "horizon"),
        ({"shapes": (VisitShape(parts=(Part(name="infusion", minutes=600),)),)}, "H3"),
        ({"shapes": (MOOD,) * 2, "weekday_sets": (frozenset({6}),)}, "H3"),
        ({"spacing": Spacing(gap=Gap(hard_min=5, target=3, soft_max=3, hard_max=3))}, "H16"),
        ({"spacing": replace(MOOD_SPACING, max_days=9)}, "H16"),
        ({"spacing": replace(MOOD_SPACING, max_per_7d=1, max_days=14)}, "H16"),
        ({"spacing": replace(MOOD_SPACING, max_per_7d=0)}, "H16"),
        ({"patient": PatientLimits(window=TimeWindow(starts_from=time(16)))}, "window"),
        ({"patient": PatientLimits(weekdays=frozenset({6}))}, "weekday"),
        ({"before": (MON + DAY,)}, "H5"),
        ({"chair_kind": "bed"}, "chair"),
    ],
)
def test_what_cannot_be_planned_gets_a_plain_answer_that_names_the_rule(
    changed: dict[str, object], rule: str
) -> None:
    proposal = propose(calendar(MON, 42), replace(SERIES, **changed))  # type: ignore[arg-type]
    assert proposal.plans == ()
    assert proposal.stopped is not None
    assert proposal.stopped.rule == rule
    assert proposal.stopped.sentence.endswith(".")


def test_a_clinic_without_chairs_nurses_or_days_gets_a_plain_answer() -> None:
    rules = []
    for days in (calendar(MON, 42, chairs=0), calendar(MON, 42, nurses=0), {}):
        proposal = propose(days, SERIES)
        rules.append(proposal.stopped.rule if proposal.stopped else None)
    assert rules == ["H3", "H8", "horizon"]


def test_blackouts_that_leave_no_plan_are_named() -> None:
    gone = frozenset(MON + DAY * n for n in range(42))
    proposal = propose(calendar(MON, 42), replace(SERIES, patient=PatientLimits(blackouts=gone)))
    assert proposal.stopped is not None
    assert proposal.stopped.where == "Mon to Sat until Sat 13 Feb"
    assert proposal.stopped.sentence == ("The patient cannot come on Mon to Sat until Sat 13 Feb.")


def test_a_way_out_is_tried_before_it_is_offered_and_the_desks_own_come_first() -> None:
    limits = PatientLimits(window=TimeWindow(starts_until=time(8)), weekdays=frozenset({0, 2, 4}))
    asked = replace(SERIES, patient=limits)
    proposal = propose(calendar(MON, 42), asked)
    assert proposal.stopped is not None
    assert proposal.stopped.rule == "window"
    way = next(one for one in proposal.ways_out if one.kind == "window")
    assert not way.needs_provider
    assert way.sentence == "With a start before 9:00 am: a plan from Mon 4 Jan works."
    assert propose(calendar(MON, 42), way.request).plans


def test_where_mornings_are_full_the_afternoons_are_tried() -> None:
    mornings = PatientLimits(window=TimeWindow(starts_until=time(12)))
    full = [held(MON + DAY * n, 8, chair=c, shape=LONG) for n in range(42) for c in (1, 2, 3)]
    proposal = propose(calendar(MON, 42, full), replace(SERIES, patient=mornings))
    assert proposal.stopped is not None
    assert proposal.stopped.sentence == (
        "The chairs are full on Mon to Sat mornings until Sat 13 Feb."
    )
    sentences = {way.kind: way.sentence for way in proposal.ways_out}
    assert sentences["half"] == "In the afternoon: a plan from Mon 4 Jan works."


def test_limits_that_contradict_each_other_are_named_with_their_numbers() -> None:
    quarterly = Spacing(gap=Gap(hard_min=-7, target=0, soft_max=7, hard_max=7), months=3)
    for spacing, words in (
        (replace(MOOD_SPACING, max_days=9), "gaps of 2 to 7 days, at most 3 in 7 days and 9 days"),
        (replace(quarterly, max_days=60), "3 months between, -7 to +7 days and 60 days"),
    ):
        proposal = propose(calendar(MON, 42), replace(SERIES, spacing=spacing))
        assert proposal.stopped is not None
        assert proposal.stopped.rule == "H16"
        assert f"cannot be placed with {words} from first to last." in proposal.stopped.sentence


def test_a_late_start_is_explained_and_the_afternoons_that_work_sooner_are_found() -> None:
    """Tuesday and Thursday mornings are full for two weeks, the afternoons of the first one too."""
    mornings = PatientLimits(window=TimeWindow(starts_until=time(12)), weekdays=frozenset({1, 3}))
    asked = replace(SERIES, weekday_sets=(frozenset({1, 3}),), patient=mornings)
    asked = replace(asked, shapes=(MOOD,) * 4, spacing=replace(MOOD_SPACING, max_per_7d=2))
    full = [held(MON + DAY * n, 8, chair=c, shape=LONG) for n in range(14) for c in (1, 2, 3)]
    full += [held(MON + DAY * n, 12, 30, c, LONG) for n in range(7) for c in (1, 2, 3)]
    days = calendar(MON, 42, full)
    late = propose(days, asked).plans[0].first_on
    assert late == MON + 15 * DAY
    sooner = why_not_sooner(days, asked, late)
    assert sooner is not None
    assert sooner.sentence == (
        "Nothing starts before Tue 19 Jan. The chairs are full on Tue and Thu mornings until"
        " Thu 14 Jan."
    )
    sentences = {way.kind: way.sentence for way in sooner.ways_out}
    assert sentences["half"] == "In the afternoon: a plan from Tue 12 Jan works."
    assert why_not_sooner(days, asked, late + DAY) is None


def test_a_limit_of_the_template_is_passed_only_by_a_provider() -> None:
    gone = frozenset(MON + DAY * n for n in range(7, 14))
    asked = replace(SERIES, shapes=(MOOD,) * 4, patient=PatientLimits(blackouts=gone))
    proposal = propose(calendar(MON, 21), asked)
    assert proposal.plans == ()
    ways = {way.kind: way.needs_provider for way in proposal.ways_out}
    assert ways["gap_max"] is True
    flags = [way.needs_provider for way in proposal.ways_out]
    assert flags == sorted(flags)


def test_an_earlier_weekday_set_is_better_unless_it_costs_more_than_its_place() -> None:
    days = calendar(MON, 42, _full_days([MON]), chairs=1)
    best = propose(days, replace(SERIES, wishes=Wishes(start=time(9)))).plans[0]
    assert (best.weekday_set, best.terms.set) == (TTS, Weights().set)
    assert dates(best) == [5, 7, 9, 12, 14, 16]
    faithful = replace(SERIES, weights=Weights(set=10_000), wishes=Wishes(start=time(9)))
    assert propose(days, faithful).plans[0].weekday_set == MWF


@pytest.mark.parametrize("first_on", [date(2027, 3, 8), date(2026, 10, 26)])
def test_a_series_keeps_its_wall_time_across_a_change_of_clocks(first_on: date) -> None:
    asked = replace(SERIES, earliest_on=first_on, wishes=Wishes(start=time(9)))
    best = propose(calendar(first_on, 28), asked).plans[0]
    assert starts(best) == {time(9)}
    assert len({visit.starts_at.time() for visit in best.visits}) == 2


def test_hours_of_the_day_are_wall_hours_on_the_day_of_a_clock_change() -> None:
    """The clinic is open on that Sunday; nine o'clock is eight or ten hours after midnight."""
    for sunday in (date(2027, 3, 14), date(2026, 11, 1)):
        one = facts(sunday - DAY)
        hours = (Interval(at(sunday, 8), at(sunday, 17)),)
        chairs = tuple(replace(chair, open=hours) for chair in one.chairs)
        nurses, providers = ((hours[0], 2),), ((hours[0], 1),)
        open_day = Day.build(
            replace(one, on=sunday, chairs=chairs, cover=nurses, providers=providers)
        )
        window = TimeWindow(starts_from=time(9), starts_until=time(9, 5))
        for changed in (
            {"patient": PatientLimits(window=window)},
            {"wishes": Wishes(start=time(9))},
        ):
            asked = SeriesRequest(shapes=(MOOD,), earliest_on=sunday)
            best = propose({sunday: open_day}, replace(asked, **changed)).plans[0]
            assert best.visits[0].starts_at == at(sunday, 9)
            assert best.terms.time == 0


def test_a_count_that_does_not_match_the_request_is_refused() -> None:
    refusals = check_visits(calendar(MON, 7), SERIES, [ChosenVisit(1, at(MON, 9))])
    assert [refusal.rule for refusal in refusals] == ["count"]


def test_visits_of_one_plan_keep_to_one_weekday_set() -> None:
    days, asked = calendar(MON, 14), replace(SERIES, shapes=(MOOD,) * 2)
    chosen = [ChosenVisit(1, at(MON, 9)), ChosenVisit(1, at(MON + 3 * DAY, 9))]
    refusals = check_visits(days, asked, chosen)
    assert [refusal.sentence for refusal in refusals] == [
        "The visits keep to one set of weekdays: Mon/Wed/Fri or Tue/Thu/Sat."
    ]


def test_prices_are_not_negative() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Weights(day=-1)


def test_the_widest_question_is_answered() -> None:
    """Ten years of days and gaps without limits: the search is bounded, not the question."""
    asked = SeriesRequest(
        shapes=(MOOD,) * 8,
        earliest_on=MON,
        spacing=Spacing(max_per_7d=5),
        patient=PatientLimits(blackouts=frozenset(MON + DAY * n for n in range(0, 3650, 2))),
    )
    assert propose(calendar(MON, 60), asked).plans
    assert (
        asked.earliest_on + timedelta(days=1) == propose(calendar(MON, 60), asked).plans[0].first_on
    )

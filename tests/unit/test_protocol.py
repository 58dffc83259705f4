"""What one visit of a template looks like, and what may be set differently (domain C, H14)."""

from __future__ import annotations

import pytest

from scheduler.errors import Invalid
from scheduler.planning.phase import counts, gap_of
from scheduler.planning.visit_profile import VisitFacts
from tests.template_factories import built_in, only_phase, phase, quota, template

FIRST = VisitFacts(number=1, number_in_phase=1, phase_id="induction")
THIRD = VisitFacts(number=3, number_in_phase=3, phase_id="induction", days_since_last=2)


def test_the_first_visit_of_a_mood_series_holds_its_chair_for_two_hours() -> None:
    mood = built_in("ket-mood-3x2")
    assert mood.shape_for(FIRST).chair_minutes == 120
    assert mood.shape_for(THIRD).chair_minutes == 105


def test_a_standard_visit_needs_about_fifty_nurse_minutes() -> None:
    shape = built_in("ket-mood-3x2").shape_for(THIRD)
    hundredths = sum(minutes * share for _, minutes, share in shape.nurse_load())
    assert 49 <= hundredths / 100 <= 51


def test_minutes_are_changed_within_the_range_of_the_profile() -> None:
    mood = built_in("ket-mood-3x2")
    shape = mood.shape_for(THIRD, {"infusion": 60, "recovery": 20})
    assert shape.chair_minutes == 105 + 20 - 10


@pytest.mark.parametrize(("part", "minutes"), [("infusion", 61), ("recovery", 19), ("prep", 16)])
def test_minutes_outside_the_range_are_refused_at_their_part(part: str, minutes: int) -> None:
    with pytest.raises(Invalid) as refused:
        built_in("ket-mood-3x2").shape_for(THIRD, {part: minutes})
    assert refused.value.field == part


def test_nobody_shortens_a_floor() -> None:
    facts = VisitFacts(number=1, number_in_phase=1, phase_id="weeks_1_4")
    with pytest.raises(Invalid, match="at least 120 minutes"):
        built_in("esketamine-trd").shape_for(facts, {"recovery": 119})
    assert built_in("esketamine-trd").shape_for(facts, {"recovery": 180}).chair_minutes == 235
    esketamine = built_in("esketamine-trd")
    for minutes in (0, 119):
        with pytest.raises(Invalid, match="at least 120 minutes"):
            esketamine.shape_of(esketamine.profile_for(facts), {"recovery": minutes})


def test_a_slower_profile_serves_a_first_and_a_long_interrupted_treatment() -> None:
    slow = {"parts": {"prep": 20, "infusion": 90, "turnaround": 15}}
    fast = {"parts": {"prep": 10, "infusion": 30, "turnaround": 15}}
    either = {"any": [{"session_no": {"lte": 1}}, {"days_since_last": {"gt": 90}}]}
    protocol = template(
        phase(quota()),
        profiles={"slow": slow, "fast": fast},
        profile_rules=[{"when": either, "use": "slow"}, {"else": "fast"}],
    )

    def used(number: int, since: int | None) -> str:
        facts = VisitFacts(number=number, number_in_phase=1, phase_id="main", days_since_last=since)
        return protocol.profile_for(facts).name

    assert [used(1, None), used(5, 7), used(5, 90), used(5, 91)] == ["slow", "fast", "fast", "slow"]


def test_a_condition_may_ask_for_the_phase_and_for_a_flag_of_the_patient() -> None:
    both = {"all": [{"phase": {"eq": "main"}}, {"flag": {"eq": "hypertension"}}]}
    long_one = {"parts": {"infusion": 90}}
    protocol = template(
        phase(quota()),
        profiles={"long": long_one, "std": {"parts": {"infusion": 30}}},
        profile_rules=[{"when": both, "use": "long"}, {"else": "std"}],
    )
    plain = VisitFacts(number=2, number_in_phase=2, phase_id="main")
    flagged = VisitFacts(
        number=2, number_in_phase=2, phase_id="main", flags=frozenset({"hypertension"})
    )
    assert protocol.profile_for(plain).name == "std"
    assert protocol.profile_for(flagged).name == "long"


def test_a_phase_that_names_its_profile_asks_no_rule() -> None:
    protocol = template(
        phase(quota(), profile="short"),
        profiles={"std": {"parts": {"infusion": 40}}, "short": {"parts": {"infusion": 10}}},
        profile_rules=[{"when": {"session_no": {"gte": 1}}, "use": "std"}, {"else": "std"}],
    )
    facts = VisitFacts(number=1, number_in_phase=1, phase_id="main")
    assert protocol.shape_for(facts).chair_minutes == 10


def test_a_part_may_need_a_nurse_in_steps() -> None:
    steps = [{"minutes": 10, "nurse": 1.0}, {"nurse": 0.5}]
    protocol = template(
        phase(quota()),
        profiles={"std": {"parts": {"infusion": 40}}},
        resources={"infusion": {"chair": True, "nurse": steps, "pump": 1}},
    )
    facts = VisitFacts(number=1, number_in_phase=1, phase_id="main")
    assert protocol.shape_for(facts).nurse_load() == [(0, 10, 100), (10, 30, 50)]


def test_ten_visits_may_be_booked_at_once_where_an_order_says_so() -> None:
    limits = counts(built_in("ket-mood-3x2").first_phase)
    assert (limits.default, limits.ordered_above, limits.maximum) == (6, 6, 10)
    assert limits.allows(10)
    assert not limits.allows(11)
    assert not limits.allows(5)


def test_a_visit_on_demand_is_booked_one_at_a_time() -> None:
    limits = counts(built_in("ket-mood-3x2").phase("booster"))
    assert (limits.minimum, limits.maximum) == (1, 1)


def test_relative_gaps_count_from_the_interval_that_was_chosen() -> None:
    maintenance = built_in("infliximab-0-2-6-q8").phase("maintenance")
    assert gap_of(maintenance).target == 56
    assert (gap_of(maintenance, n=4).hard_min, gap_of(maintenance, n=4).hard_max) == (21, 56)


def test_no_gap_inside_a_run_passes_its_longest_break() -> None:
    assert gap_of(built_in("ket-crps-10d").first_phase).hard_max == 3
    run = {"type": "daily_run", "count": 5, "run_on": "calendar_days"}
    assert gap_of(only_phase(run)).hard_max == 1


def test_phases_follow_each_other_by_next() -> None:
    names = [one.id for one in built_in("ket-crps-10d").phases_from("wean_a")]
    assert names == ["wean_a", "wean_b", "wean_c", "wean_d"]

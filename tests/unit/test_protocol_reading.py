"""A document is read to its end: every problem is found, at its own place, in words (domain E)."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.planning.reading.parents import resolved
from scheduler.planning.reading.plain import ProtocolInvalid
from scheduler.planning.reading.protocol import from_plain, read
from scheduler.planning.writing.protocol import to_plain
from tests.template_factories import GAP, built_in, phase, plain_template, quota

OPEN_EVERY = {"type": "every", "n": 1, "unit": "week", "count": "open", "gap": GAP}


def places(plain: dict[str, Any]) -> list[str]:
    return [problem.where for problem in read(plain)[1]]


def message(plain: dict[str, Any]) -> str:
    (problem,) = read(plain)[1]
    return problem.message


def test_all_problems_are_told_at_once() -> None:
    bad = plain_template(phase(quota(per_week=0, count="six", gap={**GAP, "target": 1})))
    bad["class"] = "sleepy"
    assert places(bad) == [
        "class",
        "phases[0].schedule.per_week",
        "phases[0].schedule.count",
        "phases[0].schedule.gap.target",
    ]
    with pytest.raises(ProtocolInvalid) as refused:
        from_plain(bad)
    assert len(refused.value.problems) == 4


def test_a_misspelt_word_does_not_pass_in_silence() -> None:
    assert places(plain_template(phase(quota(max_per_week=3)))) == [
        "phases[0].schedule.max_per_week"
    ]


@pytest.mark.parametrize(
    ("gap", "where"),
    [
        ({"hard_min": 0, "target": 2, "soft_max": 4}, "hard_min"),
        ({"hard_min": 3, "target": 2, "soft_max": 4}, "target"),
        ({"hard_min": 1, "target": 5, "soft_max": 4}, "soft_max"),
        ({"hard_min": 1, "target": 2, "soft_max": 4, "hard_max": 3}, "hard_max"),
        ({"hard_min": 1, "target": 2, "soft_max": 4, "recall_after": 3}, "recall_after"),
        ({"hard_min": 1, "target": 2}, "soft_max"),
        ({"hard_min": -4, "target": 2, "soft_max": 4}, "hard_min"),
        ({"hard_min": 1, "target": 2, "soft_max": 99_999_999}, "soft_max"),
    ],
)
def test_days_between_visits_rise_from_least_to_limit(gap: dict[str, int], where: str) -> None:
    assert places(plain_template(phase(quota(gap=gap)))) == [f"phases[0].schedule.gap.{where}"]


@pytest.mark.parametrize("count", [0, -1, 101, 10**12, 6.5, "6", True, [6], {"min": 1}])
def test_a_number_of_visits_is_a_whole_number_up_to_a_hundred(count: object) -> None:
    assert all(
        place.startswith("phases[0].schedule.count")
        for place in places(plain_template(phase(quota(count=count))))
    )
    assert places(plain_template(phase(quota(count=count))))


@pytest.mark.parametrize(
    "text", ["", "x" * 121, "a\x00b", "a\nb", "a\u2028b", "\ud800", "\u202eabc"]
)
def test_titles_refuse_what_cannot_be_shown(text: str) -> None:
    assert places(plain_template(title={"internal": text})) == ["title.internal"]


@pytest.mark.parametrize(
    "text", ["Serie für Ängste 🙂", "סדרה", "<b>bold</b> \"quoted\" 'it'", "{{ 7 }}"]
)
def test_titles_take_every_writing(text: str) -> None:
    assert from_plain(plain_template(title={"internal": text})).title == text


def test_what_patients_read_says_nothing_about_a_treatment() -> None:
    title = {"internal": "Mood", "public": "Ketamine visit"}
    assert places(plain_template(title=title)) == ["title.public"]


def test_weekday_sets_may_end_with_any_and_only_end() -> None:
    sets = [["mo", "we"], "any"]
    assert places(plain_template(phase(quota(weekday_sets=sets)))) == []
    assert places(plain_template(phase(quota(weekday_sets=["any", ["mo"]])))) == [
        "phases[0].schedule.weekday_sets"
    ]
    wrong = [["mo", "xx"], []]
    assert places(plain_template(phase(quota(weekday_sets=wrong)))) == [
        "phases[0].schedule.weekday_sets[0]",
        "phases[0].schedule.weekday_sets[1]",
    ]


def test_the_usual_interval_is_one_of_the_choices() -> None:
    n = {"choice": [4, 6, 8], "default": 5}
    every = {"type": "every", "n": n, "unit": "week", "count": 4, "gap": GAP}
    assert places(plain_template(phase(every))) == ["phases[0].schedule.n.default"]


def test_days_between_visits_are_given_once() -> None:
    relative = {"hard_min": -2, "target": 0, "soft_max": 2}
    both = {"type": "every", "n": 1, "unit": "week", "count": 4, "gap": GAP, "gap_rel": relative}
    neither = {"type": "every", "n": 1, "unit": "week", "count": 4}
    assert places(plain_template(phase(both)))[0] == "phases[0].schedule.gap"
    assert places(plain_template(phase(neither)))[0] == "phases[0].schedule.gap"


def test_a_relative_gap_never_reaches_the_same_day() -> None:
    relative = {"hard_min": -7, "target": 0, "soft_max": 2}
    weekly = {"type": "every", "n": 1, "unit": "week", "count": 4, "gap_rel": relative}
    assert places(plain_template(phase(weekly))) == ["phases[0].schedule.gap_rel.hard_min"]


def test_a_phase_without_end_must_be_renewed_by_a_provider() -> None:
    assert places(plain_template(phase(OPEN_EVERY))) == ["phases[0].renew"]
    renewed = phase(OPEN_EVERY, renew={"or_days": 180})
    assert places(plain_template(renewed)) == []


def test_a_series_comes_to_an_end() -> None:
    a, b = {"id": "a", "schedule": quota(), "next": "b"}, {"id": "b", "schedule": quota()}
    assert places(plain_template(a, b)) == []
    assert places(plain_template(a, {**b, "next": "a"})) == ["phases[0].next", "phases[1].next"]
    assert places(plain_template(a)) == ["phases[0].next"]


def test_two_phases_never_have_one_name() -> None:
    twice = {"id": "a", "schedule": quota()}
    assert places(plain_template(twice, twice)) == ["phases[1].id"]


def test_a_visit_that_later_ones_count_from_must_exist() -> None:
    first = {"id": "load", "schedule": quota(count=2)}
    later = {
        "type": "every",
        "n": 6,
        "unit": "month",
        "count": 2,
        "first_ref": "load#3",
        "gap_rel": {"hard_min": -14, "target": 0, "soft_max": 14, "hard_max": 30},
    }
    assert places(plain_template(first, phase(later))) == ["phases[1].schedule.first_ref"]
    assert places(plain_template(first, phase({**later, "first_ref": "load#1"}))) == []
    assert places(plain_template(first, phase({**later, "first_ref": "gone#1"}))) == [
        "phases[1].schedule.first_ref"
    ]


def test_the_last_profile_rule_applies_when_no_other_does() -> None:
    rules = [{"when": {"session_no": {"lte": 1}}, "use": "std"}]
    assert places(plain_template(profile_rules=rules)) == ["profile_rules[0].use"]
    unknown = [*rules, {"else": "gone"}]
    assert places(plain_template(profile_rules=unknown)) == ["profile_rules[1].else"]


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"session_no": {}},
        {"session_no": {"about": 3}},
        {"moon": {"eq": 1}},
        {"session_no": {"lte": 1}, "phase": {"eq": "main"}},
        {"any": []},
        {"any": [{"any": [{"any": [{"any": [{"any": [{"session_no": {"lte": 1}}]}]}]}]}]},
        [],
        3,
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(condition: object) -> None:
    rules = [{"when": condition, "use": "std"}, {"else": "std"}]
    found = places(plain_template(profile_rules=rules))
    assert found
    assert all(place.startswith("profile_rules[0]") for place in found)


def test_standard_minutes_lie_within_their_own_limits() -> None:
    profile = {"parts": {"infusion": 40}, "range": {"infusion": [50, 60]}}
    assert places(plain_template(profiles={"std": profile})) == ["profiles.std.parts.infusion"]
    floor = {"parts": {"recovery": 60}, "floors": {"recovery": 120}}
    assert places(plain_template(profiles={"std": floor})) == ["profiles.std.parts.recovery"]
    low = {"parts": {"recovery": 120}, "range": {"recovery": [60, 180]}, "floors": {"recovery": 90}}
    assert places(plain_template(profiles={"std": low})) == ["profiles.std.range.recovery"]


def test_a_reminder_that_leaves_before_a_visit_has_a_time_before_it() -> None:
    late = {"id": "R3", "at": {"local": "D+1 10:00"}, "channels": ["sms"]}
    assert places(plain_template(reminders=[late])) == ["reminders[0].at"]
    strange = {"id": "R9", "at": {"local": "tomorrow"}, "channels": ["pigeon"]}
    assert places(plain_template(reminders=[strange])) == [
        "reminders[0].at.local",
        "reminders[0].channels[0]",
    ]


@pytest.mark.parametrize(("hours", "minutes"), [(4, 240), (0.5, 30), (0.25, 15), (0, 0)])
def test_hours_of_a_file_are_minutes_inside(hours: float, minutes: int) -> None:
    prep = from_plain(plain_template(prep={"fasting_solids_h": hours})).prep
    assert prep.fasting_solids_minutes == minutes


def test_minutes_that_are_no_quarter_of_an_hour_are_written_as_minutes() -> None:
    protocol = from_plain(plain_template(prep={"limit_fluids_min": 20}))
    assert to_plain(protocol)["prep"] == {"limit_fluids_min": 20}
    assert from_plain(to_plain(protocol)) == protocol


def test_an_extending_template_replaces_phases_and_drops_what_cannot_be_reached() -> None:
    short = built_in("ket-reinduction")
    assert [one.id for one in short.phases] == ["reinduction", "booster"]
    assert short.prep == built_in("ket-mood-3x2").prep
    twice = built_in("ket-mood-2x3")
    assert [one.id for one in twice.phases] == ["induction", "taper", "booster"]
    assert twice.title.endswith("2 a week")


@pytest.mark.parametrize("parent", ["gone", 3, None, "self"])
def test_a_template_extends_only_one_that_there_is(parent: object) -> None:
    parents = {"self": {"id": "self", "extends": "self"}}
    with pytest.raises(ProtocolInvalid):
        resolved({"id": "x", "extends": parent}, parents)


@pytest.mark.parametrize("plain", [None, [], "text", 3, {}, {"phases": 3}, {"profiles": []}])
def test_what_is_no_template_is_refused_and_never_crashes(plain: Any) -> None:
    assert read(plain)[1]

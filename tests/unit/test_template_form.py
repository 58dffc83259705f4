"""The editor's form says at each field what is wrong, and its buttons change only fields."""

from __future__ import annotations

import pytest

from scheduler.services.protocol_files import dump, load
from scheduler.web.forms.protocols import TemplateForm
from scheduler.web.forms.template_edits import edited, with_defaults
from scheduler.web.template_labels import field_label
from tests.template_factories import built_in

MOOD = built_in("ket-mood-3x2")
NUMBERS = (
    "phases.induction.schedule.per_week",
    "phases.induction.schedule.count.default",
    "phases.induction.schedule.count.max",
    "phases.induction.schedule.max_per_7d",
    "phases.induction.schedule.gap.hard_min",
    "phases.induction.schedule.gap.recall_after",
    "phases.induction.span.max_days",
    "phases.induction.extend.by",
    "phases.induction.extend.max_count",
    "phases.induction.reviews.0.number",
    "phases.induction.missed.if_gap_over",
    "phases.taper.schedule.n",
    "phases.booster.renew.every_sessions",
    "profiles.std.parts.infusion",
    "profiles.std.low.recovery",
    "profiles.std.high.recovery",
    "profiles.std.floors.recovery",
    "rules.0.tests.0.value",
    "resources.infusion.nurse",
    "resources.infusion.pump",
    "resources.recovery.monitor",
    "prep.fasting_solids",
    "prep.limit_fluids",
    "prep.arrive_early",
    "reminders.R5.offset",
)


def form_with(**changes: str) -> TemplateForm:
    """The Mood series with some fields typed otherwise (a__b stands for a.b)."""
    return sent({name.replace("__", "."): text for name, text in changes.items()})


def sent(changes: dict[str, str]) -> TemplateForm:
    kept = [
        (name, text)
        for name, texts in TemplateForm.of(MOOD, None).values.data.items()
        for text in texts
        if name not in changes
    ]
    return TemplateForm.sent([*kept, *changes.items()], MOOD, MOOD)


def test_a_bay_for_a_part_in_which_something_is_infused_is_refused_at_its_own_field() -> None:
    form = sent({"resources.infusion.bay": "1"})
    assert form.errors["resources.infusion.bay"] == [
        "Only recovery, or discharge alone, can be spent in a recovery bay."
    ]
    assert sent({"resources.discharge.bay": "1"}).errors == {}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("typed", ["-3", "9" * 40, "six", "2.555", "<b>", "🙂"])
def test_what_is_no_number_is_refused_at_its_own_field(name: str, typed: str) -> None:
    form = sent({name: typed})
    assert name in form.errors
    assert form.values.one(name) == typed


def test_days_and_time_of_a_reminder_are_told_apart() -> None:
    assert set(form_with(reminders__R3__days="soon").errors) == {"reminders.R3.days"}
    assert set(form_with(reminders__R3__time="soon").errors) == {"reminders.R3.time"}
    assert form_with(reminders__R3__days="-1").errors  # R3 leaves before the visit
    assert not form_with(reminders__R9__days="-2").errors


def test_what_happens_without_an_answer_is_edited_taken_away_and_given_back() -> None:
    form = form_with(reminders__R3__second__time="12:30 pm", reminders__R2__call__time="")
    assert form.errors == {"reminders.R2.call.time": form.errors["reminders.R2.call.time"]}
    form = sent({"reminders.R2.call.days": "", "reminders.R2.call.time": ""})
    rungs = {rule.id: rule for rule in form.template.reminders}
    assert rungs["R2"].escalate is None
    again = TemplateForm.of(form.template, None)
    again.values.put("reminders.R2.call.days", "5")
    again.values.put("reminders.R2.call.time", "9:00 am")
    (found,) = [one for one in again.template.reminders if one.id == "R2"]
    assert found.escalate == {"local": "D-5 09:00", "to": "desk"}
    assert set(form_with(reminders__R2__pause="long").errors) == {"reminders.R2.pause"}


def test_a_reminder_of_ones_own_is_part_of_the_template_and_of_its_file() -> None:
    form = TemplateForm.of(MOOD, None)
    assert edited(form.values, "add-own") == "reminders.own-1.text"
    form.values.put("reminders.own-1.text", "Bring your list.")
    form.values.put("reminders.own-1.time", "11:15 am")
    assert form.errors == {}
    own = form.template.reminders[-1]
    assert (own.id, own.at, own.text) == ("own-1", {"local": "D-2 11:15"}, "Bring your list.")
    assert load(dump(form.template).encode()) == form.template
    assert edited(form.values, "drop-own:own-1") == "add-own"
    assert TemplateForm(form.values, MOOD).template == MOOD


def test_what_differs_from_the_version_in_use_is_marked_with_what_that_says() -> None:
    form = form_with(prep__fasting_solids="6", phases__induction__schedule__per_week="2")
    assert form.was("prep.fasting_solids") == "4"
    assert form.was("prep.limit_fluids") is None
    assert form.changes("prep.") == 1
    assert form.changes("phases.") == 1


def test_a_form_without_phases_is_the_template_as_it_stands() -> None:
    assert TemplateForm.sent([("title.internal", "x")], MOOD, None).template == MOOD


def test_minutes_may_be_typed_where_hours_are_asked() -> None:
    prep = form_with(prep__limit_fluids="30 min").template.prep
    assert prep.limit_fluids_minutes == 30
    assert form_with(prep__limit_fluids="1,5 h").template.prep.limit_fluids_minutes == 90


def test_shares_of_a_nurse_may_be_typed_in_steps() -> None:
    form = form_with(resources__infusion__nurse="1 for 10 min, then 0.5")
    assert form.problems == ()
    assert form.template.part_needs("infusion").nurse == ((10, 100), (0, 50))


def test_several_intervals_make_a_choice() -> None:
    form = form_with(phases__taper__schedule__n="1, 2 or 4", phases__taper__schedule__n_default="2")
    assert form.problems == ()


def test_a_removed_phase_leaves_no_phase_that_leads_to_it() -> None:
    form = form_with(phases__induction__next="booster")
    edited(form.values, "remove-phase:booster")
    again = TemplateForm(form.values, MOOD)
    assert again.problems == ()
    assert [one.next for one in again.template.phases] == ["taper", None]


def test_the_last_phase_and_the_last_profile_stay() -> None:
    form = form_with()
    for command in ("remove-phase:induction", "remove-phase:taper", "remove-phase:booster"):
        edited(form.values, command)
    assert form.values.many("phase") == ["booster"]
    edited(form.values, "remove-profile:first")
    edited(form.values, "remove-profile:std")
    assert form.values.many("profile") == ["std"]


def test_a_removed_profile_takes_its_rules_with_it() -> None:
    form = form_with()
    edited(form.values, "remove-profile:first")
    again = TemplateForm(form.values, MOOD)
    assert again.problems == ()
    assert again.template.profile_rules == ()


@pytest.mark.parametrize("kind", ["quota", "every", "offsets", "daily_run", "spread", "on_demand"])
def test_a_pattern_that_is_chosen_begins_with_figures_that_work(kind: str) -> None:
    form = form_with()
    form.values.drop("phases.taper.schedule")
    form.values.put("phases.taper.schedule.type", kind)
    with_defaults(form.values)
    again = TemplateForm(form.values, MOOD)
    assert again.problems == ()
    assert again.template.phase("taper").schedule.kind == kind


def test_a_run_that_comes_again_begins_with_a_cycle() -> None:
    form = form_with(phases__taper__schedule__type="daily_run")
    form.values.put("phases.taper.schedule.repeats", True)
    with_defaults(form.values)
    assert TemplateForm(form.values, MOOD).problems == ()


def test_every_field_that_can_be_wrong_has_a_name_for_people() -> None:
    form = TemplateForm.of(MOOD, None)
    for name in NUMBERS:
        assert "." not in field_label(form.values, name)
        assert "_" not in field_label(form.values, name)


def test_phases_are_added_up_to_a_limit() -> None:
    form = form_with()
    for _ in range(40):
        edited(form.values, "add-phase")
    assert len(form.values.many("phase")) == 20
    assert TemplateForm(form.values, MOOD).problems == ()

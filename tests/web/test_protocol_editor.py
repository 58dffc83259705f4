"""The template editor without script: every button is a form, and nothing typed is lost."""

from __future__ import annotations

import pytest
from flask import Flask

from scheduler.services import protocols
from scheduler.services.protocol_files import parsed
from scheduler.transaction import transaction
from scheduler.web.forms.text import clean_line
from tests.desk import Desk
from tests.factories import LONG_AGO, make_actor, make_organisation
from tests.page_forms import text_of
from tests.template_desk import do, make_mood_clinic, newest, numbers, press, sign_in
from tests.template_factories import built_in

LONG = "x" * 10_000
NASTY = {
    "nothing": "",
    "long": LONG,
    "emoji": "🙂 Serie 🙂",
    "hebrew": "סדרת טיפולים",
    "controls": "a\x00b\x07c\u2028d\u202ee",
    "quotes": '"it\'s" `so`',
    "markup": "<script>alert(1)</script>&amp;{{ 7*7 }}",
    "huge": "9" * 40,
    "negative": "-3",
    "decimal": "2.5",
    "words": "six",
}


@pytest.fixture
def organisation_id(app: Flask) -> int:
    return make_mood_clinic(app)


@pytest.fixture
def manager(app: Flask, organisation_id: int) -> Desk:
    return sign_in(app, organisation_id, "manager")


def test_an_unchanged_form_saves_nothing(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/1")
    assert press(manager, "Save as").status_code == 200
    assert "Nothing had changed." in manager.text
    assert numbers(app) == [1]


def test_a_changed_field_makes_the_next_version(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/1")
    press(manager, "Save as", prep__fasting_solids="6")
    assert "Version 2 is a draft." in manager.text
    assert parsed(newest(app).document).prep.fasting_solids_minutes == 360
    assert numbers(app) == [1, 2]


def test_what_the_parts_hold_is_edited_shown_on_the_page_and_exported(
    manager: Desk, app: Flask
) -> None:
    manager.get("/protocols/1")
    assert manager.form("editor").value("resources.recovery.bay") == "1"
    changes: dict[str, str | list[str]] = {
        "resources.prep.monitor": "2",
        "resources.discharge.provider_on_site": "1",
        "resources.recovery.bay": [],
        "resources.discharge.bay": "1",
    }
    manager.press(manager.form("editor"), "Save as", **changes)
    needs = {one.name: one for one in parsed(newest(app).document).needs}
    assert (needs["prep"].monitor, needs["discharge"].provider_on_site) == (2, True)
    assert (needs["recovery"].bay, needs["discharge"].bay) == (False, True)
    manager.get("/protocols/1/versions/2")
    assert "1 of a nurse, 2 monitors" in manager.text
    assert "1 of a nurse, provider on site, may go on in a recovery bay" in manager.text
    exported = manager.get("/protocols/1/versions/2/export").text
    assert "discharge: {chair: true, nurse: 1, provider_on_site: true, bay: true}" in exported


NAMES = (
    "title.internal",
    "title.public",
    "requires",
    "prep.fasting_solids",
    "prep.arrive_early",
    "phases.induction.title",
    "phases.induction.schedule.per_week",
    "phases.induction.schedule.count.default",
    "phases.induction.schedule.gap.hard_min",
    "phases.induction.span.max_days",
    "phases.induction.extend.by",
    "phases.induction.reviews.0.number",
    "phases.taper.schedule.n",
    "profiles.std.parts.infusion",
    "profiles.std.low.recovery",
    "rules.0.tests.0.value",
    "resources.infusion.nurse",
    "reminders.R3.time",
    "reminders.R3.days",
    "reminders.R5.offset",
)


@pytest.mark.parametrize("typed", NASTY.values(), ids=list(NASTY))
def test_bad_input_everywhere_is_refused_and_kept(manager: Desk, app: Flask, typed: str) -> None:
    manager.get("/protocols/1")
    form = manager.form("editor")
    answer = manager.press(form, "Save as", **dict.fromkeys(NAMES, typed))
    assert answer.status_code == 422
    assert "What you typed is kept." in manager.text
    again = manager.form("editor")
    assert {again.value(name) for name in NAMES} == {clean_line(typed)}
    assert numbers(app) == [1]
    assert "<script>alert(1)</script>" not in answer.text


def test_a_refused_form_names_every_field_with_a_link(manager: Desk) -> None:
    manager.get("/protocols/1")
    answer = press(
        manager,
        "Save as",
        phases__induction__schedule__count__default="0",
        prep__limit_fluids="soon",
    )
    assert answer.status_code == 422
    assert "2 things need you." in manager.text
    assert 'href="#phases-induction-schedule-count-default"' in answer.text
    assert 'href="#prep-limit_fluids"' in answer.text
    assert "Induction: visits , No drinks before ." in manager.text


def test_a_phase_is_added_ordered_and_removed_without_saving(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/1")
    do(manager, "add-phase")
    assert manager.form("editor").values("phase") == ["induction", "taper", "booster", "phase-1"]
    do(manager, "up-phase:phase-1")
    assert manager.form("editor").values("phase") == ["induction", "taper", "phase-1", "booster"]
    do(manager, "remove-phase:taper")
    assert manager.form("editor").values("phase") == ["induction", "phase-1", "booster"]
    assert numbers(app) == [1]
    press(manager, "Save as", **{"phases__phase-1__title": "Weekly ones"})
    saved = parsed(newest(app).document)
    assert [(one.id, one.next) for one in saved.phases] == [
        ("induction", "phase-1"),
        ("phase-1", "booster"),
        ("booster", None),
    ]
    assert saved.phase("phase-1").label == "Weekly ones"


def test_each_pattern_begins_with_a_plan(manager: Desk, app: Flask) -> None:
    for kind in ("quota", "offsets", "daily_run", "spread", "on_demand", "every"):
        manager.get("/protocols/1")
        form = manager.form("editor")
        show = next(one for one in form.buttons if one.value == "show")
        manager.press(form, show, **{"phases.taper.schedule.type": kind})
        assert "Rules checked: plans exist" in manager.text
        assert press(manager, "Save as").status_code == 200, manager.text
        assert parsed(newest(app).document).phase("taper").schedule.kind == kind


def test_a_pattern_taken_back_finds_what_was_typed_for_it(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/1")
    for kind in ("on_demand", "quota"):
        form = manager.form("editor")
        show = next(one for one in form.buttons if one.value == "show")
        manager.press(form, show, **{"phases.induction.schedule.type": kind})
    press(manager, "Save as")
    assert "Nothing had changed." in manager.text
    assert numbers(app) == [1]


def test_weekday_sets_reviews_rules_and_profiles_are_added_and_removed(
    manager: Desk, app: Flask
) -> None:
    manager.get("/protocols/1")
    for command in (
        "add-set:induction",
        "add-review:booster",
        "add-rule",
        "add-test:1",
        "add-profile",
    ):
        assert do(manager, command).status_code == 200
    answer = press(
        manager,
        "Save as",
        phases__induction__schedule__sets__2=["su"],
        phases__booster__reviews__0__number="2",
        phases__booster__reviews__0__ask="go on?",
        rules__1__tests__1__value="90",
    )
    assert answer.status_code == 200, manager.text
    saved = parsed(newest(app).document)
    assert len(saved.profiles) == 3
    assert len(saved.profile_rules) == 3
    assert saved.phase("booster").reviews[0].ask == "go on?"
    for command in (
        "drop-set:induction:2",
        "drop-review:booster:0",
        "drop-rule:1",
        "remove-profile:visit-1",
    ):
        do(manager, command)
    press(manager, "Save as")
    assert parsed(newest(app).document) == built_in("ket-mood-3x2")


def test_a_command_that_makes_no_sense_changes_nothing(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/1")
    form = manager.form("editor")
    for command in ("nonsense", "up-phase:gone", "drop-set:x:y:z", "add-set", "", "add-set:gone"):
        answer = manager.client.post("/protocols/1", data=form.filled(do=command))
        assert answer.status_code == 200
    assert numbers(app) == [1]


def test_the_preview_shows_real_days_and_what_they_mean(manager: Desk) -> None:
    manager.get("/protocols/1")
    sent = manager.form("editor").filled(**{"preview.first": "Wed 6 Jan 2027"})
    answer = manager.client.post("/protocols/1/preview", data=sent)
    words = text_of(answer.text)
    assert "January 2027" in words
    assert "1 to 6 induction, 12 days" in words
    assert "26 of 26 start days in January give a full plan" in words
    assert "Needs 10.8 chair-hours and 5.1 nurse-hours for 6 visits" in words
    later = manager.client.post("/protocols/1/preview", data=sent | {"do": "later"})
    assert "Start Thu 7 Jan" in text_of(later.text)


def test_the_preview_turns_into_the_reason_when_no_plan_exists(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/1")
    changes: dict[str, str | list[str]] = {
        "phases.induction.schedule.gap.hard_min": "3",
        "phases.induction.schedule.gap.target": "3",
        "phases.induction.schedule.count.default": "5",
        "phases.induction.schedule.sets": [],
        "phases.induction.span.max_days": "10",
    }
    sent = manager.form("editor").filled(**changes)
    answer = manager.client.post("/protocols/1/preview", data=sent)
    assert "5 visits, least gap 3 days, cannot fit in 10 days: 12 are needed." in answer.text
    assert 'data-wrong="phases-induction-span-max_days"' in answer.text
    manager.press(manager.form("editor"), "Save as", **changes)
    assert numbers(app) == [1, 2]
    assert "Rules: no plan is possible yet" in manager.text
    button = manager.form("editor").button("Save and ask for approval")
    manager.press(manager.form("editor"), button)
    assert "Saved, but nobody was asked for approval." in manager.text
    assert newest(app).submitted_at is None


def test_two_managers_see_both_versions_and_lose_nothing(
    manager: Desk, app: Flask, organisation_id: int
) -> None:
    other = sign_in(app, organisation_id, "admin")
    manager.get("/protocols/1")
    other.get("/protocols/1")
    press(other, "Save as", prep__fasting_solids="8")
    answer = press(manager, "Save as", prep__fasting_solids="6", title__internal="My title")
    assert answer.status_code == 409
    assert "The admin saved version 2 while you were working." in manager.text
    assert "Preparation: No food before 8 h 6 h" in manager.text
    assert manager.form("editor").value("title.internal") == "My title"
    assert numbers(app) == [1, 2]
    press(manager, "Save as")
    assert numbers(app) == [1, 2, 3]
    assert parsed(newest(app).document).prep.fasting_solids_minutes == 360


def test_without_a_site_the_editor_says_why_there_are_no_dates(app: Flask) -> None:
    with app.app_context():
        with transaction():
            alone = make_organisation("Alone").id
        actor = make_actor(alone, "manager")
        made = protocols.create_from_library("ket-mood-3x2", actor, now=LONG_AGO)
    desk = sign_in(app, alone, "manager")
    desk.get(f"/protocols/{made.protocol_id}")
    assert "The dates appear when the clinic has a site with opening hours." in desk.text

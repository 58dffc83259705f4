"""The built-in library is regimens.yaml, nothing more and nothing less, with its sources."""

from __future__ import annotations

from scheduler.planning.schedules import KINDS
from scheduler.planning.visit_profile import usual_needs
from scheduler.planning.words.source import source_rows
from scheduler.planning.writing.protocol import needs_to_plain, to_plain
from scheduler.services.protocol_files import dump, load
from scheduler.services.protocol_library import blank, library, rungs, templates
from tests.template_factories import built_in


def test_the_mood_and_pain_series_come_first() -> None:
    names = [one.id for one in templates()]
    assert names[:4] == ["ket-mood-3x2", "ket-mood-2x3", "ket-pain-6", "ket-reinduction"]
    assert sorted(names) == sorted(library().regimens)


def test_all_six_patterns_are_in_the_library() -> None:
    kinds = {phase.schedule.kind for one in templates() for phase in one.phases}
    assert kinds == set(KINDS)


def test_figures_of_the_file_arrive_unchanged() -> None:
    for name, raw in library().regimens.items():
        plain = to_plain(built_in(name))
        by_id = {phase["id"]: phase for phase in plain["phases"]}
        for phase in raw["phases"]:
            for key, value in phase["schedule"].items():
                assert by_id[phase["id"]]["schedule"][key] == value, (name, phase["id"], key)
            for key in ("span", "extend", "reviews", "missed", "renew", "next", "optional"):
                assert by_id[phase["id"]].get(key) == phase.get(key), (name, phase["id"], key)
        for profile, given in raw.get("profiles", {}).items():
            assert plain["profiles"][profile]["parts"] == given["parts"]
            assert plain["profiles"][profile].get("range") == given.get("range")
            assert plain["profiles"][profile].get("floors") == given.get("floors")


def test_every_cited_source_is_named_and_shown() -> None:
    for template in templates():
        keys = {one.key for one in template.sources}
        cited = {word for row in source_rows(template) for word in row.words.split("; ")}
        known = {word for word in cited if word in library().sources}
        assert known <= keys
        assert keys, template.id


def test_usual_shares_are_those_of_the_file() -> None:
    for kind, sedating in (("sedating", True), ("non_sedating", False)):
        ours = {needs.name: needs_to_plain(needs) for needs in usual_needs(sedating)}
        for part, given in library().resources[kind].items():
            assert ours[part] == given, (kind, part)


def test_a_stored_document_needs_nothing_but_itself() -> None:
    for template in templates():
        document = dump(template)
        assert "extends" not in document
        assert load(document.encode()) == template


def test_an_empty_template_is_a_template() -> None:
    assert load(dump(blank()).encode()) == blank()


def test_reminders_that_may_be_added_are_those_of_the_file() -> None:
    names = [rule.id for rule in rungs()]
    assert names[:6] == ["R0", "R1", "R2", "R3", "R3p", "R4"]
    assert len(names) == 15


def test_no_template_stores_a_dose() -> None:
    for template in templates():
        assert " mg" not in dump(template).replace("500 mg weekly ceiling", "")

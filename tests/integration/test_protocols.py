"""Versions of a template on both engines: who may save and approve, and what never changes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import IllegalChange, Invalid, NotAllowed, NotFound
from scheduler.extensions import db
from scheduler.models import AuditEntry, ProtocolVersion, Series, Site, User
from scheduler.planning.protocol import Protocol as Template
from scheduler.planning.schedules import Count, Spread
from scheduler.services import people, protocol_pages, protocols
from scheduler.services.actor import Actor
from scheduler.services.protocol_check import NoPlanPossible
from scheduler.services.protocol_files import dump, parsed
from scheduler.services.protocols import SaveRequest, StaleVersion
from scheduler.services.rights import rights_of
from scheduler.transaction import transaction
from tests.factories import make_clinic, make_organisation, make_patient, make_series
from tests.template_factories import built_in

NOW = datetime(2027, 1, 4, 15, tzinfo=UTC)
MOOD = "ket-mood-3x2"


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The stricter one; the pages' tests go the same ways on SQLite."""
    return "postgresql"


@pytest.fixture(autouse=True)
def opened(ground: Flask) -> Iterator[None]:
    with ground.app_context():
        yield


def staff(organisation_id: int, *roles: str, user_id: int | None = None) -> Actor:
    return Actor(
        organisation_id=organisation_id,
        user_id=user_id,
        name=f"Somebody, {roles[0]}",
        rights=rights_of(list(roles)),
    )


@pytest.fixture
def clinic() -> int:
    """The id of an organisation with a site that opens from Monday to Friday."""
    with transaction():
        return make_clinic().organisation_id


@pytest.fixture
def manager(clinic: int) -> Actor:
    return staff(clinic, "manager")


@pytest.fixture
def provider(clinic: int) -> Actor:
    return staff(clinic, "provider")


@pytest.fixture
def mood(manager: Actor) -> int:
    return protocols.create_from_library(MOOD, manager, now=NOW).protocol_id


def newest(protocol_id: int, actor: Actor) -> ProtocolVersion:
    return protocol_pages.one_template(protocol_id, actor).newest


def changed(protocol_id: int, actor: Actor, title: str) -> Template:
    return replace(parsed(newest(protocol_id, actor).document), title=title)


def save(protocol_id: int, actor: Actor, title: str, base: int = 1) -> int:
    request = SaveRequest(template=changed(protocol_id, actor, title), base_number=base)
    return protocols.save(protocol_id, request, actor, now=NOW).number


def in_use(protocol_id: int, manager: Actor, provider: Actor, number: int = 1) -> None:
    protocols.submit(protocol_id, number, manager, now=NOW)
    protocols.approve(protocol_id, number, provider, now=NOW)


def test_a_template_from_the_library_is_a_draft_of_its_own(mood: int, manager: Actor) -> None:
    version = newest(mood, manager)
    assert (version.number, version.status) == (1, "draft")
    assert version.document == dump(built_in(MOOD))
    again = protocols.create_from_library(MOOD, manager, now=NOW)
    assert protocol_pages.one_template(again.protocol_id, manager).row.key == "ket-mood-3x2-2"


def test_saving_makes_a_new_version_and_leaves_the_old_one_to_the_byte(
    mood: int, manager: Actor
) -> None:
    before = newest(mood, manager).document
    assert save(mood, manager, "Mood, our way") == 2
    versions = protocol_pages.one_template(mood, manager)
    assert versions.numbered(1).document == before
    assert versions.newest.title == versions.row.title == "Mood, our way"


def test_saving_what_has_not_changed_makes_no_version(mood: int, manager: Actor) -> None:
    same = SaveRequest(template=parsed(newest(mood, manager).document), base_number=1)
    saved = protocols.save(mood, same, manager, now=NOW)
    assert (saved.number, saved.is_new) == (1, False)


def test_a_running_series_keeps_its_version(mood: int, manager: Actor, provider: Actor) -> None:
    in_use(mood, manager, provider)
    with transaction():
        version = protocol_pages.one_template(mood, manager).in_use
        assert version is not None
        site = db.session.scalars(select(Site)).one()
        series = make_series(site, make_patient(site), version=version)
        kept, series_id = version.document, series.id
    save(mood, manager, "Changed")
    in_use(mood, manager, provider, 2)
    row = db.session.scalar(select(Series).where(Series.id == series_id))
    assert row is not None
    assert row.protocol_version.document == kept
    versions = protocol_pages.one_template(mood, manager)
    assert versions.in_use is versions.newest
    assert versions.running == {1: 1}


def test_approval_retires_the_version_before_it(mood: int, manager: Actor, provider: Actor) -> None:
    in_use(mood, manager, provider)
    save(mood, manager, "Second")
    in_use(mood, manager, provider, 2)
    found = protocol_pages.one_template(mood, manager)
    assert [one.status for one in found.row.versions] == ["retired", "approved"]
    assert found.newest.approved_by_name == provider.name
    assert found.row.versions[0].retired_at == NOW


def test_nobody_approves_their_own_draft(clinic: int) -> None:
    """Screens 05: also not somebody who is manager and prescriber at once."""
    person = people.NewUser(
        organisation_id=clinic,
        email="alma@staff.example",
        name="Alma Both",
        roles=("manager", "provider"),
        password_hash="none",
    )
    people.add_user(person, now=NOW)
    user_id: int = db.session.scalars(select(User.id)).one()
    both = staff(clinic, "manager", "provider", user_id=user_id)
    made = protocols.create_from_library(MOOD, both, now=NOW)
    protocols.submit(made.protocol_id, 1, both, now=NOW)
    with pytest.raises(NotAllowed, match="Somebody else"):
        protocols.approve(made.protocol_id, 1, both, now=NOW)
    assert newest(made.protocol_id, both).status == "draft"
    protocols.approve(made.protocol_id, 1, staff(clinic, "provider"), now=NOW)
    assert newest(made.protocol_id, both).status == "approved"


def test_only_what_was_asked_for_is_approved(mood: int, manager: Actor, provider: Actor) -> None:
    with pytest.raises(IllegalChange):
        protocols.approve(mood, 1, provider, now=NOW)
    protocols.submit(mood, 1, manager, now=NOW)
    with pytest.raises(IllegalChange):
        protocols.submit(mood, 1, manager, now=NOW)
    save(mood, manager, "Later draft")
    with pytest.raises(StaleVersion):
        protocols.approve(mood, 1, provider, now=NOW)
    assert protocol_pages.one_template(mood, manager).in_use is None


def test_of_two_managers_the_second_one_is_told(mood: int, manager: Actor) -> None:
    save(mood, manager, "Hers", base=1)
    with pytest.raises(StaleVersion) as stale:
        save(mood, manager, "His", base=1)
    assert stale.value.newest == 2
    assert newest(mood, manager).title == "Hers"


def test_of_eight_saves_at_the_same_moment_one_wins(
    ground: Flask, mood: int, manager: Actor
) -> None:
    template = parsed(newest(mood, manager).document)
    db.session.remove()

    def one(number: int) -> bool:
        request = SaveRequest(template=replace(template, title=f"Title {number}"), base_number=1)
        with ground.app_context():
            try:
                protocols.save(mood, request, manager, now=NOW)
            except StaleVersion:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 1
    assert newest(mood, manager).number == 2


@pytest.mark.parametrize("role", ["desk", "nurse", "provider"])
def test_only_a_manager_edits(mood: int, clinic: int, role: str) -> None:
    other = staff(clinic, role)
    with pytest.raises(NotAllowed):
        save(mood, other, "Not mine")
    with pytest.raises(NotAllowed):
        protocols.create_from_library(MOOD, other, now=NOW)
    with pytest.raises(NotAllowed):
        protocols.import_file(dump(built_in(MOOD)).encode(), other, now=NOW)
    with pytest.raises(NotAllowed):
        protocols.submit(mood, 1, other, now=NOW)


@pytest.mark.parametrize("role", ["desk", "nurse", "manager", "admin"])
def test_only_a_prescriber_approves(mood: int, manager: Actor, clinic: int, role: str) -> None:
    protocols.submit(mood, 1, manager, now=NOW)
    other = staff(clinic, role)
    for act in (protocols.approve, protocols.retire):
        with pytest.raises(NotAllowed):
            act(mood, 1, other, now=NOW)
    with pytest.raises(NotAllowed):
        protocols.send_back(mood, 1, "why", other, now=NOW)


def test_another_organisation_cannot_even_see_that_it_is_there(mood: int, provider: Actor) -> None:
    with transaction():
        elsewhere = make_organisation("Elsewhere").id
    stranger = staff(elsewhere, "manager", "provider")
    assert protocol_pages.all_templates(stranger) == []
    with pytest.raises(NotFound):
        protocol_pages.one_template(mood, stranger)
    for act in (protocols.submit, protocols.approve, protocols.retire):
        with pytest.raises(NotFound):
            act(mood, 1, stranger, now=NOW)
    template = built_in(MOOD)
    with pytest.raises(NotFound):
        protocols.save(mood, SaveRequest(template=template, base_number=1), stranger, now=NOW)


def impossible() -> Template:
    """Five visits in fourteen days with two a week (domain H16)."""
    iron = built_in("iron-sucrose-5in14")
    schedule = iron.first_phase.schedule
    assert isinstance(schedule, Spread)
    tight = replace(schedule, count=Count.fixed(5), max_per_7d=2)
    return replace(iron, phases=(replace(iron.first_phase, schedule=tight),))


def test_a_template_without_any_plan_is_not_approved(manager: Actor, provider: Actor) -> None:
    made = protocols.create(impossible(), manager, now=NOW)
    with pytest.raises(NoPlanPossible, match=r"cannot fit in 14 days: \d+ are needed"):
        protocols.submit(made.protocol_id, 1, manager, now=NOW)
    with pytest.raises(IllegalChange):
        protocols.approve(made.protocol_id, 1, provider, now=NOW)


def test_a_draft_that_is_sent_back_says_why(mood: int, manager: Actor, provider: Actor) -> None:
    protocols.submit(mood, 1, manager, now=NOW)
    with pytest.raises(Invalid):
        protocols.send_back(mood, 1, "", provider, now=NOW)
    protocols.send_back(mood, 1, "Longer fast, please.", provider, now=NOW)
    version = newest(mood, manager)
    assert version.submitted_at is None
    assert version.note == f"{provider.name}: Longer fast, please."
    protocols.submit(mood, 1, manager, now=NOW)


def test_a_version_out_of_use_stays_readable(mood: int, manager: Actor, provider: Actor) -> None:
    in_use(mood, manager, provider)
    protocols.retire(mood, 1, provider, now=NOW)
    versions = protocol_pages.one_template(mood, manager)
    assert versions.in_use is None
    assert versions.newest.status == "retired"
    with pytest.raises(IllegalChange):
        protocols.retire(mood, 1, provider, now=NOW)


def test_an_exported_template_comes_back_as_it_was(mood: int, manager: Actor) -> None:
    document = newest(mood, manager).document
    same = protocols.import_file(document.encode(), manager, now=NOW)
    assert (same.protocol_id, same.number, same.is_new) == (mood, 1, False)
    edited = document.replace("fasting_solids_h: 4", "fasting_solids_h: 6")
    assert protocols.import_file(edited.encode(), manager, now=NOW).number == 2
    assert newest(mood, manager).document == edited


def test_the_same_form_sent_twice_makes_one_template(manager: Actor) -> None:
    token = "0123456789abcdef"
    first = protocols.create_from_library(MOOD, manager, now=NOW, token=token)
    second = protocols.create_from_library(MOOD, manager, now=NOW, token=token)
    assert first.protocol_id == second.protocol_id
    assert len(protocol_pages.all_templates(manager)) == 1


def test_every_step_leaves_a_line_in_the_audit(mood: int, manager: Actor, provider: Actor) -> None:
    in_use(mood, manager, provider)
    protocols.retire(mood, 1, provider, now=NOW)
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["create_template", "submit_template", "approve_template", "retire_template"]


def test_earlier_drafts_are_left_out_of_the_list(mood: int, manager: Actor) -> None:
    for number in range(1, 4):
        save(mood, manager, f"Draft {number}", base=number)
    versions = protocol_pages.one_template(mood, manager)
    assert [one.number for one in versions.listed] == [4]
    assert versions.overtaken == 3

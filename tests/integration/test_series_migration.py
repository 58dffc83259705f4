"""Story 23: a changed template reaches running series only on a provider's word, told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from scheduler.errors import NotAllowed
from scheduler.extensions import db
from scheduler.models import Protocol, ProtocolVersion, Series
from scheduler.planning.preparation import PrepSet
from scheduler.planning.protocol import Protocol as Template
from scheduler.services import protocols, series_migration
from scheduler.services.actor import Actor
from scheduler.services.preparation import Setting
from scheduler.services.protocol_files import parsed
from scheduler.services.protocols import SaveRequest
from tests.post_office import UNDO, PostOffice, post_office


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The stricter one: it locks rows."""
    return "postgresql"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def six_hours(template: Template) -> Template:
    """A longer fast, and visits that take longer."""
    first, *rest = template.profiles
    longer = tuple((name, minutes + 10) for name, minutes in first.parts)
    return replace(
        template,
        prep=replace(template.prep, fasting_solids_minutes=360),
        profiles=(replace(first, parts=longer), *rest),
    )


def approved(office: PostOffice, version_id: int) -> int:
    """The template changed, saved and approved as version 2; its id."""
    version = db.session.get_one(ProtocolVersion, version_id)
    protocol_id, clinic = version.protocol_id, office.clinic
    changed = six_hours(parsed(version.document))
    request = SaveRequest(template=changed, base_number=1)
    manager, provider = clinic.somebody("manager"), clinic.somebody("provider")
    protocols.save(protocol_id, request, manager, now=office.now)
    protocols.submit(protocol_id, 2, manager, now=office.now)
    protocols.approve(protocol_id, 2, provider, now=office.now)
    return protocol_id


def setting(office: PostOffice, actor: Actor | None = None) -> Setting:
    return Setting(actor or office.clinic.somebody("provider"), office.now, UNDO.undo_seconds)


def test_chosen_series_follow_and_the_changed_instruction_is_sent_once(
    office: PostOffice,
) -> None:
    mine, other = office.book_series(0), office.book_series(1)
    office.deliver(minutes=3)
    protocol_id = approved(office, mine[0].protocol_version_id)
    page = series_migration.page(protocol_id, 1, setting(office))
    assert [(row.label, row.before, row.value) for one in page.changes for row in one.rows][-1] == (
        "No food before", "4 h", "6 h",
    )  # fmt: skip
    assert [(one.coming, one.other_length) for one in page.running] == [(6, 1), (6, 1)]
    desk = setting(office, office.clinic.somebody("desk"))
    with pytest.raises(NotAllowed):
        series_migration.migrate(protocol_id, 1, [], desk)
    chosen = mine[0].series_id
    assert chosen is not None
    done = series_migration.migrate(protocol_id, 1, [chosen], setting(office))
    assert (done.series, done.visits) == (1, 6)
    moved = office.visits([visit.id for visit in mine])
    assert {PrepSet.from_plain(visit.prep).fasting_solids_minutes for visit in moved} == {360}
    assert [visit.shape for visit in moved] == [visit.shape for visit in mine]
    (told,) = office.rows("prep", state="waiting")
    assert told.patient_id == office.clinic.patient_ids[0]
    mails = [post.message for post in office.deliver(minutes=3)]
    (mail,) = [one for one in mails if one["Subject"] == "Your preparation has changed"]
    body = mail.get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    days = "Mon 11 Jan, Wed 13 Jan, Fri 15 Jan, Mon 18 Jan, Wed 20 Jan, Fri 22 Jan"
    assert f"{days}: No food from 3:00 am." in text
    (kept,) = office.visits([other[0].id])
    assert PrepSet.from_plain(kept.prep).fasting_solids_minutes == 240
    again = series_migration.migrate(protocol_id, 1, [chosen], setting(office))
    assert again.series == 0


def test_what_was_ordered_otherwise_stays_and_a_missing_phase_stops_it(
    office: PostOffice,
) -> None:
    series_id = office.book_series()[0].series_id
    version_id = office.clinic.versions["ket-mood-3x2"]
    protocol_id = approved(office, version_id)
    in_use = db.session.query(ProtocolVersion).filter_by(protocol_id=protocol_id, number=2).one()
    assert db.session.get_one(Protocol, protocol_id).versions[-1].id == in_use.id
    series = db.session.get_one(Series, series_id)
    new = parsed(in_use.document)
    without = replace(new, phases=tuple(one for one in new.phases if one.id != series.phase))
    assert series_migration.why_not(series, [], without) == "It has no phase induction any more."
    assert series_migration.why_not(series, [], new) == ""

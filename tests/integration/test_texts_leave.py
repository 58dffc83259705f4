"""What leaves is written with the patient's language and the clinic's texts, or does not leave."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import MessageText, Site
from scheduler.services import tasks
from scheduler.services.outgoing import texts
from scheduler.services.outgoing.texts import TextRequest
from scheduler.transaction import transaction
from tests.calendar_readers import event_of, unescaped
from tests.clinic import NOW
from tests.post_office import DATES, PostOffice, post_office
from tests.unit.test_messages import text_of

SPANISH = "es"


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as office:
        yield office


def write(office: PostOffice, key: str, text: str, language: str = "en") -> None:
    table = key.rpartition(".")[0]
    manager = office.clinic.somebody("manager")
    page = texts.show(office.clinic.site_id, language, table, manager)
    request = TextRequest(language=language, table=table, texts={key: text})
    texts.save(office.clinic.site_id, request, manager, version=page.version, now=NOW)


def test_a_spanish_patient_reads_spanish_everywhere(office: PostOffice) -> None:
    office.change_patient(language=SPANISH)
    write(office, "letter.greeting", "Estimada {first_name}:", SPANISH)
    office.book_series()
    digest, invite, *_ = office.deliver(minutes=4)
    assert str(digest.message["Subject"]) == "Sus citas"
    assert "Estimada " in text_of(digest.data)
    assert "No coma nada a partir de las 5:00 a. m." in text_of(digest.data)
    event = event_of(invite.calendar, "REQUEST")
    assert event.one("SUMMARY") == "Cita"
    assert "Deje de beber líquidos" in unescaped(event.one("DESCRIPTION"))
    alarms = [unescaped(one.one("DESCRIPTION")) for one in event.children("VALARM")]
    assert [alarm.split()[0] for alarm in alarms] == ["No", "¿Quién"]
    assert {row.wording for row in office.rows(state="sent")} == {"es v2"}


def test_a_new_text_holds_for_what_has_not_left_yet(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=4)
    write(office, "r3.subject", "In three days: {day}")
    (reminder,) = office.at(DATES[0].replace(day=8), 10)
    assert str(reminder.message["Subject"]) == "In three days: Mon 11 Jan"


def test_a_telling_word_stops_its_message_alone_and_somebody_calls(office: PostOffice) -> None:
    """As another program, or an older list of words, may have left it in the database."""
    office.book_series()
    put(office, "digest.subject", "Your infusions")
    assert len(office.deliver(minutes=4)) == len(DATES)
    (digest,) = office.rows("digest")
    assert (digest.state, digest.body) == ("failed", None)
    assert "infusions" in digest.why
    assert [task.outbox_id for task in office.tasks(tasks.FAILED_MESSAGE)] == [digest.id]


def test_a_text_that_this_program_cannot_fill_gives_way_to_the_shipped_one(
    office: PostOffice,
) -> None:
    office.book_series()
    put(office, "digest.subject", "See {gone_placeholder}")
    put(office, "gone.subject", "Of a message that is no more")
    digest, *_ = office.deliver(minutes=4)
    assert str(digest.message["Subject"]) == "Your appointments"


def put(office: PostOffice, key: str, text: str) -> None:
    """Past the editor."""
    with transaction():
        site = db.session.get_one(Site, office.clinic.site_id)
        about = {"organisation_id": site.organisation_id, "site_id": site.id, "version": 1}
        row = MessageText(language="en", key=key, text=text, by_name="?", created_at=NOW, **about)
        db.session.add(row)
        site.messages_version += 1

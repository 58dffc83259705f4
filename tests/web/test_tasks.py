"""Tasks: what a person does because a message cannot, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from scheduler.models import Task
from scheduler.services.outgoing import escalations
from tests.clinic import NOW, make_clinic
from tests.desk import Desk, add_staff
from tests.post_office import PostOffice, post_office


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def office(app: Flask) -> Iterator[PostOffice]:
    with post_office(app, email=False) as running:
        yield running


@pytest.fixture
def desk(office: PostOffice) -> Desk:
    return Desk(office.app, add_staff(office.clinic.organisation_id, "desk"))


def calls_at(office: PostOffice, on: date, hour: int) -> list[Task]:
    """The calls that are open once that time has come."""
    office.at(on, hour)
    escalations.open_due(now=office.now)
    return office.tasks("call_before")


def test_no_task_is_good_news(desk: Desk) -> None:
    desk.get("/tasks")
    assert "No task is waiting" in desk.text


def test_a_patient_without_email_is_a_letter_now_and_calls_later(
    office: PostOffice, desk: Desk
) -> None:
    office.book_series()
    desk.get("/tasks")
    assert "print and send the letter with all dates" in desk.text
    assert "Pat1 Invented" in desk.text
    assert "555-0101" in desk.text
    calls_at(office, date(2027, 1, 8), 10)
    desk.get("/tasks")
    assert "Reminder call" in desk.text


def test_a_letter_is_printed_sent_and_ended_with_one_button(office: PostOffice, desk: Desk) -> None:
    office.book_series()
    (letter,) = office.tasks("letter")
    desk.get(f"/tasks/{letter.id}")
    assert f"/patients/{letter.patient_id}/letter" in desk.page
    desk.post(f"/tasks/{letter.id}", {"outcome": "letter_sent", "note": "At\u202e noon"})
    (done,) = office.tasks("letter", state="done")
    assert (done.outcome, done.done_by_name) == (
        "Letter printed and sent. At noon",
        "Dana Front",
    )


def test_an_outcome_in_words_is_asked_for_and_what_was_typed_is_kept(
    office: PostOffice, desk: Desk
) -> None:
    office.book_series()
    (letter,) = office.tasks("letter")
    desk.get("/tasks")
    for typed in ("", "   ", "\u200b", "z" * 501):
        answer = desk.post(f"/tasks/{letter.id}", {"outcome": "other", "note": typed})
        assert answer.status_code == 422
        assert "Say in a few words what came of it." in desk.text
        assert (f'value="{typed.strip()}"' in answer.text) or not typed.strip("\u200b ")
    assert len(office.tasks("letter")) == 1


def test_a_task_is_done_once(office: PostOffice, desk: Desk) -> None:
    office.book_series()
    (letter,) = office.tasks("letter")
    desk.get(f"/tasks/{letter.id}")
    desk.post(f"/tasks/{letter.id}", {"outcome": "letter_sent"})
    desk.post(f"/tasks/{letter.id}", {"outcome": "other", "note": "Sent again"})
    desk.get("/tasks")
    assert "closed already" in desk.text
    outcomes = [task.outcome for task in office.tasks("letter", state="done")]
    assert outcomes == ["Letter printed and sent."]


def test_another_organisations_task_answers_like_a_missing_one(office: PostOffice) -> None:
    office.book_series()
    stranger = Desk(office.app, add_staff(make_clinic().organisation_id, "desk"))
    stranger.get("/tasks")
    assert "No task is waiting" in stranger.text
    (letter,) = office.tasks("letter")
    assert stranger.get(f"/tasks/{letter.id}").status_code == 404
    assert stranger.post(f"/tasks/{letter.id}", {"outcome": "other"}).status_code == 404


def test_story_9_a_patient_without_email_or_mobile_is_written_to_and_called(
    office: PostOffice, desk: Desk
) -> None:
    """Domain I, story 9: letter, call three days before, call on the day before; the caller
    confirms, and who was not reached is called again."""
    visit = office.book_series()[0]
    (letter,) = office.tasks("letter")
    desk.get(f"/tasks/{letter.id}")
    desk.post(f"/tasks/{letter.id}", {"outcome": "letter_sent"})

    first = calls_at(office, date(2027, 1, 8), 10)[0]
    desk.get(f"/tasks/{first.id}")
    for said in (
        "May I speak with Pat1?",
        "date of birth",
        "Mon 11 Jan",
        "8:45 am",
        "No food from",
    ):
        assert said in desk.text
    for said in ("Check the birth date", "555-0101", "Voicemail, nothing more than"):
        assert said in desk.text
    desk.post(f"/tasks/{first.id}", {"outcome": "no_answer"})
    desk.get(f"/tasks/{first.id}")
    assert "Tried:" in desk.text
    (again,) = [task for task in office.tasks("call_before") if task.id == first.id]
    assert (again.tries, again.due_at) == (1, NOW + timedelta(minutes=30))
    driver = {"driver_name": "Ben", "driver_phone": "555-0150", "may_text": "y"}
    desk.post(f"/tasks/{first.id}", {"outcome": "confirmed", **driver})
    (confirmed,) = office.visits([visit.id])
    assert (confirmed.state, confirmed.coming) == ("confirmed", "yes")
    assert (confirmed.driver_name, confirmed.driver_phone) == ("Ben", "555-0150")

    second = calls_at(office, date(2027, 1, 10), 16)[0]
    desk.get(f"/tasks/{second.id}")
    assert "Ben takes you home" in desk.text
    desk.post(f"/tasks/{second.id}", {"outcome": "problem", "note": "Has a fever"})
    (problem,) = office.tasks("problem")
    assert (problem.priority, "Has a fever" in problem.what) == (1, True)
    desk.get("/tasks")
    assert "1 urgent" in desk.text
    assert not office.box.posts


def test_a_wrong_number_is_marked_and_what_the_call_was_for_goes_on(
    office: PostOffice, desk: Desk
) -> None:
    office.change_patient(no_voicemail=True, language="es")
    office.book_series()
    call = calls_at(office, date(2027, 1, 8), 10)[0]
    desk.get(f"/tasks/{call.id}")
    assert "Do not leave a voicemail." in desk.text
    assert "¿Puedo hablar con Pat1?" in desk.text
    desk.post(f"/tasks/{call.id}", {"outcome": "wrong_number"})
    (number,) = office.tasks("number")
    assert call.what in number.what
    assert office.visits([number.visit_id or 0])[0].patient.phone_bad_at is not None

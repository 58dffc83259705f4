"""Tasks: what a person does because a message cannot, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

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


def test_no_task_is_good_news(desk: Desk) -> None:
    desk.get("/tasks")
    assert "No task is waiting" in desk.text


def test_a_patient_without_email_is_a_letter_now_and_calls_later(
    office: PostOffice, desk: Desk
) -> None:
    office.book_series()
    desk.get("/tasks")
    assert "8 tasks open" in desk.text
    assert "print and send the letter with all dates" in desk.text
    assert "Reminder call" in desk.text
    assert "Pat1 Invented" in desk.text
    assert "555-0101" in desk.text


def test_a_task_ends_with_what_came_of_it(office: PostOffice, desk: Desk) -> None:
    office.book_series()
    desk.get("/tasks")
    (letter,) = office.tasks("letter")
    answer = desk.post(f"/tasks/{letter.id}/done", {"outcome": "Sent\u202e at noon"})
    assert answer.status_code == 302
    (done,) = office.tasks("letter", state="done")
    assert (done.outcome, done.done_by_name) == ("Sent at noon", "Dana Front")
    desk.get("/tasks")
    assert "7 tasks open" in desk.text


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "z" * 501])
def test_an_outcome_is_asked_for_and_what_was_typed_is_kept(
    office: PostOffice, desk: Desk, typed: str
) -> None:
    office.book_series()
    desk.get("/tasks")
    (letter,) = office.tasks("letter")
    answer = desk.post(f"/tasks/{letter.id}/done", {"outcome": typed})
    assert answer.status_code == 422
    assert "Say in a few words what came of it." in desk.text
    assert (f'value="{typed.strip()}"' in answer.text) or not typed.strip("\u200b ")
    assert len(office.tasks("letter")) == 1


def test_a_task_is_done_once(office: PostOffice, desk: Desk) -> None:
    office.book_series()
    desk.get("/tasks")
    (letter,) = office.tasks("letter")
    desk.post(f"/tasks/{letter.id}/done", {"outcome": "Sent"})
    desk.post(f"/tasks/{letter.id}/done", {"outcome": "Sent again"})
    desk.get("/tasks")
    assert "closed already" in desk.text
    assert [task.outcome for task in office.tasks("letter", state="done")] == ["Sent"]


def test_another_organisations_task_answers_like_a_missing_one(office: PostOffice) -> None:
    office.book_series()
    stranger = Desk(office.app, add_staff(make_clinic().organisation_id, "desk"))
    stranger.get("/tasks")
    assert "No task is waiting" in stranger.text
    (letter,) = office.tasks("letter")
    assert stranger.post(f"/tasks/{letter.id}/done", {"outcome": "Sent"}).status_code == 404

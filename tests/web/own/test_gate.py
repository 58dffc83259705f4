"""What a link opens, to whom and for how long; what a stranger sees (trust I22, I23)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import select

from config import Settings
from scheduler import create_app
from scheduler.extensions import db
from scheduler.models import Answer, Link, Outbox, Patient, Task, Visit
from scheduler.services import cancelling, moving
from scheduler.services.booking import book
from scheduler.services.cancelling import CancelRequest
from scheduler.services.moving import MoveRequest
from scheduler.services.own import links
from scheduler.services.proposals import offer
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, NOW, Clinic, new_token
from tests.discreet import tell_tales
from tests.ground import released
from tests.own_pages import DRIVER, Phone, minted, patient, visit


def test_before_the_birth_date_only_clinic_date_arrival_and_place_are_shown(phone: Phone) -> None:
    answer = phone.get()

    assert "Cedar House" in phone.text
    assert "Monday, 11 January Arrive" in phone.text
    assert "12 Elm Street" in phone.text
    for hidden in ("Pat1", "Leave about", "Stop eating", "takes you home", "Wed 13"):
        assert hidden not in phone.text
    assert not tell_tales(phone.page)
    assert "://" not in phone.page.replace("http://www.w3.org", "")  # nobody else's asset
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_a_fifth_wrong_birth_date_locks_the_link_also_for_the_right_one(
    phone: Phone, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    phone.get()
    for left in ("4 tries left", "3 tries left", "2 tries left", "1 try left"):
        phone.send("open", month="3", day="9", year="1978")
        assert left in phone.text
    phone.send("open", month="3", day="9", year="1978")

    assert "Try again after 11:00 am" in phone.text
    phone.get()
    assert "11:00 am, or call 555-0100" in phone.text
    assert 'name="month"' not in phone.page

    clock.shift(timedelta(minutes=61))
    phone.prove(patient(clinic))
    assert "Hello Pat1" in phone.text


def test_what_is_no_date_costs_no_try(phone: Phone) -> None:
    phone.get()
    phone.send("open", month="13", day="x", year="")
    assert "Write the month, the day and the year" in phone.text
    phone.send("open", month="3", day="9", year="1978")
    assert "4 tries left" in phone.text


def test_the_proof_is_for_this_link_and_half_an_hour(
    app: Flask, opened: Phone, visits: tuple[int, ...], clock: time_machine.Traveller
) -> None:
    assert "Hello Pat1" in opened.text
    other = Phone(app, minted(links.PAGE, visits[0]))
    other.client = opened.client
    other.get()
    assert "Hello" not in other.text

    clock.shift(timedelta(minutes=31))
    opened.send("coming", **DRIVER)
    assert "Enter your date of birth" in opened.text
    assert visit(visits[0]).coming == ""


def test_unknown_expired_revoked_and_other_purpose_are_one_answer(
    app: Flask, visits: tuple[int, ...], clinic: Clinic
) -> None:
    over = minted(links.PAGE, visits[0], expires_at=NOW)
    revoked, other = minted(links.PAGE, visits[0]), minted(links.OFF, visits[0])
    with transaction():
        links.end(Link.token_hash == links.hash_of(revoked), now=NOW)

    pages = set()
    for token in ("nobody-knows-this-one", over, revoked, other):
        stranger = Phone(app, token)
        assert stranger.get().status_code == 404
        pages.add(stranger.text)
    assert len(pages) == 1
    assert "This link has ended. Please call 555-0100." in pages.pop()
    stored = db.session.scalars(select(Link.token_hash)).all()
    assert over not in " ".join(stored)


def test_reading_changes_nothing(opened: Phone, visits: tuple[int, ...]) -> None:
    before = _everything()
    for rest in (
        "",
        f"?visit={visits[2]}",
        f"/change?visit={visits[0]}",
        "/coming",
        "?language=es",
    ):
        opened.get(rest)
    assert _everything() == before


def _everything() -> list[object]:
    db.session.rollback()
    tables = (Visit, Patient, Answer, Outbox, Task, Link)
    return [
        [{**row.__dict__, "_sa_instance_state": None} for row in db.session.scalars(select(table))]
        for table in tables
    ]


def test_somebody_elses_visit_answers_like_a_missing_one(
    opened: Phone, visits: tuple[int, ...], clinic: Clinic
) -> None:
    key = offer(clinic.query(1), clinic.anybody, now=NOW).plans[0].key
    theirs = book(clinic.booking(key, 1), clinic.anybody, now=NOW, policy=AT_ONCE).visit_ids[0]

    assert opened.get(f"?visit={theirs}").status_code == 404
    opened.get()
    assert opened.send("coming", visit_id=str(theirs), **DRIVER).status_code == 404
    assert visit(theirs).coming == ""


def test_an_old_link_shows_what_is_true_now_and_revives_nothing(
    app: Flask, opened: Phone, visits: tuple[int, ...], clinic: Clinic
) -> None:
    form = opened.page
    old = visit(visits[0])
    request = MoveRequest(
        visit_id=old.id,
        starts_on=old.starts_on,
        starts=time(14),
        version=old.version,
    )
    moving.move([request], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)
    opened.send("coming", **DRIVER)
    assert "Your visit was changed a moment ago. Nothing was saved" in opened.text
    assert visit(old.id).coming == ""
    opened.get()
    assert "Arrive 1:45 pm" in opened.text

    gone = CancelRequest(reason_code="patient", version=visit(old.id).version, token=new_token())
    cancelling.cancel(old.id, gone, clinic.anybody, now=NOW, policy=AT_ONCE)
    opened.get()
    assert "Your visit on Mon 11 Jan is cancelled." in opened.text
    assert "Wednesday, 13 January" in opened.text
    opened.page = form
    opened.send("coming", **DRIVER)
    assert visit(old.id).state == "cancelled"


def test_many_tries_from_one_address_are_stopped_in_plain_words(
    app_settings: Settings, phone: Phone
) -> None:
    class Limited(Settings):
        def flask(self) -> dict[str, Any]:
            return {**super().flask(), "RATELIMIT_ENABLED": True}

    with released(create_app(Limited(**vars(app_settings)))) as guarded:
        stranger = Phone(guarded, "nobody-knows-this-one", room="u")
        seen = [stranger.click({}).status_code for _ in range(41)]
    assert seen == [404] * 40 + [429]
    assert "Please wait a little" in stranger.text

"""What patients change by themselves: the time, the ways, who drives; the links of others."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Closure, Outbox, Site
from scheduler.services.outgoing import displaced
from scheduler.services.own import links
from scheduler.transaction import transaction
from tests.calendar_readers import parse
from tests.clinic import Clinic
from tests.own_pages import DRIVER, Phone, minted, open_tasks, patient, visit


def test_language_and_ways_are_the_patients_own(opened: Phone, clinic: Clinic, app: Flask) -> None:
    opened.send("language", button="Español")
    assert "¿Quién le lleva a casa?" in opened.text
    assert "lunes 11 de enero" in opened.text
    assert patient(clinic).language == "es"
    opened.send("way", button="Detener")
    db.session.rollback()
    assert not patient(clinic).email_ok


def test_an_entry_is_added_by_hand_or_a_list_is_followed(
    opened: Phone, visits: tuple[int, ...], clinic: Clinic
) -> None:
    answer = opened.get(f"/appointment.ics?visit={visits[0]}")
    (event,) = parse(answer.data).children("VEVENT")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "METHOD" not in answer.text
    assert "ATTENDEE" not in answer.text
    assert event.one("UID") == visit(visits[0]).uid
    assert "No food from" in event.one("DESCRIPTION")

    opened.get()
    opened.send("feed")
    assert "It is shown only now." in opened.text
    assert "webcal://" in opened.page
    assert patient(clinic).calendar == "feed"
    opened.get()
    assert "/cal/" not in opened.page
    assert "Your calendar follows our list already" in opened.text
    opened.send("feed-stop")
    assert patient(clinic).calendar == "invites"


def test_one_click_ends_messages_and_opening_the_link_does_not(
    app: Flask, visits: tuple[int, ...], clinic: Clinic
) -> None:
    mail = Phone(app, minted(links.OFF, visits[0]), room="u")
    mail.get()
    assert "Cedar House sends messages about appointments this way: E-mail." in mail.text
    assert patient(clinic).email_ok

    assert mail.click({"List-Unsubscribe": "One-Click"}).status_code == 200
    db.session.rollback()
    assert not patient(clinic).email_ok


def test_a_driver_sees_where_and_when_and_says_so(
    app: Flask, opened: Phone, visits: tuple[int, ...]
) -> None:
    opened.send("coming", **DRIVER)
    ride = Phone(app, minted(links.DRIVER, visits[0], kind="r6"), room="d")
    ride.get()
    assert "Hello Ben, Pat1 has named you" in ride.text
    assert "Invented" not in ride.text
    token = ride.at.rsplit("/", 1)[1]
    ride.send(token, button="I will be there")
    assert "Thank you. See you Monday at" in ride.text
    assert visit(visits[0]).driver_says == "yes"
    ride.send(token, button="I cannot come")
    (task,) = open_tasks("driver_away")
    assert task.visit_id == visits[0]

    opened.get()
    opened.send("coming", **{**DRIVER, "driver_name": "Ida Roth", "driver_phone": "555-0777"})
    assert not open_tasks("driver_away")
    ride.get()
    assert "This pick-up is over or was changed." in ride.text


def test_another_time_of_the_week_is_taken_at_once_and_asked_about_anew(
    opened: Phone, visits: tuple[int, ...]
) -> None:
    opened.send("coming", **DRIVER)
    was = visit(visits[5]).starts_at
    opened.get(f"/change?visit={visits[5]}")
    offered = _radios(opened.page)
    assert offered
    opened.send("move", starts=offered[-1])

    assert "Your visit has a new time. Please confirm it again." in opened.text
    moved = visit(visits[5])
    assert moved.local_starts == offered[-1]
    assert moved.starts_at != was
    assert (moved.coming, moved.driver_name, moved.state) == ("", "", "booked")
    assert moved.history[-1].by_name == "the patient"
    told = select(Outbox).where(Outbox.visit_id == moved.id, Outbox.sequence == moved.sequence)
    assert db.session.scalars(told.where(Outbox.state == "waiting")).first() is not None


def test_no_time_is_offered_or_taken_that_would_move_others_or_comes_too_soon(
    opened: Phone, visits: tuple[int, ...], clinic: Clinic, clock: time_machine.Traveller
) -> None:
    second = visit(visits[1])  # Wednesday between Monday and Friday: no other day keeps the gaps
    opened.get(f"/change?visit={second.id}")
    assert {one[:10] for one in _radios(opened.page)} == {"2027-01-13"}
    page = opened.page
    opened.send("move", starts="2027-01-14T09:00")
    assert "That time was taken a moment ago" in opened.text
    opened.page = page
    opened.send("move", starts="2027-01-20T09:00")  # another week
    assert "Nothing was saved: please look again." in opened.text

    clock.move_to(second.arrives_at - timedelta(hours=47))
    opened.prove(patient(clinic))
    opened.get(f"/change?visit={second.id}")
    assert "too near to change it here" in opened.text
    assert visit(second.id).version == second.version


def test_a_visit_that_the_clinic_must_move_waits_for_another_time_and_no_notice_is_asked(
    app: Flask, visits: tuple[int, ...], clinic: Clinic, clock: time_machine.Traveller
) -> None:
    friday = visit(visits[5])
    clock.move_to(friday.arrives_at - timedelta(hours=46))
    with transaction():
        closure = Closure(
            organisation_id=clinic.organisation_id,
            site_id=clinic.site_id,
            starts_at=friday.arrives_at - timedelta(hours=2),
            ends_at=friday.chair_until + timedelta(hours=9),
            reason="Snow",
        )
        db.session.add(closure)
    displaced.tell(closure.id, [friday.id], clinic.anybody, now=utcnow())
    phone = Phone(app, minted(links.PAGE, friday.id, kind="r13"))
    phone.prove(patient(clinic))

    assert "We must move this visit. Please choose another time, or call 555-0100." in phone.text
    assert "I am coming" not in phone.text
    phone.get(f"/change?visit={friday.id}")
    saturday = _radios(phone.page)
    assert {one[:10] for one in saturday} == {"2027-01-23"}
    phone.send("move", starts=saturday[0])
    assert "Your visit has a new time." in phone.text
    assert "We must move" not in phone.text


def test_a_site_may_let_patients_only_ask(
    opened: Phone, visits: tuple[int, ...], clinic: Clinic
) -> None:
    with transaction():
        db.session.get_one(Site, clinic.site_id).self_service = "ask"
    opened.get(f"/change?visit={visits[0]}")
    opened.send("ask", wish="Any afternoon")

    assert "Until then your visit stays as it is." in opened.text
    (task,) = open_tasks("other_time")
    assert "Any afternoon" in task.what


def _radios(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="starts" value="')[1:]]


def test_not_coming_asks_a_person_to_call_and_keeps_the_chair(
    opened: Phone, visits: tuple[int, ...]
) -> None:
    opened.send("coming", **DRIVER)
    opened.get(f"/change?visit={visits[0]}")
    opened.send("cannot-come")

    assert "Your time stays yours until then." in opened.text
    assert (visit(visits[0]).state, visit(visits[0]).coming) == ("booked", "no")
    assert [task.visit_id for task in open_tasks("cannot_come")] == [visits[0]]

"""Times held for a patient: kept, told, booked or released; a hold that is over stays over (I7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from scheduler.errors import IllegalChange, OutsideRule, PatientBusy, PlaceTaken
from scheduler.extensions import db
from scheduler.models import ChairClaim, Closure, PatientClaim, Visit
from scheduler.services import holding
from scheduler.services.holding import Held, HoldRequest
from scheduler.services.plan_key import Choice, write
from scheduler.transaction import transaction
from tests.calendar_readers import assert_libical_agrees, event_of
from tests.clinic import new_token, wall
from tests.post_office import DATES, UNDO, PostOffice, post_office


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The guards that holds lean on are tested on both engines by test_booking.py."""
    return "sqlite"


def hold(office: PostOffice, patient: int = 0, hour: int = 9) -> Held:
    """Six visits in chair 1, whoever asks."""
    chosen = [Choice(office.clinic.chair_ids[0], wall(on, hour)) for on in DATES]
    request = office.clinic.booking(write(chosen), patient, earliest_on=DATES[0])
    return holding.hold(request, office.clinic.anybody, now=office.now, policy=UNDO)


def asked(office: PostOffice, held: Held) -> HoldRequest:
    first = office.visits(held.visit_ids)[0]
    return HoldRequest(visit_id=first.id, version=first.version, token=new_token())


def book_now(office: PostOffice, held: Held) -> Held:
    request, actor = asked(office, held), office.clinic.anybody
    return holding.book_now(request, actor, now=office.now, policy=UNDO)


def claims(office: PostOffice) -> tuple[int, int]:
    count = [db.session.scalar(select(func.count()).select_from(one)) for one in KINDS]
    return count[0] or 0, count[1] or 0


KINDS = (ChairClaim, PatientClaim)


def states(office: PostOffice, held: Held) -> Counter[str]:
    return Counter(visit.state for visit in office.visits(held.visit_ids))


def test_a_hold_keeps_its_chairs_and_is_told_as_tentative_with_the_last_moment_to_answer(
    office: PostOffice,
) -> None:
    held = hold(office)
    assert held.until == office.now + timedelta(hours=48)
    assert claims(office) == (6, 0)  # house decision 1: the patient's time is claimed when booked
    told, *entries = office.deliver(minutes=3)
    assert str(told.message["Subject"]) == "Times held for you"
    text = told.message.get_body(("plain",))
    assert text is not None
    assert "by 10:00 am on Wed 6 Jan" in text.get_content()
    assert len(entries) == 6
    for visit, post in zip(office.visits(held.visit_ids), entries, strict=True):
        event = event_of(post.calendar, "REQUEST", status="TENTATIVE")
        assert (event.one("UID"), event.one("SEQUENCE")) == (visit.uid, "0")
        assert_libical_agrees(post.calendar)
    with pytest.raises(PlaceTaken):
        hold(office, patient=1)  # I8
    assert office.deliver(hours=1) == []


def test_what_is_held_becomes_booked_and_its_entries_confirmed(office: PostOffice) -> None:
    held = hold(office)
    office.deliver(minutes=3)
    booked = book_now(office, held)
    assert booked.until is None
    assert states(office, held) == {"booked": 6}
    assert claims(office) == (6, 6)
    digest, *entries = office.deliver(minutes=3)
    assert str(digest.message["Subject"]) == "Your appointments"
    found = [event_of(post.calendar, "REQUEST") for post in entries]
    assert {event.one("SEQUENCE") for event in found} == {"1"}
    assert [event.one("UID") for event in found] == [
        visit.uid for visit in office.visits(held.visit_ids)
    ]
    with pytest.raises(IllegalChange):
        book_now(office, held)


def test_booked_within_the_undo_window_the_patient_hears_of_the_booking_only(
    office: PostOffice,
) -> None:
    held = hold(office)
    book_now(office, held)
    posts = office.deliver(minutes=3)
    assert len(posts) == 7
    assert "held" not in " ".join(str(post.message["Subject"]) for post in posts).lower()


def test_released_places_are_free_and_leave_the_calendar(office: PostOffice) -> None:
    held = hold(office)
    office.deliver(minutes=3)
    request, actor = asked(office, held), office.clinic.anybody
    holding.release(request, actor, now=office.now, policy=UNDO)
    assert claims(office) == (0, 0)
    posts = office.deliver(minutes=3)
    assert {event_of(one.calendar, "CANCEL").one("SEQUENCE") for one in posts} == {"1"}
    assert len(posts) == 6
    assert str(posts[0].message["Subject"]).startswith("No longer held:")
    assert office.tasks("hold_ended") == []
    hold(office, patient=1)


def test_a_hold_that_runs_out_is_swept_told_and_never_silent(office: PostOffice) -> None:
    held = hold(office)
    office.deliver(minutes=3)
    office.now += timedelta(hours=48)
    with pytest.raises(IllegalChange):  # even before the sweep: an old link revives nothing
        book_now(office, held)
    posts = office.deliver() + office.deliver(minutes=1)
    assert states(office, held) == {"released": 6}
    assert Counter(one.message["Subject"].split(":")[0] for one in posts) == {"No longer held": 6}
    assert len(office.tasks("hold_ended")) == 1
    assert holding.sweep(now=office.now) == 0


def test_a_booking_frees_lapsed_holds_on_its_days_without_waiting_for_the_sweep(
    office: PostOffice,
) -> None:
    held = hold(office)
    office.now += timedelta(hours=49)
    chosen = [Choice(office.clinic.chair_ids[0], wall(on, 9)) for on in DATES]
    request = office.clinic.booking(write(chosen), 1, earliest_on=DATES[0])
    from scheduler.services.booking import book

    book(request, office.clinic.anybody, now=office.now, policy=UNDO)
    assert states(office, held) == {"released": 6}
    assert len(office.tasks("hold_ended")) == 1


def test_booking_a_hold_asks_every_rule_again_and_leaves_it_as_it_was(office: PostOffice) -> None:
    held = hold(office)
    with transaction():
        db.session.add(
            Closure(
                organisation_id=office.clinic.organisation_id,
                site_id=office.clinic.site_id,
                starts_at=wall(date(2027, 1, 13), 8),
                ends_at=wall(date(2027, 1, 13), 12),
                reason="painters",
            )
        )
    with pytest.raises((OutsideRule, PlaceTaken)):
        book_now(office, held)
    assert states(office, held) == {"held": 6}
    assert claims(office) == (6, 0)


def test_a_patient_who_was_booked_elsewhere_meanwhile_is_not_booked_twice(
    office: PostOffice,
) -> None:
    held = hold(office)
    chosen = [Choice(office.clinic.chair_ids[1], wall(on, 10)) for on in DATES]
    from scheduler.services.booking import book

    request = office.clinic.booking(write(chosen), 0, earliest_on=DATES[0])
    book(request, office.clinic.anybody, now=office.now, policy=UNDO)
    with pytest.raises(PatientBusy):
        book_now(office, held)
    assert db.session.scalar(select(Visit.state).where(Visit.id == held.visit_ids[0])) == "held"


def test_without_mail_somebody_calls_about_the_hold_and_about_its_end(office: PostOffice) -> None:
    office.change_patient(channel="letter", address="12 Main Street")
    hold(office)
    assert [task.what[:45] for task in office.tasks("hold_call")] == [
        "No e-mail: call. Times are held until Wed 6 J"
    ]
    office.now += timedelta(hours=49)
    office.deliver()
    assert len(office.tasks("hold_ended")) == 1
    assert office.tasks("hold_call") == []


def test_a_subscriber_gets_words_and_no_calendar_mail(office: PostOffice) -> None:
    office.change_patient(calendar="feed")
    held = hold(office)
    (told,) = office.deliver(minutes=3)
    assert "text/calendar" not in told.data.decode()
    book_now(office, held)
    (digest,) = office.deliver(minutes=3)
    assert str(digest.message["Subject"]) == "Your appointments"
    visit = office.visits(held.visit_ids)[1]
    office.move(visit, date(2027, 1, 13), time(14))
    (moved,) = office.deliver(minutes=3)
    assert str(moved.message["Subject"]) == "Moved: appointment on Wed 13 Jan"
    assert "text/calendar" not in moved.data.decode()
    office.now += timedelta(minutes=1)
    office.move(visit, date(2027, 1, 13), time(13))
    office.move(visit, date(2027, 1, 13), time(14))  # and back: nobody is told
    assert office.deliver(minutes=3) == []
    office.cancel(visit)
    (gone,) = office.deliver(minutes=3)
    assert str(gone.message["Subject"]) == "Cancelled: appointment on Wed 13 Jan"
    assert "text/calendar" not in gone.data.decode()

"""The board on real databases: what a day shows, what is free, and when it must be told anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from scheduler.errors import NotAllowed, NotFound
from scheduler.extensions import db
from scheduler.models import Chair, Site
from scheduler.planning.need import shortages
from scheduler.planning.opening import instant
from scheduler.services import board, chairs, site_days
from scheduler.services.actor import Actor
from scheduler.services.board import Board, BoardDay
from scheduler.transaction import transaction
from tests.factories import (
    make_actor,
    make_chair,
    make_clinic,
    make_closure,
    make_cover,
    make_hours,
    make_organisation,
    make_patient,
    make_series,
    make_site,
    make_visit,
)

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 15, 42, tzinfo=UTC)
"""Monday 11 January 2027, 10:42 am in New York."""
SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)


@pytest.fixture
def site(ground: Flask) -> Iterator[Site]:
    """Three chairs and three nurses, Monday to Friday 8 to 5."""
    with ground.app_context():
        with transaction():
            site_id = make_clinic(chairs=3).id
        found = db.session.get(Site, site_id)
        assert found is not None
        yield found


def desk(site: Site) -> Actor:
    return make_actor(site.organisation_id)


def shown(site: Site, on: date = MON, *, week: bool = False) -> Board:
    return board.board(site.id, on, desk(site), week=week, now=NOW)


def day(site: Site, on: date = MON) -> BoardDay:
    (only,) = shown(site, on).days
    return only


def chairs_of(site: Site) -> list[Chair]:
    return chairs.of_site(site.id, desk(site))


def at(site: Site, on: date, wall: str) -> datetime:
    return instant(site.zone, on, time.fromisoformat(wall))


def test_a_visit_is_told_with_patient_series_number_and_times(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        series = make_series(site, make_patient(site, "Bea Thornton"), count=6)
        make_visit(site, one, MON, "13:30", series=series, number=2)
    (visit,) = day(site).visits
    assert (visit.patient_name, visit.number, visit.count) == ("Bea Thornton", 2, 6)
    assert visit.arrives_at == at(site, MON, "13:20")
    assert visit.leaves_at == at(site, MON, "15:00")
    assert visit.chair_until == at(site, MON, "15:15")
    assert visit.movable


def test_only_what_lies_ahead_may_be_dragged(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        for hour, state in ((8, "discharged"), (10, "infusing"), (12, "confirmed"), (14, "booked")):
            make_visit(site, one, MON, f"{hour:02}:00", state=state)
    assert [visit.movable for visit in day(site).visits] == [False, False, True, True]


def test_a_cancelled_visit_is_on_the_board_until_its_place_is_taken(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON, "09:00", state="cancelled")
        make_visit(site, one, MON, "13:00", state="no_show")
    assert len(day(site).on_board) == 2
    with transaction():
        make_visit(site, one, MON, "09:30")
    found = day(site)
    assert [visit.state for visit in found.on_board] == ["booked", "no_show"]
    assert len(found.visits) == 3


def test_of_two_cancelled_visits_of_one_place_the_later_one_is_shown(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON, "09:00", state="cancelled")
        later = make_visit(site, one, MON, "09:00", state="cancelled").id
    assert [visit.id for visit in day(site).on_board] == [later]


def test_a_no_show_is_shown_before_a_cancelled_visit_of_the_same_place(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON, "09:00", state="no_show")
        make_visit(site, one, MON, "09:00", state="cancelled")
    assert [visit.state for visit in day(site).on_board] == ["no_show"]


def test_closed_time_is_told_with_its_reason_and_chairs_that_share_it_together(site: Site) -> None:
    one, two, three = chairs_of(site)
    with transaction():
        make_closure(site, at(site, MON, "16:30"), at(site, MON, "18:00"), reason="Staff meeting")
        pump = at(site, MON, "08:00"), at(site, MON, "12:00")
        make_closure(site, *pump, chair=three, reason="Pump")
    told = {(shut.why, shut.chair_ids): shut.span for shut in day(site).shut}
    every = (one.id, two.id, three.id)
    assert told.keys() == {("Staff meeting", every), ("Pump", (three.id,))}
    assert told["Staff meeting", every].ends_at == at(site, MON, "17:00")


def test_a_chair_out_of_service_is_shut_all_day(site: Site) -> None:
    with transaction():
        chair_id = make_chair(site, "Room 9", in_service=False).id
    (shut,) = day(site).shut
    assert (shut.why, shut.chair_ids, shut.span.minutes) == ("Out of service", (chair_id,), 540)


def test_a_site_closed_all_day_says_why(site: Site) -> None:
    with transaction():
        make_closure(site, at(site, MON, "00:00"), at(site, MON, "23:00"), reason="Snow")
    found = shown(site)
    assert (found.days[0].is_open, found.days[0].closed_why) == (False, "Snow")
    assert (found.rail[0][0].free, found.rail[0][1]) == (None, "Snow")
    assert found.next_free is None


def test_a_weekday_without_hours_is_closed_without_a_reason(site: Site) -> None:
    assert day(site, MON + timedelta(days=5)).closed_why == ""


def test_the_board_reaches_to_the_visit_that_ends_last(site: Site) -> None:
    one = chairs_of(site)[0]
    assert shown(site).hours == (8, 17)
    with transaction():
        make_visit(site, one, MON, "16:20")
    assert shown(site).hours == (8, 19)


def test_nurses_needed_and_on_duty_show_a_shortage(site: Site) -> None:
    with transaction():
        for chair in chairs_of(site):
            make_visit(site, chair, MON, "09:00")
        extra = make_chair(site, "Chair 4")
        make_visit(site, extra, MON, "09:05")
    short = shortages(day(site).steps)[0]
    assert short.span.starts_at == at(site, MON, "09:05")
    assert (short.worst.need, short.worst.on_duty) == (400, 3)


def test_a_no_show_needs_no_nurse(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON, "09:00", state="no_show")
    assert {step.need for step in day(site).steps} == {0}


def test_the_rail_counts_free_chairs_at_nine_on_the_next_open_days(site: Site) -> None:
    one, two, _ = chairs_of(site)
    wednesday = MON + timedelta(days=2)
    with transaction():
        make_visit(site, one, wednesday, "09:00")
        make_visit(site, two, wednesday, "10:00")  # begins within the 75 minutes
        make_visit(site, two, MON + timedelta(days=3), "10:15")
    rail = [one for one, _ in shown(site).rail]
    offsets = [(one.on - MON).days for one in rail]
    assert offsets == [0, 1, 2, 3, 4, 7, 8]
    assert [one.free for one in rail] == [3, 3, 1, 3, 3, 3, 3]


def test_the_rail_keeps_a_way_back_to_today(site: Site) -> None:
    far = MON + timedelta(days=40)
    rail = [one.on for one, _ in shown(site, far).rail]
    assert rail[:2] == [MON, far]
    assert len(rail) == 7


def test_next_free_is_the_first_offered_start_with_room_for_the_shortest_visit(site: Site) -> None:
    one, two, three = chairs_of(site)
    with transaction():
        make_visit(site, one, MON, "10:00")  # clean at 11:45
        make_visit(site, two, MON, "10:00")
        make_visit(site, three, MON, "11:45")  # free before it, but for 63 minutes only
    found = shown(site).next_free
    assert found is not None
    assert (found.chair_name, found.starts_at) == ("Chair 1", at(site, MON, "11:45"))


def test_there_is_no_next_free_on_a_day_that_is_over(site: Site) -> None:
    assert shown(site, MON - timedelta(days=3)).next_free is None


def test_a_week_is_monday_to_sunday_and_puts_visits_on_their_days(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON, "09:00")
        make_visit(site, one, MON + timedelta(days=4), "09:00")
    found = shown(site, MON + timedelta(days=2), week=True)
    assert [len(day.visits) for day in found.days] == [1, 0, 0, 0, 1, 0, 0]
    assert found.days[0].on == MON


@pytest.mark.parametrize("on", [SPRING, AUTUMN])
def test_a_day_with_a_change_of_clocks_is_shown_whole(site: Site, on: date) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_hours(site, time(0), time(0), weekdays=[6])
        make_cover(site, 1, time(0), time(0), weekdays=[6])
        make_visit(site, one, on, "01:30")
        make_visit(site, one, on, "23:00")
    found = shown(site, on)
    assert found.hours == (0, 24)
    span = found.days[0].steps[0].span.starts_at, found.days[0].steps[-1].span.ends_at
    assert span[1] - span[0] == timedelta(hours=23 if on == SPRING else 25)
    assert {step.on_duty for step in found.days[0].steps} == {1}


def test_a_week_whose_only_hour_is_skipped_by_the_clocks_is_still_shown(site: Site) -> None:
    with transaction():
        other = make_site(make_organisation("Night Clinic"), "Night")
        make_hours(other, time(2), time(3), weekdays=[5, 6])
    actor = make_actor(other.organisation_id)
    found = board.board(other.id, SPRING, actor, week=True, now=NOW)
    assert [day.is_open for day in found.days] == [False] * 7
    assert found.hours == (2, 3)


def test_the_fingerprint_changes_with_the_day_and_not_by_itself(site: Site) -> None:
    def seen(on: date = MON, now: datetime = NOW) -> str:
        return board.fingerprint(site.id, on, desk(site), week=False, now=now)

    first = seen()
    assert seen(now=NOW + timedelta(seconds=30)) == first
    with transaction():
        site_days.lock_days(site.organisation_id, [], [(site.id, MON)])
    assert seen() != first
    assert seen(now=NOW + timedelta(hours=1)) != seen()
    assert seen(on=MON + timedelta(days=1)) != seen()


def test_another_clinics_site_answers_like_a_missing_one(site: Site) -> None:
    stranger = make_actor(site.organisation_id + 1)
    for read in (board.board, board.fingerprint):
        with pytest.raises(NotFound):
            read(site.id, MON, stranger, week=False, now=NOW)


def test_nobody_without_the_right_sees_the_board(site: Site) -> None:
    nobody = Actor(organisation_id=site.organisation_id, user_id=None, name="", rights=frozenset())
    with pytest.raises(NotAllowed):
        board.board(site.id, MON, nobody, week=False, now=NOW)


def test_a_full_day_costs_no_more_queries_than_an_empty_one(site: Site) -> None:
    asked: list[str] = []

    def listen(*facts: object) -> None:
        if str(facts[2]).startswith("SELECT"):
            asked.append(str(facts[2]))

    event.listen(db.engine, "before_cursor_execute", listen)
    shown(site)
    empty = len(asked)
    with transaction():
        for chair in chairs_of(site):
            for hour in ("08:00", "10:00", "12:00", "14:00"):
                make_visit(site, chair, MON, hour)
    db.session.rollback()
    asked.clear()
    shown(site)
    assert len(asked) <= empty + 1  # the site itself is read again after the rollback
    assert len(asked) <= 10

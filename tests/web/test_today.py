"""The Today page: what it says of a day, to whom, and what a refresh costs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Organisation, Site
from scheduler.planning.opening import instant
from scheduler.services import chairs, site_days
from scheduler.transaction import transaction
from tests.desk import Desk, add_staff
from tests.factories import (
    make_actor,
    make_chair,
    make_clinic,
    make_closure,
    make_hours,
    make_organisation,
    make_patient,
    make_series,
    make_site,
    make_visit,
)
from tests.page_forms import text_of

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 15, 42, tzinfo=UTC)
"""Monday 11 January 2027, 10:42 am in New York."""


@dataclass(frozen=True, kw_only=True)
class Clinic:
    organisation_id: int
    site_id: int
    chair_ids: tuple[int, ...]
    bea: int  # Bea Thornton's second of six visits, today at 1:30 pm


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context(), transaction():
        site = make_clinic(chairs=3)
        every = chairs.of_site(site.id, make_actor(site.organisation_id))
        patient = make_patient(site, "Bea Thornton", driver_name="Ben Thornton")
        series = make_series(site, patient)
        bea = make_visit(site, every[2], MON, "13:30", series=series, number=2)
        wednesday = MON + timedelta(days=2)
        make_visit(site, every[2], wednesday, "13:30", series=series, number=3)
        make_visit(site, every[0], MON, "08:00", state="discharged")
        make_visit(site, every[1], MON, "08:00", state="no_show")
        make_visit(site, every[1], MON, "10:00", state="infusing")
        make_visit(site, every[0], MON, "10:00", state="confirmed")
        make_visit(site, every[0], MON, "15:00", state="cancelled")
        return Clinic(
            organisation_id=site.organisation_id,
            site_id=site.id,
            chair_ids=tuple(chair.id for chair in every),
            bea=bea.id,
        )


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'id="board-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def closed(app: Flask, clinic: Clinic, on: date, reason: str) -> None:
    with app.app_context(), transaction():
        site = db.session.get(Site, clinic.site_id)
        assert site is not None
        midnight = instant(site.zone, on, time(0))
        make_closure(site, midnight, midnight + timedelta(hours=24), reason=reason)


def test_the_head_counts_the_day(desk: Desk) -> None:
    desk.get("/")
    assert "Monday 11 January 2027" in desk.text
    counted = (
        "5 visits: 1 discharged, 1 here, 1 to come, 1 not recorded yet, 1 no-show. 1 cancelled."
    )
    assert counted in desk.text
    assert "Next free: 10:45 am, Chair 3" in desk.text


def test_the_board_knows_every_visit_in_the_sites_wall_time(desk: Desk, clinic: Clinic) -> None:
    desk.get("/")
    data = data_of(desk.page)
    block = next(one for one in data["visits"] if one["id"] == clinic.bea)
    assert (block["begins"], block["ends"]) == ("2027-01-11T13:30", "2027-01-11T15:15")
    assert (block["name"], block["at"]) == ("Bea Thornton", "1:30 · 2/6")
    assert block["parts"] == [
        ["prep", 15], ["infusion", 40], ["recovery", 30], ["discharge", 5], ["turnaround", 15],
    ]  # fmt: skip
    assert block["movable"]
    assert "session 2 of 6, booked, 1:20 to 3:00 pm, Chair 3 from 1:30 pm" in block["said"]
    assert (data["hours"], data["offset"]) == (["08:00", "17:00"], "-05:00")


def test_only_planned_visits_may_be_dragged(desk: Desk) -> None:
    desk.get("/")
    movable = {one["state"]: one["movable"] for one in data_of(desk.page)["visits"]}
    assert movable == {
        "Booked": True, "Confirmed": True, "Infusing": False, "Discharged": False,
        "No-show": False, "Cancelled": False,
    }  # fmt: skip


def test_the_table_has_every_visit_and_every_action_of_the_board(
    desk: Desk, clinic: Clinic
) -> None:
    desk.get("/?view=table")
    rows = re.findall(r'<tr id="row-(\d+)"(.*?)</tr>', desk.page, re.DOTALL)
    assert len(rows) == 6
    (mine,) = [row for visit_id, row in rows if int(visit_id) == clinic.bea]
    assert "1:20 to 3:00 pm" in text_of(mine)
    for link in ("move", "cancel"):
        assert f"/visits/{clinic.bea}/{link}" in mine
    assert sum("/move" in row for _, row in rows) == 2


def test_the_panel_tells_one_visit_with_its_series_and_preparation(
    desk: Desk, clinic: Clinic
) -> None:
    answer = desk.get(f"/board/visits/{clinic.bea}?on=2027-01-11")
    told = text_of(answer.text)
    for words in (
        "Bea Thornton", "1:20 to 3:00 pm", "Chair 3 from 1:30 pm", "free again 3:15 pm",
        "session 2 of 6", "usually Ben Thornton", "Food stops 9:30 am",
    ):  # fmt: skip
        assert words in told
    desk.get(f"/?visit={clinic.bea}")
    assert f'data-visit-panel="{clinic.bea}"' in desk.page


def test_a_nurse_sees_the_board_and_can_move_nothing(app: Flask, clinic: Clinic) -> None:
    with app.app_context():
        email = add_staff(clinic.organisation_id, "nurse")
    nurse = Desk(app, email)
    nurse.get(f"/?visit={clinic.bea}")
    assert "Bea Thornton" in nurse.text
    assert 'data-may-move="no"' in nurse.page
    assert f'href="/visits/{clinic.bea}/move"' not in nurse.page
    assert 'id="drop"' not in nurse.page


def test_closed_days_say_why_in_the_rail_and_on_the_day(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    closed(app, clinic, MON + timedelta(days=3), "Snow")
    desk.get("/")
    assert "Thu 14 Snow" in desk.text
    desk.get("/?on=2027-01-14&view=table")
    assert re.search("Closed ?: Snow", desk.text)
    assert {one["why"] for one in data_of(desk.page)["shut"]} == {"Snow"}


def test_a_week_has_a_cell_for_each_day_and_a_table_of_its_own(desk: Desk, clinic: Clinic) -> None:
    desk.get("/?view=week")
    data = data_of(desk.page)
    assert (data["week"], data["date"]) == (True, "2027-01-11")
    assert {one["begins"][:10] for one in data["visits"]} == {"2027-01-11", "2027-01-13"}
    assert data["hidden"] == [0, 6]  # as the browser counts: Sunday, Saturday
    assert "/?on=2027-01-11&amp;view=week-table" in desk.page
    desk.get("/?view=week-table")
    assert "Wed 13 Jan" in desk.text


@pytest.mark.parametrize(
    "typed", ["x", "2027-02-30", "0001-01-01", "2151-01-01", "9" * 5000, "\u202e1"]
)
def test_a_day_that_cannot_be_read_shows_today_and_says_so(desk: Desk, typed: str) -> None:
    answer = desk.get("/")
    answer = desk.client.get("/", query_string={"on": typed})
    assert answer.status_code == 200
    assert "We could not read that day." in text_of(answer.text)
    assert "Monday 11 January 2027" in text_of(answer.text)


@pytest.mark.parametrize("typed", ["Wed 13 Jan 2027", "1/13/2027", "2027-01-13", "13 January 2027"])
def test_a_day_is_read_as_people_write_it(desk: Desk, typed: str) -> None:
    answer = desk.client.get("/", query_string={"on": typed})
    assert "Wednesday 13 January 2027" in text_of(answer.text)


def test_a_refresh_costs_nothing_until_the_day_changes(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    first = desk.get("/board?on=2027-01-11", **{"X-Poll": "1"})
    etag = first.headers["ETag"]
    asked = {"X-Poll": "1", "If-None-Match": etag}
    again = desk.get("/board?on=2027-01-11", **asked)
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    with app.app_context(), transaction():
        site_days.lock_days(clinic.organisation_id, [], [(clinic.site_id, MON)])
    changed = desk.get("/board?on=2027-01-11", **asked)
    assert changed.status_code == 200
    assert {'data-part="head"', 'data-part="table"', 'data-part="data"'} <= set(
        re.findall(r'data-part="\w+"', changed.text)
    )


def test_the_page_carries_the_mark_that_the_refresh_compares(desk: Desk) -> None:
    desk.get("/?on=2027-01-11")
    found = re.search(r'data-etag="([^"]+)"', desk.page)
    assert found
    answer = desk.get("/board?on=2027-01-11", **{"If-None-Match": f'"{found[1]}"'})
    assert answer.status_code == 304


def test_asking_by_itself_does_not_keep_a_session_awake(desk: Desk) -> None:
    """The board asks every few seconds; nobody clicks (trust I29)."""
    with time_machine.travel(NOW + timedelta(minutes=14), tick=False):
        assert desk.get("/board", **{"X-Poll": "1"}).status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        assert desk.get("/board", **{"X-Poll": "1"}).status_code != 200


def test_names_on_the_board_cannot_become_markup(app: Flask, desk: Desk, clinic: Clinic) -> None:
    nasty = "</script><img src=x onerror=alert(1)> \u2028'\""
    with app.app_context(), transaction():
        site = db.session.get(Site, clinic.site_id)
        assert site is not None
        chair = make_chair(site, "<b>Chair</b>")
        make_visit(site, chair, MON, "09:00", patient=make_patient(site, f"Ann {nasty}"))
    desk.get("/")
    assert nasty not in desk.page
    assert "<b>Chair</b>" not in desk.page
    assert f"Ann {nasty}" in [one["name"] for one in data_of(desk.page)["visits"]]


def test_an_organisation_without_a_site_is_told_what_to_do(app: Flask) -> None:
    with app.app_context():
        with transaction():
            organisation_id = make_organisation().id
        email = add_staff(organisation_id, "manager")
    manager = Desk(app, email)
    manager.get("/")
    assert "No site yet" in manager.text
    assert manager.get("/board").status_code == 404


def elsewhere(app: Flask) -> tuple[int, int]:
    """Another clinic's site and visit."""
    with app.app_context(), transaction():
        site = make_site(make_organisation("Other Clinic"), "Elsewhere")
        return site.id, make_visit(site, make_chair(site), MON).id


def test_another_clinics_site_and_visit_answer_like_missing_ones(app: Flask, desk: Desk) -> None:
    site_id, visit_id = elsewhere(app)
    for url in (
        f"/?site={site_id}", f"/board?site={site_id}", f"/board/visits/{visit_id}",
        f"/?visit={visit_id}", "/?site=99999", "/board/visits/99999",
    ):  # fmt: skip
        assert desk.get(url).status_code == 404


def test_a_second_site_has_its_own_board_and_clock(app: Flask, desk: Desk, clinic: Clinic) -> None:
    with app.app_context(), transaction():
        site = db.session.get(Site, clinic.site_id)
        assert site is not None
        organisation = db.session.get(Organisation, site.organisation_id)
        assert organisation is not None
        west = make_site(organisation, "Harbor", zone_name="America/Los_Angeles")
        make_hours(west)
        make_visit(west, make_chair(west), MON, "09:00", patient=make_patient(west, "Lou Park"))
        west_id = west.id
    desk.get("/")
    assert "Lou Park" not in desk.page
    assert '<option value="' in desk.page
    desk.get(f"/?site={west_id}")
    block = data_of(desk.page)["visits"][0]
    assert (block["name"], block["begins"]) == ("Lou Park", "2027-01-11T09:00")
    assert data_of(desk.page)["offset"] == "-08:00"
    assert f"site={west_id}" in desk.page

"""Away and extra shifts, equipment, limits, cover by date: pages that refuse and ask kindly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Chair, CoverChange, Equipment, EquipmentOutage, Site, Task
from scheduler.transaction import transaction
from tests import factories as make
from tests.desk import Desk, add_staff

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
"""Monday, 10:00 am in New York."""
NONSENSE = (
    "",
    "x",
    "-5",
    "\u0663",
    "1e9",
    "99999999999",
    "<script>",
    "2027-02-30",
    "25:00",
    "\u202e1",
)
HOURS = {"first_on": "13 Jan 2027", "first_time": "8 am", "last_time": "12 pm"}


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def site_id(app: Flask) -> int:
    """Two providers who have one patient each; two sedating visits on Wednesday 13 January at 9."""
    with app.app_context(), transaction():
        site = make.make_clinic(chairs=2)
        site.patients_per_provider = 1
        for chair in db.session.scalars(select(Chair)):
            make.make_visit(site, chair, date(2027, 1, 13))
        return site.id


@pytest.fixture
def desk(app: Flask, site_id: int) -> Desk:
    return of_role(app, site_id, "manager")


def of_role(app: Flask, site_id: int, role: str) -> Desk:
    with app.app_context():
        site = db.session.get_one(Site, site_id)
        email = add_staff(site.organisation_id, role)
    return Desk(app, email)


def rows(app: Flask, model: type) -> list[object]:
    with app.app_context():
        return list(db.session.scalars(select(model)))


def absence(desk: Desk, site_id: int, **typed: str) -> int:
    """Presses Save; the status of the answer."""
    desk.get(f"/setup/sites/{site_id}/staff/new?kind=away&role=provider")
    facts = {"who": "Dr. Lin", **HOURS, **typed}
    return desk.press(desk.form("staff"), "Save", **facts).status_code


def test_an_absence_asks_about_visits_and_saves_when_they_were_seen(
    app: Flask, desk: Desk, site_id: int
) -> None:
    assert absence(desk, site_id) == 409
    assert "2 sedating visits would have too few providers on site." in desk.text
    assert not rows(app, CoverChange)
    desk.press(desk.form("staff"), "Save, leave the visits for a call")
    assert "2 visits stay booked." in desk.text
    assert "Dr. Lin away" in desk.text  # on the page of that week
    assert len(rows(app, Task)) == 2


def test_a_shortage_is_said_in_words_with_a_link_that_adds_a_shift(
    app: Flask, desk: Desk, site_id: int
) -> None:
    absence(desk, site_id)
    desk.press(desk.form("staff"), "Save, leave the visits for a call")
    assert "Short 9:00 to 10:30 am: 2 needed, 1 there." in desk.text
    link = desk.page.split("Add a shift for it")[0].rsplit('href="', 1)[1].split('"')[0]
    desk.get(link.replace("&amp;", "&"))
    form = desk.form("staff")
    desk.press(form, "Save", who="Dr. Ash")
    assert "Short" not in desk.text
    assert {task.state for task in rows(app, Task)} == {"dropped"}  # type: ignore[attr-defined]
    (_, shift) = rows(app, CoverChange)
    assert isinstance(shift, CoverChange)
    assert (shift.number, shift.role) == (1, "provider")
    assert (shift.starts_at.hour, shift.ends_at.hour, shift.ends_at.minute) == (14, 15, 30)


def test_taking_out_a_needed_shift_asks_first(app: Flask, desk: Desk, site_id: int) -> None:
    extra = {"kind": "extra", "number": "1", "who": "Dr. Ash"}
    absence(desk, site_id, **extra)
    absence(desk, site_id, number="1")
    desk.get(f"/setup/sites/{site_id}/staff")
    assert "1 provider away" in desk.text
    (first, _) = rows(app, CoverChange)
    answer = desk.post(f"/setup/staff/{first.id}/remove")  # type: ignore[attr-defined]
    assert answer.status_code == 409
    assert "2 booked visits would be left" in desk.text
    desk.press(desk.form("take-out"), "Take out, leave the visits for a call")
    assert "Taken out." in desk.text
    assert len(rows(app, CoverChange)) == 1


def test_a_change_that_somebody_made_meanwhile_is_shown_beside_one_s_own(
    app: Flask, desk: Desk, site_id: int
) -> None:
    absence(desk, site_id, kind="extra")
    (row,) = rows(app, CoverChange)
    desk.get(f"/setup/staff/{row.id}/edit")  # type: ignore[attr-defined]
    form = desk.form("staff")
    with app.app_context(), transaction():
        db.session.scalars(select(CoverChange)).one().who = "Dr. Ash"
    assert desk.press(form, "Save", who="Dr. Oak").status_code == 409
    for words in ("Someone changed this before you.", "Dr. Ash", "Dr. Oak"):
        assert words in desk.text


@pytest.mark.parametrize("typed", NONSENSE)
def test_nonsense_is_said_at_its_field_and_kept(desk: Desk, site_id: int, typed: str) -> None:
    for name in ("number", "first_on", "first_time", "last_on", "last_time", "kind", "role"):
        answer = absence(desk, site_id, **{name: typed})
        assert answer in (409, 422)  # refused, or asked about the two visits
        assert ("What you typed is kept" in desk.text) == (answer == 422)
    for path in ("equipment/edit", "limits", "providers", "equipment/out"):
        url = f"/setup/sites/{site_id}/{path}"
        desk.get(url)
        sent = dict.fromkeys(
            ("pumps", "monitors", "patients_per_provider", "latest_start", "number", "first_on",
             "reason", "kind", "rows-0-nurses", "rows-0-starts", "rows-0-weekdays"), typed
        )  # fmt: skip
        assert desk.post(url, sent).status_code < 500
    for query in (
        f"on={typed}",
        f"on={typed}&from={typed}&until={typed}&kind={typed}&role={typed}",
    ):
        assert desk.get(f"/setup/sites/{site_id}/duty?{query}").status_code == 200
        assert desk.get(f"/setup/sites/{site_id}/staff/new?{query}").status_code == 200


def test_pumps_are_counted_or_not_and_some_go_out_of_use(
    app: Flask, desk: Desk, site_id: int
) -> None:
    desk.get(f"/setup/sites/{site_id}/equipment")
    assert "Pumps: not counted" in desk.text
    desk.get(f"/setup/sites/{site_id}/equipment/edit")
    desk.press(desk.form("counts"), "Save", pumps="6")
    assert "6 pumps" in desk.text
    assert "Monitors: not counted" in desk.text
    desk.get(f"/setup/sites/{site_id}/equipment/out")
    form = desk.form("outage")
    desk.press(form, "Take out of use", number="7", reason="Repair", **HOURS)
    assert "The site has 6." in desk.text
    desk.press(desk.form("outage"), "Take out of use", number="2")
    assert "2 pumps" in desk.text
    assert "Repair" in desk.text
    desk.get(f"/setup/sites/{site_id}/duty?on=2027-01-13")
    assert "2 pumps out" in desk.text
    assert "Pumps" in desk.text
    (outage,) = rows(app, EquipmentOutage)
    desk.post(f"/setup/equipment/out/{outage.id}/remove")  # type: ignore[attr-defined]
    assert not rows(app, EquipmentOutage)
    assert len(rows(app, Equipment)) == 1


def test_limits_are_kept_and_shown_on_setup(app: Flask, desk: Desk, site_id: int) -> None:
    desk.get(f"/setup/sites/{site_id}/limits")
    form = desk.form("limits")
    desk.press(form, "Save", patients_per_provider="5", latest_start="3 pm")
    assert "5 sedating patients of one provider at a time" in desk.text
    assert "last start 3:00 pm" in desk.text
    assert desk.press(form, "Save", patients_per_provider="6").status_code == 409
    assert "Someone changed this before you." in desk.text
    (site,) = rows(app, Site)
    assert isinstance(site, Site)
    assert (site.patients_per_provider, site.latest_start) == (5, time(15))


def test_fewer_providers_in_the_week_ask_about_their_patients(desk: Desk, site_id: int) -> None:
    desk.get(f"/setup/sites/{site_id}/providers")
    assert "Providers on site" in desk.text
    form = desk.form("cover")
    answer = desk.press(form, "Save", **{"rows-0-nurses": "1"})
    assert answer.status_code == 409
    assert "too few providers" in desk.text


def test_who_may_look_sees_cover_by_date_without_ways_to_change_it(
    app: Flask, site_id: int
) -> None:
    nurse = of_role(app, site_id, "nurse")
    nurse.get(f"/setup/sites/{site_id}/duty?on=2027-01-13")
    assert "Most 2 of 2 at 9:00 am" in nurse.text
    assert "Add extra shift" not in nurse.text
    for path in ("staff", "equipment"):
        assert nurse.get(f"/setup/sites/{site_id}/{path}").status_code == 200
        assert "Add" not in nurse.text.replace("Address", "")


def test_weeks_are_turned_and_a_day_is_picked(desk: Desk, site_id: int) -> None:
    desk.get(f"/setup/sites/{site_id}/duty?on=2027-01-13")
    assert "Mon 11 to Sun 17 Jan" in desk.text
    assert "Wednesday 13 January" in desk.text
    assert "Sun 17 Jan Closed" in desk.text
    for day in ("2027-01-06", "2027-01-20", "2027-01-11"):
        assert f"/duty?on={day}" in desk.page


def test_a_shortage_on_the_board_leads_to_cover_by_date(desk: Desk, site_id: int) -> None:
    absence(desk, site_id, role="nurse", number="2")
    desk.press(desk.form("staff"), "Save, leave the visits for a call")
    desk.get("/?on=2027-01-13")
    assert "Short 9:00" in desk.text
    assert f'href="/setup/sites/{site_id}/duty?on=2027-01-13"' in desk.page
    desk.get("/?on=2027-01-13&view=week")
    assert f'href="/setup/sites/{site_id}/duty?on=2027-01-13"' in desk.page

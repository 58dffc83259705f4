"""The utilisation pages: figures that open their rows, addresses that keep a period, exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask

from scheduler.services import chairs, csv_text
from scheduler.transaction import transaction
from tests.desk import Desk, add_staff
from tests.factories import (
    make_actor,
    make_clinic,
    make_organisation,
    make_patient,
    make_site,
    make_visit,
)
from tests.page_forms import text_of

MON = date(2027, 1, 4)
"""Of the week before the clock's."""
NOW = datetime(2027, 1, 11, 15, 42, tzinfo=UTC)
PAGE = "/reports/utilisation"


@dataclass(frozen=True, kw_only=True)
class Clinic:
    organisation_id: int
    site_id: int
    chair_ids: tuple[int, ...]


@pytest.fixture(autouse=True)
def next_monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """Two chairs; last week three visits of 105 minutes, one of them missed, one past closing."""
    with app.app_context(), transaction():
        site = make_clinic(chairs=2)
        one, two = chairs.of_site(site.id, make_actor(site.organisation_id))
        make_visit(
            site, one, MON, "09:00", state="discharged", patient=make_patient(site, "Ida Holm")
        )
        make_visit(site, one, MON, "12:00", state="no_show", patient=make_patient(site, "=Max Roe"))
        late = MON + timedelta(days=1)
        make_visit(
            site, two, late, "16:00", state="discharged", patient=make_patient(site, "Ada Bay")
        )
        make_visit(
            site, two, MON, "10:00", state="cancelled", patient=make_patient(site, "Gus Low")
        )
        return Clinic(
            organisation_id=site.organisation_id, site_id=site.id, chair_ids=(one.id, two.id)
        )


@pytest.fixture
def manager(app: Flask, clinic: Clinic) -> Desk:
    with app.app_context():
        email = add_staff(clinic.organisation_id, "manager")
    return Desk(app, email)


def links(page: str, path: str) -> list[str]:
    return [unescape(url) for url in re.findall(rf'href="({re.escape(path)}[^"]*)"', page)]


def test_last_week_is_shown_first_with_its_figures(manager: Desk) -> None:
    manager.get(PAGE)
    assert "Mon 4 to Sun 10 Jan 2027. 2 chairs, 5,400 open chair minutes." in manager.text
    assert "Scheduled 5 %" in manager.text  # 270 of 5,400
    assert "Booked 270 min" in manager.text
    assert "Visits 3" in manager.text
    assert "No-shows 1 of 3" in manager.text
    assert "Outside opening 45 min" in manager.text


def test_every_figure_bar_and_cell_opens_its_visits(manager: Desk) -> None:
    """Whatever is linked says the same minutes as its rows."""
    manager.get(PAGE)
    urls = links(manager.page, f"{PAGE}/visits")
    assert len(urls) > 6 + 2 + 5 * 9
    for url in urls[:60]:
        assert manager.get(url).status_code == 200
    manager.get(f"{PAGE}/visits?period=last-week&weekday=0&hour=9")
    assert "Booked: 1 visit, 60 minutes" in manager.text
    assert "Mon 4 to Sun 10 Jan, Mondays, 9 am to 10 am." in manager.text
    assert "Ida Holm" in manager.text
    assert "=Max Roe" not in manager.text


def test_a_cell_says_its_minutes_to_who_does_not_see_it(manager: Desk) -> None:
    manager.get(PAGE)
    assert 'aria-label="Monday 9 am: 50 percent, 60 of 120 open minutes"' in manager.page


def test_no_shows_and_minutes_outside_have_rows_of_their_own(manager: Desk) -> None:
    manager.get(f"{PAGE}/visits?missed=1")
    assert "No-shows: 1 visit, 105 minutes" in manager.text
    manager.get(f"{PAGE}/visits?outside=1")
    assert "Outside opening: 1 visit, 45 minutes" in manager.text
    assert "Ada Bay" in manager.text


def test_period_and_chair_stay_in_the_address(manager: Desk, clinic: Clinic) -> None:
    one = clinic.chair_ids[0]
    manager.get(f"{PAGE}?first_on=2027-01-04&last_on=2027-01-05&chair={one}")
    assert "Mon 4 to Tue 5 Jan 2027. 1 chair, 1,080 open chair minutes." in manager.text
    assert "2 days only; rates swing." in manager.text
    for url in (*links(manager.page, f"{PAGE}/visits"), *links(manager.page, f"{PAGE}/days.csv")):
        assert "first_on=2027-01-04&last_on=2027-01-05" in url
        assert f"chair={one}" in url
    assert manager.form("own-period").value("first_on") == "Mon 4 Jan 2027"


def test_a_long_period_tells_its_days_to_who_asks(manager: Desk) -> None:
    manager.get(f"{PAGE}?period=13-weeks")
    assert "Show all 91 days" in manager.text
    assert "Mon 4 Jan 39 %" not in manager.text
    manager.get(f"{PAGE}?period=13-weeks&days=1")
    assert "Mon 4 Jan 19 % 39 % 0 %" in manager.text


def test_a_period_without_open_time_says_so_and_divides_by_nothing(manager: Desk) -> None:
    answer = manager.get(f"{PAGE}?first_on=2027-01-09&last_on=2027-01-10")
    assert answer.status_code == 200
    assert "No open chair time in this period." in manager.text
    assert "%" not in manager.text.split("No open chair time", 1)[1]


@pytest.mark.parametrize(
    ("first_on", "last_on", "said"),
    [
        ("2027-01-10", "2027-01-04", "The last day comes after the first."),
        ("2020-01-01", "2027-01-04", "Choose 400 days at most."),
        ("yesterday", "2027-01-04", "Write a date like 13 Jan 2027."),
        ("2027-01-04", "", "Say both days"),
        ("\u202e\x00", "2027-01-04", ""),
        ("9" * 5000, "2027-01-04", "too long"),
    ],
)
def test_a_period_that_cannot_be_is_refused_at_its_field_and_kept(
    manager: Desk, first_on: str, last_on: str, said: str
) -> None:
    query = {"first_on": first_on, "last_on": last_on}
    answer = manager.client.get(PAGE, query_string=query)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    if len(first_on) < 20 and first_on.isprintable() and first_on[0] != "2":
        assert first_on in answer.text


def test_the_days_are_exported_as_they_are_shown(manager: Desk) -> None:
    answer = manager.get(f"{PAGE}/days.csv?period=last-week")
    table = csv_text.read(answer.text)
    assert table[0][:4] == ["Date", "Chair", "Open minutes", "Booked minutes"]
    assert table[1] == ["2027-01-04", "Chair 1", "540", "210", "38.9", "0", "0"]
    assert sum(int(row[3]) for row in table[1:]) == 270
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="chair-days-2027-01-04-to-2027-01-10.csv"'
    )


def test_the_rows_are_exported_and_no_name_can_be_run(manager: Desk) -> None:
    answer = manager.get(f"{PAGE}/visits.csv?period=last-week")
    table = csv_text.read(answer.text)
    assert [row[2] for row in table[1:]] == ["Ida Holm", "=Max Roe", "Ada Bay"]
    assert table[1] == ["2027-01-04", "09:00", "Ida Holm", "Chair 1", "Discharged", "105", "0"]
    assert '"\'=Max Roe"' in answer.text


def test_an_export_gives_the_rows_of_its_page(manager: Desk) -> None:
    manager.get(f"{PAGE}/visits?weekday=1&period=last-week")
    (url,) = links(manager.page, f"{PAGE}/visits.csv")
    assert [row[2] for row in csv_text.read(manager.get(url).text)[1:]] == ["Ada Bay"]


def test_the_desk_may_not_open_reports(app: Flask, clinic: Clinic) -> None:
    with app.app_context():
        email = add_staff(clinic.organisation_id, "desk")
    desk = Desk(app, email)
    for path in ("", "/visits", "/days.csv", "/visits.csv"):
        assert desk.get(PAGE + path).status_code == 403


def test_another_clinics_site_and_chair_answer_like_missing_ones(app: Flask, manager: Desk) -> None:
    with app.app_context(), transaction():
        site = make_site(make_organisation("Other Clinic"), "Elsewhere")
        site_id = site.id
    for path in ("", "/visits", "/days.csv", "/visits.csv"):
        assert manager.get(f"{PAGE}{path}?site={site_id}").status_code == 404
        assert manager.get(f"{PAGE}{path}?chair=99999").status_code == 404


def test_no_name_of_a_patient_is_in_an_address(manager: Desk) -> None:
    manager.get(f"{PAGE}/visits?period=last-week")
    for url in re.findall(r'(?:href|action)="([^"]+)"', manager.page):
        assert not re.search("Holm|Roe|Bay", url)

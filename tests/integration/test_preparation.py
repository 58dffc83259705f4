"""A changed instruction reaches every coming visit, and the patient once (domain E, G)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from scheduler.errors import Stale
from scheduler.extensions import db
from scheduler.models import Patient, PatientClaim, Series, Site, Visit
from scheduler.planning.preparation import PrepSet
from scheduler.services import preparation
from scheduler.services.outgoing import outbox_rows
from scheduler.services.preparation import Edit, Setting
from tests.clinic import NEW_YORK
from tests.post_office import UNDO, PostOffice, post_office

TOLD = ("digest", "invite", "update", "cancel", "prep")


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What is told does not depend on the engine."""
    return "sqlite"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def setting(office: PostOffice) -> Setting:
    return Setting(office.clinic.somebody("provider"), office.now, UNDO.undo_seconds)


def change_patient(office: PostOffice, layer: dict[str, object]) -> int:
    version = db.session.get_one(Patient, office.clinic.patient_ids[0]).version
    edit = Edit(layer=layer, version=version)
    return preparation.change_patient(office.clinic.patient_ids[0], edit, setting(office)).visits


def stops(visit: Visit) -> str:
    site = db.session.get_one(Site, visit.site_id)
    at = outbox_rows.told(visit, site).times.food_stop_at
    assert at is not None
    return f"{at.astimezone(NEW_YORK):%a %d %b %H:%M}"


def test_the_patient_is_told_once_what_changed_and_calendars_are_told_anew(
    office: PostOffice,
) -> None:
    visits = office.book_series()
    office.deliver(minutes=3)
    assert change_patient(office, {"fasting_solids_minutes": 8 * 60}) == 6
    assert [(one.version, one.sequence) for one in office.visits([v.id for v in visits])] == [
        (2, 1)
    ] * 6
    assert stops(office.visits([visits[0].id])[0]) == "Mon 11 Jan 01:00"
    assert len(office.rows("prep", state="waiting")) == 1
    assert len(office.rows("update", state="waiting")) == 6
    evening = [row for row in office.rows("r4", state="waiting") if row.visit_id == visits[0].id]
    assert [row.version for row in evening] == [2]


def test_changed_and_changed_back_before_it_left_tells_nothing(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=3)
    change_patient(office, {"fasting_solids_minutes": 8 * 60})
    assert change_patient(office, {}) == 6
    assert office.rows("prep", "update", state="waiting") == []


def test_who_subscribes_to_a_calendar_gets_one_mail_and_no_more(office: PostOffice) -> None:
    office.change_patient(calendar="feed")
    office.book_series()
    office.deliver(minutes=3)
    change_patient(office, {"fasting_solids_minutes": 8 * 60})
    assert [row.kind for row in office.rows(*TOLD, state="waiting")] == ["prep"]


def test_an_order_counts_for_its_series_and_a_patient_s_own_word_above_it(
    office: PostOffice,
) -> None:
    visit = office.book_series()[0]
    change_patient(office, {"driver": "recommended"})
    series = db.session.get_one(Series, visit.series_id)
    edit = Edit(layer={"driver": "none", "limit_fluids_minutes": 0}, version=series.version)
    preparation.change_order(series.id, edit, setting(office))
    prep = PrepSet.from_plain(office.visits([visit.id])[0].prep)
    assert (prep.driver, prep.limit_fluids_minutes) == ("recommended", 0)
    with pytest.raises(Stale):
        preparation.change_order(series.id, edit, setting(office))


def test_a_site_s_word_reaches_booked_and_new_visits_and_the_claim_follows_the_arrival(
    office: PostOffice,
) -> None:
    visit = office.book_series()[0]
    site = db.session.get_one(Site, office.clinic.site_id)
    edit = Edit(layer={"hydrate": True, "fasting_solids_minutes": 60}, version=1)
    preparation.change_site(site.id, edit, setting(office))
    assert preparation.settle_sites(now=office.now) == 6
    assert preparation.settle_sites(now=office.now) == 0
    (fresh,) = office.visits([visit.id])
    prep = PrepSet.from_plain(fresh.prep)
    assert (prep.hydrate, prep.fasting_solids_minutes) == (True, 240)  # the template says 4 h
    change_patient(office, {"arrive_early_minutes": 45})
    (fresh,) = office.visits([visit.id])
    claim = db.session.get_one(PatientClaim, visit.id)
    assert claim.starts_at == fresh.arrives_at
    assert f"{fresh.arrives_at.astimezone(NEW_YORK):%H:%M}" == "08:15"
    dates = tuple(date(2027, 2, day) for day in (1, 3, 5, 8, 10, 12))
    later = office.book_series(dates=dates)[0]
    assert PrepSet.from_plain(later.prep).hydrate
    assert f"{later.arrives_at.astimezone(NEW_YORK):%H:%M}" == "08:15"


def test_clock_times_hold_across_midnight_and_the_change_of_clocks(office: PostOffice) -> None:
    """Sunday 14 March 2027 has 23 hours: 34 elapsed hours before Monday 9:00 am are not 23:00."""
    after_the_change = [date(2027, 3, day) for day in (15, 17, 19, 22, 24, 26)]
    visit = office.book_series(dates=after_the_change)[0]
    change_patient(office, {"fasting_solids_minutes": 34 * 60})
    assert stops(office.visits([visit.id])[0]) == "Sat 13 Mar 22:00"

"""Utilisation on real databases: figures equal a plain recount and open their rows (trust I30)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from scheduler.errors import Invalid, NotAllowed, NotFound
from scheduler.extensions import db
from scheduler.models import Chair, Site
from scheduler.planning.opening import instant
from scheduler.planning.utilisation import PRIME_HOURS, Slice, Tally
from scheduler.services import chairs, reports
from scheduler.services.actor import Actor
from scheduler.services.reports import Period
from scheduler.transaction import transaction
from tests.factories import (
    make_actor,
    make_chair,
    make_clinic,
    make_closure,
    make_hours,
    make_organisation,
    make_patient,
    make_site,
    make_visit,
)

MON = date(2027, 1, 11)
NOW = datetime(2027, 1, 13, 15, tzinfo=UTC)
EVERYTHING = Slice()


@pytest.fixture
def site(ground: Flask) -> Iterator[Site]:
    """Three chairs, Monday to Friday 8 to 5."""
    with ground.app_context():
        with transaction():
            row = make_clinic(chairs=3)
            site_id = row.id
        found = db.session.get(Site, site_id)
        assert found is not None
        yield found


def manager(site: Site) -> Actor:
    return make_actor(site.organisation_id, "manager")


def week(site: Site, first_on: date = MON) -> Period:
    return Period(site_id=site.id, first_on=first_on, last_on=first_on + timedelta(days=6))


def chairs_of(site: Site) -> list[Chair]:
    return chairs.of_site(site.id, manager(site))


def tally(site: Site, only: Slice = EVERYTHING) -> Tally:
    return reports.utilisation(week(site), only, manager(site), now=NOW).total


def at(site: Site, on: date, wall: str) -> datetime:
    return instant(site.zone, on, time.fromisoformat(wall))


def fill(site: Site) -> None:
    """A week with everything in it that could be miscounted."""
    one, two, three = chairs_of(site)
    with transaction():
        for day, states in enumerate((["discharged", "booked"], ["no_show", "confirmed"])):
            on = MON + timedelta(days=day)
            make_visit(site, one, on, "08:00", state=states[0])
            make_visit(site, one, on, "10:30", state=states[1])
        make_visit(site, two, MON, "09:00", state="no_show")
        make_visit(site, two, MON, "09:30")  # took part of the place
        make_visit(site, two, MON, "16:00")  # runs past closing
        make_visit(site, two, MON + timedelta(days=2), "13:00", state="cancelled")
        make_visit(site, three, MON + timedelta(days=3), "11:00")  # a closure came later
        make_visit(site, three, MON + timedelta(days=5), "09:00")  # a Saturday
        make_visit(site, one, MON - timedelta(days=1), "23:30")  # into Monday, closed
        thursday = MON + timedelta(days=3)
        make_closure(site, at(site, thursday, "12:00"), at(site, thursday, "15:00"))
        own = at(site, thursday, "14:00"), at(site, thursday, "16:00")
        make_closure(site, *own, chair=three)


RECOUNT = """
WITH RECURSIVE minute(at) AS (
  SELECT 0 UNION ALL SELECT at + 1 FROM minute WHERE at < :minutes - 1
), span AS (
  SELECT v.chair_id AS chair_id, {begins} AS begins, {ends} AS ends FROM visits v
  WHERE v.organisation_id = :organisation AND v.site_id = :site
    AND v.state NOT IN ('cancelled', 'held', 'proposed', 'released', 'displaced',
      'entered_in_error')
), closure AS (
  SELECT c.chair_id AS chair_id, {closure_begins} AS begins, {closure_ends} AS ends FROM closures c
  WHERE c.organisation_id = :organisation AND c.site_id = :site
), opened AS (
  SELECT ch.id AS chair_id, minute.at AS at FROM chairs ch, minute
  WHERE ch.site_id = :site AND ch.in_service AND minute.at / 1440 < 5
    AND minute.at % 1440 >= 480 AND minute.at % 1440 < 1020
    AND NOT EXISTS (SELECT 1 FROM closure WHERE
      (closure.chair_id IS NULL OR closure.chair_id = ch.id)
      AND closure.begins <= minute.at AND minute.at < closure.ends)
)
SELECT (SELECT count(*) FROM opened),
  (SELECT count(*) FROM opened o WHERE EXISTS (SELECT 1 FROM span s
    WHERE s.chair_id = o.chair_id AND s.begins <= o.at AND o.at < s.ends)),
  (SELECT count(*) FROM minute m, chairs ch WHERE ch.site_id = :site AND EXISTS (SELECT 1
    FROM span s WHERE s.chair_id = ch.id AND s.begins <= m.at AND m.at < s.ends)
    AND NOT EXISTS (SELECT 1 FROM opened o WHERE o.chair_id = ch.id AND o.at = m.at))
"""
"""Open, booked and outside minutes, in SQL alone; minutes are counted from Monday's midnight."""


def recount(site: Site) -> tuple[int, int, int]:
    midnight = at(site, MON, "00:00")
    if db.engine.dialect.name == "sqlite":
        minute = "CAST(round((julianday({column}) - julianday(:midnight)) * 1440) AS INTEGER)"
        zero = midnight.strftime("%Y-%m-%d %H:%M:%S.%f")
    else:
        minute = (
            "CAST(extract(epoch FROM {column} - CAST(:midnight AS timestamptz)) / 60 AS INTEGER)"
        )
        zero = midnight.isoformat()
    columns = {
        "begins": minute.format(column="v.starts_at"),
        "ends": minute.format(column="v.chair_until"),
        "closure_begins": minute.format(column="c.starts_at"),
        "closure_ends": minute.format(column="c.ends_at"),
    }
    facts = {
        "organisation": site.organisation_id,
        "site": site.id,
        "midnight": zero,
        "minutes": 7 * 1440,
    }
    found = db.session.execute(text(RECOUNT.format(**columns)), facts).one()
    return found[0], found[1], found[2]


def test_the_figures_equal_a_plain_recount_in_sql(site: Site) -> None:
    fill(site)
    total = tally(site)
    assert (total.open, total.booked, total.outside) == recount(site)
    assert min(total.open, total.booked, total.outside) > 0


def test_chairs_weekdays_and_hours_each_add_up_to_the_total(site: Site) -> None:
    fill(site)
    report = reports.utilisation(week(site), EVERYTHING, manager(site), now=NOW)
    for key in ("chair_id", "on", "hour"):
        groups = report.sheet.grouped(lambda cell, key=key: getattr(cell, key)).values()  # type: ignore[misc]
        assert sum(group.open for group in groups) == report.total.open
        assert sum(group.booked for group in groups) == report.total.booked


@pytest.mark.parametrize(
    "only",
    [EVERYTHING, Slice(weekday=0), Slice(on=MON, hours=frozenset({10})), Slice(hours=PRIME_HOURS)],
)
def test_the_rows_behind_a_figure_add_up_to_it(site: Site, only: Slice) -> None:
    fill(site)
    total = tally(site, only)
    rows = reports.visits_behind(week(site), only, manager(site))
    assert total.booked > 0
    assert sum(row.minutes.booked for row in rows) == total.booked
    assert sum(row.minutes.outside for row in rows) == total.outside


def test_a_chair_filter_leaves_the_other_chairs_out(site: Site) -> None:
    fill(site)
    one, two, _ = chairs_of(site)
    rows = reports.visits_behind(week(site), Slice(chair_id=two.id), manager(site))
    assert {row.chair_name for row in rows} == {"Chair 2"}
    assert tally(site, Slice(chair_id=one.id)).booked == 4 * 105


def test_what_was_cancelled_is_neither_counted_nor_listed(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON, state="cancelled")
        make_visit(site, one, MON, state="displaced")
    assert tally(site).booked == 0
    assert reports.visits_behind(week(site), EVERYTHING, manager(site)) == []


def test_no_shows_are_told_of_the_visits_whose_time_has_come(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON, "08:00", state="no_show")
        make_visit(site, one, MON, "10:00", state="discharged")
        make_visit(site, one, MON + timedelta(days=4), "10:00")
    report = reports.utilisation(week(site), EVERYTHING, manager(site), now=NOW)
    assert (report.missed, report.due) == (1, 2)
    (row,) = reports.visits_behind(week(site), EVERYTHING, manager(site), missed=True)
    assert row.state == "no_show"


def test_a_chair_out_of_service_takes_its_minutes_off(site: Site) -> None:
    before = tally(site)
    with transaction():
        make_chair(site, "Chair 9", in_service=False)
    assert tally(site) == before._replace(closed=before.closed + 5 * 540)


def test_the_period_before_is_as_long_and_ends_the_day_before(site: Site) -> None:
    one = chairs_of(site)[0]
    with transaction():
        make_visit(site, one, MON - timedelta(days=7))
    report = reports.utilisation(week(site), EVERYTHING, manager(site), now=NOW)
    assert (report.before.booked, report.total.booked) == (105, 0)


@pytest.mark.parametrize(
    ("first_on", "last_on"),
    [(MON, MON - timedelta(days=1)), (MON, MON + timedelta(days=reports.MOST_DAYS))],
)
def test_a_period_turned_round_or_too_long_is_refused(
    site: Site, first_on: date, last_on: date
) -> None:
    period = Period(site_id=site.id, first_on=first_on, last_on=last_on)
    with pytest.raises(Invalid):
        reports.utilisation(period, EVERYTHING, manager(site), now=NOW)


def test_only_who_may_see_reports_sees_them(site: Site) -> None:
    with pytest.raises(NotAllowed):
        reports.utilisation(week(site), EVERYTHING, make_actor(site.organisation_id), now=NOW)


def test_another_clinics_site_and_chair_answer_like_missing_ones(site: Site) -> None:
    with transaction():
        elsewhere = make_site(make_organisation("Other Clinic"))
        make_hours(elsewhere)
        chair = make_chair(elsewhere)
        make_visit(elsewhere, chair, MON, patient=make_patient(elsewhere))
        period, chair_id = week(elsewhere), chair.id
    with pytest.raises(NotFound):
        reports.utilisation(period, EVERYTHING, manager(site), now=NOW)
    with pytest.raises(NotFound):
        reports.utilisation(week(site), Slice(chair_id=chair_id), manager(site), now=NOW)
    assert tally(site).booked == 0

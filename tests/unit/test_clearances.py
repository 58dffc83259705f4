"""A clearance covers visits until its last day, and every one on file must (domain H11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from scheduler.planning.patient import date_refusals
from scheduler.planning.request import Clearance, PatientLimits, SeriesRequest, Wishes
from scheduler.planning.schedules import Gap
from scheduler.planning.series import ChosenVisit, check_visits, propose
from scheduler.planning.spacing import Spacing
from tests.unit.planning_clinic import DAY, MOOD, at, calendar

MON = date(2027, 1, 4)
FRI = date(2027, 1, 15)
PRESSURE = Clearance(what="Blood pressure", until=FRI)
SERIES = SeriesRequest(
    shapes=(MOOD,) * 3,
    earliest_on=MON,
    spacing=Spacing(gap=Gap(hard_min=2, target=2, soft_max=5, hard_max=7)),
    wishes=Wishes(start=time(9)),
)


def refused(on: date, *clearances: Clearance) -> list[str]:
    limits = PatientLimits(clearances=clearances)
    return [one.sentence for one in date_refusals(on, limits, MOOD)]


def test_the_last_day_is_still_covered_and_the_next_is_not() -> None:
    assert refused(FRI, PRESSURE) == []
    assert refused(FRI + timedelta(days=1), PRESSURE) == [
        "The clearance 'Blood pressure' ends on Fri 15 Jan, before this visit."
    ]


def test_every_clearance_on_file_must_cover_the_day_and_none_on_file_stops_nothing() -> None:
    longer = Clearance(what="ECG", until=FRI + timedelta(days=30))
    assert len(refused(FRI + timedelta(days=3), longer, PRESSURE)) == 1
    assert len(refused(FRI + timedelta(days=60), longer, PRESSURE)) == 2
    assert refused(FRI + timedelta(days=60)) == []


def test_the_booking_check_names_the_rule_by_the_visits_own_date() -> None:
    asked = replace(SERIES, patient=PatientLimits(clearances=(PRESSURE,)))
    chosen = [ChosenVisit(1, at(on, 9)) for on in (date(2027, 1, 11), FRI, FRI + 3 * DAY)]
    refusals = check_visits(calendar(MON, 42), asked, chosen)
    assert [one.rule for one in refusals] == ["H11"]


def test_a_series_is_planned_inside_its_clearances_or_not_at_all() -> None:
    ends = replace(
        SERIES, patient=PatientLimits(clearances=(replace(PRESSURE, until=MON + 4 * DAY),))
    )
    (best, *_) = propose(calendar(MON, 42), ends).plans
    assert best.last_on == MON + 4 * DAY
    short = replace(
        SERIES, patient=PatientLimits(clearances=(replace(PRESSURE, until=MON + 3 * DAY),))
    )
    assert propose(calendar(MON, 42), short).plans == ()

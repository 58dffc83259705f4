"""Absences, extra shifts, equipment and limits by date: booked visits are never left in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import Invalid, NeedsConfirmation, NotAllowed, NotFound, Stale
from scheduler.extensions import db
from scheduler.models import Chair, CoverChange, Site, Task
from scheduler.planning.opening import CoverSpan, instant
from scheduler.planning.visit import Part, VisitShape
from scheduler.services import cover, daybooks, equipment, site_limits, staffing
from scheduler.services.closed_over import Consent
from scheduler.services.equipment import OutageRequest
from scheduler.services.site_limits import Limits
from scheduler.services.staffing import StaffRequest
from scheduler.transaction import transaction
from tests import factories as make

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
"""Monday, 10:00 am in New York."""
WEDNESDAY = date(2027, 1, 13)
PUMPED = VisitShape(
    parts=(
        Part(name="infusion", minutes=60, nurse=((60, 25),), pump=1, monitor=1),
        Part(name="turnaround", minutes=15),
    )
)


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The stricter one; the pages' tests go the same ways on SQLite."""
    return "postgresql"


class Setting:
    """Three chairs, three nurses, one provider; one sedating visit on Wednesday at 9."""

    def __init__(self) -> None:
        with transaction():
            site = make.make_clinic()
            self.site_id, self.organisation_id = site.id, site.organisation_id
            self.chairs = list(db.session.scalars(select(Chair).order_by(Chair.position)))
            self.visit_id = make.make_visit(site, self.chairs[0], WEDNESDAY, "09:00").id
            self.zone = site.zone
        self.manager = make.make_actor(self.organisation_id, "manager")
        self.set_providers(1)

    @property
    def site(self) -> Site:
        return db.session.get_one(Site, self.site_id)

    def set_providers(self, number: int) -> None:
        week = [CoverSpan(day, time(8), time(17), number) for day in range(5)]
        was = cover.fingerprint(cover.providers(self.site_id, self.manager))
        cover.set_providers(self.site_id, week, self.manager, was=was, consent=consent())

    def visit(self, wall: str, chair: int, shape: VisitShape = make.MOOD) -> int:
        with transaction():
            return make.make_visit(self.site, self.chairs[chair], WEDNESDAY, wall, shape=shape).id

    def at(self, wall: str, on: date = WEDNESDAY) -> datetime:
        return instant(self.zone, on, time.fromisoformat(wall))

    def staff(self, number: int, first: str, last: str, role: str = "provider") -> StaffRequest:
        return StaffRequest(
            role=role, starts_at=self.at(first), ends_at=self.at(last), number=number, who="Dr. Lin"
        )

    def add(self, request: StaffRequest, *accepted: int) -> int:
        return staffing.add(self.site_id, request, self.manager, consent=consent(*accepted))[0]

    def count(self, **counted: int | None) -> tuple[int, ...]:
        was = equipment.fingerprint(equipment.counts(self.site_id, self.manager))
        every = {"pump": None, "monitor": None, **counted}
        return equipment.set_counts(self.site_id, every, self.manager, was=was, consent=consent())

    def out(self, number: int, kind: str = "pump") -> OutageRequest:
        return OutageRequest(
            kind=kind,
            number=number,
            starts_at=self.at("08:00"),
            ends_at=self.at("17:00"),
            reason="Repair",
        )

    def limits(self, **changes: object) -> Limits:
        facts: dict[str, object] = {
            "patients_per_provider": 4,
            "max_sedating_per_nurse": None,
            "latest_start": None,
            **changes,
        }
        return Limits(**facts)  # type: ignore[arg-type]


def consent(*accepted: int) -> Consent:
    return Consent(accepted=frozenset(accepted), why="The provider is away.", now=NOW)


def open_tasks() -> set[int | None]:
    return {task.visit_id for task in db.session.scalars(select(Task).where(Task.state == "open"))}


def test_a_visit_that_lacks_one_thing_is_asked_about_when_it_would_lack_another(
    clinic: Setting,
) -> None:
    """A clinic that has never said when its providers are there closes nothing in silence."""
    clinic.add(clinic.staff(-1, "08:00", "17:00"), clinic.visit_id)
    clinic.add(clinic.staff(-1, "09:00", "10:00"))  # the same lack
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.add(clinic.staff(-3, "08:00", "17:00", "nurse"))
    assert asked.value.why == ("1 visit would have no nurse on duty.",)


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Setting]:
    with ground.app_context():
        yield Setting()


def test_an_absence_names_the_visits_without_a_provider_and_changes_nothing(
    clinic: Setting,
) -> None:
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.add(clinic.staff(-1, "08:00", "12:00"))
    assert asked.value.visit_ids == (clinic.visit_id,)
    assert asked.value.why == ("1 sedating visit would have no provider on site.",)
    assert not db.session.scalars(select(CoverChange)).all()


@pytest.mark.parametrize(
    ("first", "last", "touched"),
    [("08:00", "09:00", False), ("08:00", "09:01", True), ("10:30", "17:00", False)],
)
def test_a_provider_is_needed_from_prep_to_discharge(
    clinic: Setting, first: str, last: str, touched: bool
) -> None:
    """The visit stays from 9:00 to 10:30 (domain H9)."""
    if not touched:
        clinic.add(clinic.staff(-1, first, last))
        return
    with pytest.raises(NeedsConfirmation):
        clinic.add(clinic.staff(-1, first, last))


def test_a_visit_without_sedation_needs_no_provider(clinic: Setting) -> None:
    clinic.visit("13:00", 1, PUMPED)
    clinic.add(clinic.staff(-1, "12:00", "17:00"))


def test_a_stand_in_takes_the_tasks_away_and_going_brings_them_back(clinic: Setting) -> None:
    clinic.add(clinic.staff(-1, "08:00", "17:00"), clinic.visit_id)
    assert open_tasks() == {clinic.visit_id}
    extra = clinic.add(clinic.staff(1, "08:00", "12:00"))
    assert open_tasks() == set()
    with pytest.raises(NeedsConfirmation):
        staffing.remove(extra, clinic.manager, consent=consent())
    staffing.remove(extra, clinic.manager, consent=consent(clinic.visit_id))
    assert open_tasks() == {clinic.visit_id}


def test_an_absence_may_be_shortened_by_who_saw_it_last(clinic: Setting) -> None:
    change_id = clinic.add(clinic.staff(-1, "08:00", "17:00"), clinic.visit_id)
    was = staffing.fingerprint(staffing.find(change_id, clinic.manager))
    shorter = clinic.staff(-1, "11:00", "17:00")
    staffing.change(change_id, shorter, clinic.manager, was=was, consent=consent())
    assert open_tasks() == set()
    with pytest.raises(Stale):
        staffing.change(change_id, shorter, clinic.manager, was=was, consent=consent())


def test_a_nurse_away_and_a_nurse_more_change_that_day_only(clinic: Setting) -> None:
    clinic.add(clinic.staff(-2, "08:00", "12:00", "nurse"))
    clinic.add(clinic.staff(1, "16:00", "18:00", "nurse"))
    days = daybooks.load(clinic.site, [WEDNESDAY, WEDNESDAY + timedelta(days=1)])
    there = [(span.minutes, number) for span, number in days[WEDNESDAY].facts.cover]
    assert there == [(240, 1), (240, 3), (60, 4), (60, 1)]
    assert [number for _, number in days[WEDNESDAY + timedelta(days=1)].facts.cover] == [3]


def test_fewer_pumps_than_booked_are_asked_about(clinic: Setting) -> None:
    pumped = [clinic.visit("13:00", 1, PUMPED), clinic.visit("13:30", 2, PUMPED)]
    assert clinic.count(pump=2) == ()
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.count(pump=1)
    assert list(asked.value.visit_ids) == pumped
    assert asked.value.why == ("2 visits would have too few pumps.",)
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.count(pump=2, monitor=0)
    assert asked.value.why == ("2 visits would have no monitor.",)


def test_what_is_out_of_use_is_not_there_and_comes_back(clinic: Setting) -> None:
    pumped = [clinic.visit("13:00", 1, PUMPED), clinic.visit("13:30", 2, PUMPED)]
    clinic.count(pump=2)
    args = (clinic.site_id, clinic.out(1), clinic.manager)
    with pytest.raises(NeedsConfirmation):
        equipment.add_outage(*args, consent=consent())
    outage_id, hit = equipment.add_outage(*args, consent=consent(*pumped))
    assert list(hit) == pumped
    facts = daybooks.load(clinic.site, [WEDNESDAY])[WEDNESDAY].facts
    assert [number for _, number in facts.pumps or ()] == [2, 1, 2]
    assert facts.monitors is None  # nobody counts them there
    equipment.remove_outage(outage_id, clinic.manager, now=NOW)
    assert open_tasks() == set()


def test_an_outage_is_of_something_that_is_counted(clinic: Setting) -> None:
    for number, field in ((1, "kind"), (3, "number")):
        with pytest.raises(Invalid) as refused:
            equipment.add_outage(
                clinic.site_id, clinic.out(number), clinic.manager, consent=consent()
            )
        assert refused.value.field == field
        clinic.count(pump=2)


def test_fewer_patients_for_a_provider_ask_about_those_at_one_time(clinic: Setting) -> None:
    other = clinic.visit("10:00", 1)
    limits = clinic.limits(patients_per_provider=1)
    with pytest.raises(NeedsConfirmation) as asked:
        site_limits.change(clinic.site_id, limits, clinic.manager, version=1, consent=consent())
    assert asked.value.visit_ids == (clinic.visit_id, other)
    assert asked.value.why == ("2 sedating visits would have too few providers on site.",)


def test_limits_reach_the_planner_and_a_stale_form_is_refused(clinic: Setting) -> None:
    limits = clinic.limits(max_sedating_per_nurse=2, latest_start=time(15))
    site_limits.change(clinic.site_id, limits, clinic.manager, version=1, consent=consent())
    facts = daybooks.load(clinic.site, [WEDNESDAY])[WEDNESDAY].facts
    assert (facts.max_sedating_per_nurse, facts.latest_start) == (2, time(15))
    with pytest.raises(Stale):
        site_limits.change(clinic.site_id, limits, clinic.manager, version=1, consent=consent())


def test_every_change_of_capacity_counts_the_site_s_version_up(clinic: Setting) -> None:
    seen = [clinic.site.capacity_version]
    for change in (
        lambda: clinic.add(clinic.staff(1, "08:00", "12:00")),
        lambda: clinic.count(pump=3),
        lambda: clinic.set_providers(2),
        lambda: site_limits.change(
            clinic.site_id, clinic.limits(), clinic.manager, version=1, consent=consent()
        ),
    ):
        change()
        seen.append(clinic.site.capacity_version)
    assert seen == list(range(seen[0], seen[0] + 5))
    with pytest.raises(NeedsConfirmation):
        clinic.add(clinic.staff(-3, "08:00", "12:00", "nurse"))
    db.session.rollback()
    assert clinic.site.capacity_version == seen[-1]


@pytest.mark.parametrize(
    ("number", "last", "field"),
    [(0, "12:00", "number"), (51, "12:00", "number"), (1, "07:00", "last_on")],
)
def test_nonsense_is_refused_at_its_field(
    clinic: Setting, number: int, last: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        clinic.add(clinic.staff(number, "08:00", last))
    assert refused.value.field == field


def test_staff_and_equipment_are_the_manager_s_of_this_clinic(clinic: Setting) -> None:
    change_id = clinic.add(clinic.staff(1, "08:00", "12:00"))
    desk = make.make_actor(clinic.organisation_id, "desk")
    with pytest.raises(NotAllowed):
        staffing.remove(change_id, desk, consent=consent())
    with pytest.raises(NotAllowed):
        equipment.set_counts(clinic.site_id, {}, desk, was="", consent=consent())
    with transaction():
        stranger = make.make_actor(make.make_organisation("Elsewhere").id, "admin")
    with pytest.raises(NotFound):
        staffing.remove(change_id, stranger, consent=consent())
    with pytest.raises(NotFound):
        equipment.counts(clinic.site_id, stranger)

"""A change of capacity never touches a booked visit in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import Invalid, NeedsConfirmation, NotAllowed, NotFound, Stale
from scheduler.extensions import db
from scheduler.models import Chair, Closure, SiteDay, Task, Visit
from scheduler.planning.opening import CoverSpan, OpeningSpan
from scheduler.services import chairs, closures, cover, opening, sites
from scheduler.services.chairs import ChairRequest
from scheduler.services.closed_over import Consent
from scheduler.services.closures import ClosureRequest
from scheduler.services.sites import SiteRequest
from scheduler.transaction import transaction
from tests import factories as make

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
"""Monday, 10:00 am in New York."""
WEDNESDAY = date(2027, 1, 13)
MORNING = (datetime(2027, 1, 13, 13, tzinfo=UTC), datetime(2027, 1, 13, 17, tzinfo=UTC))
WHY = "Chair 1 is closed Wed 13 Jan, 8:00 am to 12:00 pm: Snow."


class Setting:
    """Three chairs, three nurses, and one visit on chair 1, Wednesday at 9."""

    def __init__(self) -> None:
        with transaction():
            site = make.make_clinic()
            self.site_id, self.organisation_id = site.id, site.organisation_id
            self.chair_ids = list(db.session.scalars(select(Chair.id).order_by(Chair.position)))
            first = db.session.get_one(Chair, self.chair_ids[0])
            self.visit_id = make.make_visit(site, first, WEDNESDAY, "09:00").id
        self.manager = make.make_actor(self.organisation_id, "manager")

    def close(self, *accepted: int, chair: int | None = None) -> tuple[int, tuple[int, ...]]:
        span = ClosureRequest(
            chair_id=chair, starts_at=MORNING[0], ends_at=MORNING[1], reason="Snow"
        )
        return closures.add(self.site_id, span, self.manager, consent=consent(*accepted))

    def tasks(self, state: str = "open") -> list[Task]:
        return list(db.session.scalars(select(Task).where(Task.state == state)))

    def versions(self) -> dict[date, int]:
        return {day.on: day.version for day in db.session.scalars(select(SiteDay))}

    def another_visit(self, wall: str, chair: int = 1) -> int:
        with transaction():
            site = sites.find(self.site_id, self.manager)
            row = db.session.get_one(Chair, self.chair_ids[chair])
            return make.make_visit(site, row, WEDNESDAY, wall).id


def consent(*accepted: int) -> Consent:
    return Consent(accepted=frozenset(accepted), why=WHY, now=NOW)


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Setting]:
    with ground.app_context():
        yield Setting()


def test_a_closure_over_a_booked_visit_asks_and_changes_nothing(clinic: Setting) -> None:
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.close()
    assert asked.value.visit_ids == (clinic.visit_id,)
    assert not db.session.scalars(select(Closure)).all()
    assert not clinic.tasks()


def test_an_accepted_closure_leaves_the_visit_booked_with_a_task(clinic: Setting) -> None:
    _, hit = clinic.close(clinic.visit_id)
    (task,) = clinic.tasks()
    assert hit == (clinic.visit_id,)
    assert db.session.get_one(Visit, clinic.visit_id).state == "booked"
    assert (task.kind, task.visit_id, task.due_at) == ("closed_over", clinic.visit_id, NOW)
    assert task.what.startswith(WHY)


def test_a_visit_that_came_since_the_question_is_asked_about_again(clinic: Setting) -> None:
    newcomer = clinic.another_visit("10:00")
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.close(clinic.visit_id)
    assert newcomer in asked.value.visit_ids
    assert not db.session.scalars(select(Closure)).all()


def test_only_the_closed_chair_s_visits_are_in_the_way(clinic: Setting) -> None:
    _, hit = clinic.close(chair=clinic.chair_ids[1])
    assert hit == ()


@pytest.mark.parametrize(
    ("wall", "touched"), [("12:00", False), ("11:45", True), ("06:15", False), ("06:16", True)]
)
def test_a_visit_is_in_the_way_if_it_shares_a_minute(
    clinic: Setting, wall: str, touched: bool
) -> None:
    """A claim that ends when the closure begins, or begins when it ends, is free of it."""
    with transaction():
        make.make_hours(sites.find(clinic.site_id, clinic.manager), time(5), time(8))
        make.make_cover(sites.find(clinic.site_id, clinic.manager), 3, time(5), time(8))
    newcomer = clinic.another_visit(wall)
    if not touched:
        assert clinic.close(clinic.visit_id)[1] == (clinic.visit_id,)
        return
    with pytest.raises(NeedsConfirmation) as asked:
        clinic.close(clinic.visit_id)
    assert newcomer in asked.value.visit_ids


def test_opening_again_takes_the_task_away(clinic: Setting) -> None:
    closure_id, _ = clinic.close(clinic.visit_id)
    closures.remove(closure_id, clinic.manager, now=NOW)
    assert not clinic.tasks()
    assert len(clinic.tasks("dropped")) == 1


def test_a_second_closure_over_the_same_visit_adds_no_second_task(clinic: Setting) -> None:
    clinic.close(clinic.visit_id)
    clinic.close(chair=clinic.chair_ids[0])
    assert len(clinic.tasks()) == 1


def test_a_changed_closure_is_refused_to_who_looked_before(clinic: Setting) -> None:
    closure_id, _ = clinic.close(clinic.visit_id)
    was = closures.fingerprint(closures.find(closure_id, clinic.manager))
    later = ClosureRequest(
        chair_id=None,
        starts_at=MORNING[0] + timedelta(days=1),
        ends_at=MORNING[1] + timedelta(days=1),
        reason="Snow",
    )
    closures.change(closure_id, later, clinic.manager, was=was, consent=consent())
    with pytest.raises(Stale):
        closures.change(closure_id, later, clinic.manager, was=was, consent=consent())
    assert not clinic.tasks()  # the visit of the first day is free again


def test_a_closure_locks_and_counts_up_every_day_it_touches(clinic: Setting) -> None:
    span = ClosureRequest(
        chair_id=clinic.chair_ids[2],
        starts_at=MORNING[0],
        ends_at=MORNING[1] + timedelta(days=2),
        reason="Pump",
    )
    clinic.manager.require("edit_capacity")
    closures.add(clinic.site_id, span, clinic.manager, consent=consent())
    assert clinic.versions() == {WEDNESDAY + timedelta(days=n): 1 for n in range(3)}


def test_a_refused_closure_counts_no_day_up(clinic: Setting) -> None:
    with pytest.raises(NeedsConfirmation):
        clinic.close()
    assert clinic.versions() == {}


@pytest.mark.parametrize("minutes", [0, -5, 367 * 24 * 60])
def test_a_closure_must_end_after_it_starts_and_within_a_year(
    clinic: Setting, minutes: int
) -> None:
    ends_at = MORNING[0] + timedelta(minutes=minutes)
    span = ClosureRequest(chair_id=None, starts_at=MORNING[0], ends_at=ends_at, reason="")
    with pytest.raises(Invalid) as refused:
        closures.add(clinic.site_id, span, clinic.manager, consent=consent())
    assert refused.value.field == "last_on"


def test_a_chair_goes_out_of_service_only_with_its_visits_seen(clinic: Setting) -> None:
    out = ChairRequest(name="Chair 1", kind="chair", in_service=False, position=1)
    chair_id = clinic.chair_ids[0]
    with pytest.raises(NeedsConfirmation) as asked:
        chairs.change(chair_id, out, clinic.manager, version=1, consent=consent())
    assert chairs.find(chair_id, clinic.manager).in_service
    seen = consent(*asked.value.visit_ids)
    assert chairs.change(chair_id, out, clinic.manager, version=1, consent=seen) == (
        clinic.visit_id,
    )
    assert len(clinic.tasks()) == 1
    back = ChairRequest(name="Chair 1", kind="chair", in_service=True, position=1)
    chairs.change(chair_id, back, clinic.manager, version=2, consent=consent())
    assert not clinic.tasks()


def test_a_stale_edit_of_a_chair_is_refused(clinic: Setting) -> None:
    renamed = ChairRequest(name="Window", kind="chair", in_service=True, position=1)
    chairs.change(clinic.chair_ids[0], renamed, clinic.manager, version=1, consent=consent())
    with pytest.raises(Stale):
        chairs.change(clinic.chair_ids[0], renamed, clinic.manager, version=1, consent=consent())


def test_two_chairs_of_a_site_never_share_a_name(clinic: Setting) -> None:
    twin = ChairRequest(name="CHAIR 2", kind="chair", in_service=True, position=9)
    with pytest.raises(Invalid) as refused:
        chairs.add(clinic.site_id, twin, clinic.manager, now=NOW)
    assert refused.value.field == "name"


def test_shorter_hours_ask_about_visits_outside_them(clinic: Setting) -> None:
    was = opening.fingerprint(opening.of_site(clinic.site_id, clinic.manager))
    late = [OpeningSpan(day, time(10), time(17)) for day in range(5)]
    with pytest.raises(NeedsConfirmation):
        opening.set_week(clinic.site_id, late, clinic.manager, was=was, consent=consent())
    assert opening.of_site(clinic.site_id, clinic.manager)[0].opens == time(8)
    seen = consent(clinic.visit_id)
    opening.set_week(clinic.site_id, late, clinic.manager, was=was, consent=seen)
    assert opening.of_site(clinic.site_id, clinic.manager) == late


def test_a_site_may_be_closed_all_week(clinic: Setting) -> None:
    was = opening.fingerprint(opening.of_site(clinic.site_id, clinic.manager))
    seen = consent(clinic.visit_id)
    assert opening.set_week(clinic.site_id, [], clinic.manager, was=was, consent=seen)
    assert opening.of_site(clinic.site_id, clinic.manager) == []


def test_hours_that_overlap_are_refused_and_hours_that_touch_are_not(clinic: Setting) -> None:
    was = opening.fingerprint(opening.of_site(clinic.site_id, clinic.manager))
    touching = [OpeningSpan(2, time(8), time(12)), OpeningSpan(2, time(12), time(0))]
    opening.set_week(clinic.site_id, touching, clinic.manager, was=was, consent=consent())
    overlapping = [OpeningSpan(2, time(8), time(0)), OpeningSpan(2, time(23), time(0))]
    now_there = opening.fingerprint(touching)
    with pytest.raises(Invalid, match="Wednesday"):
        opening.set_week(
            clinic.site_id, overlapping, clinic.manager, was=now_there, consent=consent()
        )


def test_a_week_of_hours_that_somebody_changed_is_not_overwritten(clinic: Setting) -> None:
    with pytest.raises(Stale):
        opening.set_week(
            clinic.site_id, [], clinic.manager, was="0" * 16, consent=consent(clinic.visit_id)
        )


def test_fewer_nurses_ask_about_visits_that_would_lack_one(clinic: Setting) -> None:
    second = clinic.another_visit("09:00")
    was = cover.fingerprint(cover.nurses(clinic.site_id, clinic.manager))
    one_nurse = [CoverSpan(day, time(8), time(17), 1) for day in range(5)]
    with pytest.raises(NeedsConfirmation) as asked:
        cover.set_nurses(clinic.site_id, one_nurse, clinic.manager, was=was, consent=consent())
    assert asked.value.visit_ids == (clinic.visit_id, second)
    two_nurses = [CoverSpan(day, time(8), time(17), 2) for day in range(5)]
    assert not cover.set_nurses(
        clinic.site_id, two_nurses, clinic.manager, was=was, consent=consent()
    )


def test_nurses_of_overlapping_rows_add_up(clinic: Setting) -> None:
    clinic.another_visit("09:00")
    was = cover.fingerprint(cover.nurses(clinic.site_id, clinic.manager))
    week = [CoverSpan(day, time(8), time(17), 1) for day in range(5)]
    week += [CoverSpan(2, time(9), time(11), 1)]
    assert not cover.set_nurses(clinic.site_id, week, clinic.manager, was=was, consent=consent())


def test_what_is_over_or_ended_is_in_nobody_s_way(clinic: Setting) -> None:
    with transaction():
        db.session.get_one(Visit, clinic.visit_id).state = "cancelled"
    assert clinic.close()[1] == ()
    late = Consent(accepted=frozenset(), why=WHY, now=MORNING[1] + timedelta(days=1))
    with transaction():
        db.session.get_one(Visit, clinic.visit_id).state = "booked"
    span = ClosureRequest(chair_id=None, starts_at=MORNING[0], ends_at=MORNING[1], reason="Snow")
    assert closures.add(clinic.site_id, span, clinic.manager, consent=late)[1] == ()


def site_request(**changes: object) -> SiteRequest:
    facts: dict[str, object] = {
        "name": "Main Street",
        "public_name": "Larkspur Clinic",
        "zone_name": "America/New_York",
        "address": "",
        "phone": "",
        "sender_address": "visits@larkspur.example",
        "start_step_minutes": 15,
        "horizon_days": 84,
        **changes,
    }
    return SiteRequest(**facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"zone_name": "America/Newyork"}, "zone_name"),
        ({"zone_name": "America/Chicago"}, "zone_name"),
        ({"public_name": "Main Street Ketamine"}, "public_name"),
        ({"name": "annex"}, "name"),
    ],
)
def test_a_site_refuses_at_the_field(
    clinic: Setting, changes: dict[str, object], field: str
) -> None:
    sites.add(site_request(name="Annex"), clinic.manager, now=NOW)
    with pytest.raises(Invalid) as refused:
        sites.change(clinic.site_id, site_request(**changes), clinic.manager, version=1, now=NOW)
    assert refused.value.field == field


def test_the_zone_may_change_while_nothing_is_booked(clinic: Setting) -> None:
    with transaction():
        db.session.get_one(Visit, clinic.visit_id).state = "cancelled"
    chicago = site_request(zone_name="America/Chicago")
    sites.change(clinic.site_id, chicago, clinic.manager, version=1, now=NOW)
    assert sites.find(clinic.site_id, clinic.manager).zone_name == "America/Chicago"


@pytest.mark.parametrize("role", ["desk", "nurse", "provider"])
def test_capacity_is_the_manager_s(clinic: Setting, role: str) -> None:
    actor = make.make_actor(clinic.organisation_id, role)
    span = ClosureRequest(chair_id=None, starts_at=MORNING[0], ends_at=MORNING[1], reason="")
    request = ChairRequest(name="X", kind="chair", in_service=True, position=1)
    with pytest.raises(NotAllowed):
        closures.add(clinic.site_id, span, actor, consent=consent())
    with pytest.raises(NotAllowed):
        chairs.add(clinic.site_id, request, actor, now=NOW)
    with pytest.raises(NotAllowed):
        opening.set_week(clinic.site_id, [], actor, was="", consent=consent())
    with pytest.raises(NotAllowed):
        cover.set_nurses(clinic.site_id, [], actor, was="", consent=consent())
    with pytest.raises(NotAllowed):
        sites.add(site_request(), actor, now=NOW)


def test_another_organisation_s_capacity_answers_like_a_missing_one(clinic: Setting) -> None:
    closure_id, _ = clinic.close(clinic.visit_id)
    with transaction():
        other = make.make_organisation("Elsewhere")
        stranger = make.make_actor(other.id, "admin")
    refused = [
        lambda: sites.find(clinic.site_id, stranger),
        lambda: chairs.of_site(clinic.site_id, stranger),
        lambda: chairs.find(clinic.chair_ids[0], stranger),
        lambda: opening.of_site(clinic.site_id, stranger),
        lambda: cover.nurses(clinic.site_id, stranger),
        lambda: closures.of_site(clinic.site_id, stranger, since=NOW),
        lambda: closures.remove(closure_id, stranger, now=NOW),
        lambda: opening.set_week(clinic.site_id, [], stranger, was="", consent=consent()),
    ]
    for call in refused:
        with pytest.raises(NotFound):
            call()  # type: ignore[no-untyped-call]
    assert not sites.all_sites(stranger)


def test_a_closure_cannot_name_another_site_s_chair(clinic: Setting) -> None:
    annex = sites.add(site_request(name="Annex"), clinic.manager, now=NOW)
    span = ClosureRequest(
        chair_id=clinic.chair_ids[0], starts_at=MORNING[0], ends_at=MORNING[1], reason=""
    )
    with pytest.raises(Invalid):
        closures.add(annex, span, clinic.manager, consent=consent())

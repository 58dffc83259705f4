"""Every route asks for one right; another clinic's ids answer like missing ones (trust I21)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.routing import Rule

from scheduler.extensions import db
from scheduler.models import Clearance, Closure, CoverChange, EquipmentOutage, Outbox, Patient
from scheduler.services import booking, proposals, tasks
from scheduler.services.rights import RIGHTS, ROLES
from scheduler.transaction import transaction
from scheduler.web.auth import needed_right
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic, wall
from tests.desk import Desk, add_staff

OPEN = {
    "static", "bootstrap.static", "security.static", "security.login", "security.logout",
    "security.change_password", "health.healthz", "feeds.show", "phone_hooks.phone",
    "patient_page.show", "patient_page.elsewhere", "patient_page.open_it", "patient_page.coming",
    "patient_page.changed", "patient_page.language", "patient_page.way", "patient_page.change",
    "patient_page.move", "patient_page.ask", "patient_page.cannot_come", "patient_page.well",
    "patient_page.score", "patient_page.recall", "unsubscribe.show", "unsubscribe.stop",
    "driver_page.show", "driver_page.answer", "patient_page.appointment", "patient_page.feed",
    "patient_page.feed_stop",
}  # fmt: skip
"""Open to everybody, guarded by the library itself (the last two of security), or by the token of
a link (trust I23)."""

TABLE = {
    "today.index": "see_board",
    "today.refresh": "see_board",
    "today.panel": "see_board",
    "today.places": "move",
    "visits.show": "see_board",
    "visits.ask_move": "move",
    "visits.move": "move",
    "visits.move_preview": "move",
    "visits.look": "move",
    "visits.ask_cancel": "cancel",
    "visits.cancel": "cancel",
    "visits.undo": "cancel",
    "visits.undo_move": "move",
    "visit_answers.driver": "work_task",
    "visit_answers.coming": "work_task",
    "visit_answers.changed": "work_task",
    "visit_answers.lift": "lift_suspension",
    "link_ends.end": "edit_patient",
    "series.new": "book",
    "series.plan": "book",
    "series.find_patient": "book",
    "series.create": "book",
    "holds.create": "book",
    "holds.book": "book",
    "holds.release": "book",
    "feed_links.make": "edit_patient",
    "feed_links.end": "edit_patient",
    "feed_links.make_of_chair": "edit_capacity",
    "feed_links.end_of_chair": "edit_capacity",
    "series.show": "find_patient",
    "series.ask_cancel": "cancel",
    "series.cancel": "cancel",
    "series.undo": "cancel",
    "patients.index": "find_patient",
    "patients.find": "find_patient",
    "patients.suggest": "find_patient",
    "patients.show": "find_patient",
    "patients.new": "edit_patient",
    "patients.create": "edit_patient",
    "patients.edit": "edit_patient",
    "patients.update": "edit_patient",
    "clearances.new": "edit_patient",
    "clearances.create": "edit_patient",
    "clearances.edit": "edit_patient",
    "clearances.update": "edit_patient",
    "clearances.remove": "edit_patient",
    "protocols.index": "see_protocols",
    "protocols.library": "see_protocols",
    "protocols.show": "see_protocols",
    "protocols.new": "edit_protocol",
    "protocols.create": "edit_protocol",
    "protocols.import_file": "edit_protocol",
    "protocols.save": "edit_protocol",
    "protocols.preview": "edit_protocol",
    "protocol_versions.show": "see_protocols",
    "protocol_versions.export": "see_protocols",
    "protocol_versions.copy": "edit_protocol",
    "protocol_versions.approve": "approve_protocol",
    "protocol_versions.send_back": "approve_protocol",
    "protocol_versions.retire": "approve_protocol",
    "setup.index": "see_protocols",
    "sites.new": "edit_capacity",
    "sites.create": "edit_capacity",
    "sites.edit": "edit_capacity",
    "sites.update": "edit_capacity",
    "chairs.index": "edit_capacity",
    "chairs.new": "edit_capacity",
    "chairs.create": "edit_capacity",
    "chairs.edit": "edit_capacity",
    "chairs.update": "edit_capacity",
    "opening.edit": "edit_capacity",
    "opening.update": "edit_capacity",
    "cover.edit": "edit_capacity",
    "cover.update": "edit_capacity",
    "cover.edit_providers": "edit_capacity",
    "cover.update_providers": "edit_capacity",
    "staffing.index": "see_board",
    "staffing.new": "edit_capacity",
    "staffing.create": "edit_capacity",
    "staffing.edit": "edit_capacity",
    "staffing.update": "edit_capacity",
    "staffing.remove": "edit_capacity",
    "equipment.index": "see_board",
    "equipment.edit": "edit_capacity",
    "equipment.update": "edit_capacity",
    "equipment.new_outage": "edit_capacity",
    "equipment.create_outage": "edit_capacity",
    "equipment.remove_outage": "edit_capacity",
    "site_limits.edit": "edit_capacity",
    "site_limits.update": "edit_capacity",
    "duty.index": "see_board",
    "plan_prices.edit": "edit_capacity",
    "plan_prices.update": "edit_capacity",
    "paper.letter": "find_patient",
    "paper.after": "find_patient",
    "attendance.record": "record_attendance",
    "recalls.index": "see_tasks",
    "recalls.called": "work_task",
    "site_ladders.edit": "edit_texts",
    "site_ladders.save": "edit_texts",
    "site_ladders.example": "edit_texts",
    "texts.index": "edit_texts",
    "texts.save_words": "edit_texts",
    "texts.edit": "edit_texts",
    "texts.save": "edit_texts",
    "texts.preview": "edit_texts",
    "texts.restore": "edit_texts",
    "displaced.index": "edit_capacity",
    "displaced.tell": "edit_capacity",
    "series_migration.index": "see_protocols",
    "series_migration.migrate": "approve_protocol",
    "site_preparation.edit": "edit_preparation",
    "site_preparation.save": "edit_preparation",
    "preparation.order": "edit_preparation",
    "preparation.save_order": "edit_preparation",
    "preparation.patient": "edit_preparation",
    "preparation.save_patient": "edit_preparation",
    "closures.index": "edit_capacity",
    "closures.new": "edit_capacity",
    "closures.create": "edit_capacity",
    "closures.edit": "edit_capacity",
    "closures.update": "edit_capacity",
    "closures.remove": "edit_capacity",
    "messages.index": "see_messages",
    "messages.show": "see_messages",
    "messages.calendar": "see_messages",
    "messages.export": "see_messages",
    "messages.find": "see_messages",
    "messages.called": "work_task",
    "messages.send_now": "send_now",
    "messages.send_all_now": "send_now",
    "messages.send_again": "send_now",
    "mailbox.index": "see_messages",
    "mailbox.show": "see_messages",
    "mailbox.calendar": "see_messages",
    "mailbox.source": "see_messages",
    "mailbox.reply": "see_messages",
    "phone.index": "see_messages",
    "phone.reply": "work_task",
    "phone.report": "work_task",
    "tasks.index": "see_tasks",
    "tasks.show": "see_tasks",
    "tasks.record": "work_task",
    "utilisation.index": "see_reports",
    "utilisation.rows": "see_reports",
    "utilisation.days_csv": "see_reports",
    "utilisation.rows_csv": "see_reports",
}
"""Whoever adds a route says here who may open it."""

MISSING = 2_000_000_000
STRANGER = "Qzyxw"
"""The last name of every patient of the other clinic."""
BY_QUERY = (
    "/?site={site_id}",
    "/?visit={visit_id}",
    "/series/new?patient_id={patient_id}",
    "/messages?patient_id={patient_id}",
    "/reports/utilisation?site={site_id}&chair={chair_id}",
)


@dataclass(frozen=True)
class World:
    """One clinic with one of everything that has an address. `ids`: parameter of a route -> id."""

    clinic: Clinic
    ids: dict[str, int]


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def ours(app: Flask) -> World:
    with app.app_context():
        return furnished(make_clinic())


@pytest.fixture
def theirs(app: Flask, ours: World) -> World:
    """Another clinic; its rows come second, so their ids differ from ours."""
    with app.app_context():
        clinic = make_clinic()
        with transaction():
            for patient_id in clinic.patient_ids:
                db.session.get_one(Patient, patient_id).last_name = STRANGER
        return furnished(clinic)


def furnished(clinic: Clinic) -> World:
    """A booked series with its messages, a task, a closure, a clearance, an extra shift, an
    outage."""
    desk = clinic.somebody("desk")
    offer = proposals.offer(clinic.query(), desk, now=NOW)
    request = clinic.booking(offer.plans[0].key)
    booked = booking.book(request, desk, now=NOW, policy=AT_ONCE)
    about: dict[str, Any] = {
        "organisation_id": clinic.organisation_id,
        "site_id": clinic.site_id,
    }
    with transaction():
        new = tasks.NewTask(kind=tasks.CALL, due_at=NOW, what="Call.", **about)
        task = tasks.add(new, now=NOW)
        noon = {"starts_at": wall(NOW.date(), 12), "ends_at": wall(NOW.date(), 13), **about}
        closure = Closure(reason="Lunch", **noon)
        shift = CoverChange(role="nurse", number=1, who="Ada", **noon)
        outage = EquipmentOutage(kind="pump", number=1, **noon)
        clearance = Clearance(
            organisation_id=clinic.organisation_id, patient_id=clinic.patient_ids[0],
            what="Blood pressure", until=date(2028, 1, 1), by_name="Dana", recorded_at=NOW,
        )  # fmt: skip
        db.session.add_all([closure, clearance, shift, outage])
        db.session.flush()
        task_id, closure_id, clearance_id = task.id, closure.id, clearance.id
        change_id, outage_id = shift.id, outage.id
    message = db.session.query(Outbox).filter_by(organisation_id=clinic.organisation_id).first()
    version = clinic.versions["ket-mood-3x2"]
    assert message is not None
    assert booked.series_id is not None
    return World(
        clinic=clinic,
        ids={
            "visit_id": booked.visit_ids[0],
            "series_id": booked.series_id,
            "patient_id": clinic.patient_ids[0],
            "protocol_id": version,  # one version each, made in the same order
            "site_id": clinic.site_id,
            "chair_id": clinic.chair_ids[0],
            "closure_id": closure_id,
            "change_id": change_id,
            "outage_id": outage_id,
            "clearance_id": clearance_id,
            "message_id": message.id,
            "task_id": task_id,
            "number": 1,
        },
    )


def routes(app: Flask) -> list[tuple[Rule, str]]:
    """Every guarded rule with each of its methods that does something."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OPEN
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def address(rule: Rule, ids: dict[str, int]) -> str:
    names = {
        "language": "en",
        "table": "r4",
        "template_id": "ket-mood-3x2",
        "name": "20270104T150000Z-0123456789abcdef.eml",
    }
    values = {name: ids.get(name, names.get(name, 0)) for name in rule.arguments}
    adapter = rule.map.bind("localhost") if rule.map else None
    assert adapter is not None
    return adapter.build(rule.endpoint, values)


def has_object(rule: Rule) -> bool:
    """The address names a row of a clinic."""
    return bool(rule.arguments - {"template_id", "name", "number", "language", "table"})


def ask(desk: Desk, method: str, url: str) -> tuple[int, str]:
    """With the token of the page that was read last by hand: an error page has none."""
    answer = desk.client.open(url, method=method, headers={"X-CSRFToken": desk.csrf()})
    if answer.status_code == 302:
        desk.client.get("/change")  # takes the note that the next page would show
        return 302, ""
    return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def signed_in(app: Flask, ours: World, request: pytest.FixtureRequest) -> Desk:
    with app.app_context():
        email = add_staff(ours.clinic.organisation_id, request.param)
    desk = Desk(app, email)
    desk.get("/change")  # a page that everybody may see, for its token
    return desk


def test_every_route_has_its_row_and_every_row_its_route(app: Flask) -> None:
    there = {rule.endpoint for rule, _ in routes(app)}
    assert there == set(TABLE)
    assert {endpoint: needed_right(app, endpoint) for endpoint in there} == TABLE


def test_every_right_belongs_to_somebody() -> None:
    assert set(TABLE.values()) <= frozenset().union(*RIGHTS.values())


def test_nobody_comes_in_without_signing_in(app: Flask, ours: World) -> None:
    client = app.test_client()
    page = client.get("/login").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    inside = []
    for rule, method in routes(app):
        headers = {"X-CSRFToken": found[1]}
        answer = client.open(address(rule, ours.ids), method=method, headers=headers)
        if answer.status_code != 302 or not answer.location.startswith("/login"):
            inside.append((method, rule.rule, answer.status_code))
    assert inside == []


@pytest.mark.parametrize("signed_in", ROLES, indirect=True)
def test_a_role_opens_what_the_table_says_and_nothing_else(
    app: Flask, ours: World, signed_in: Desk, request: pytest.FixtureRequest
) -> None:
    role = request.node.callspec.params["signed_in"]
    wrong = []
    for rule, method in routes(app):
        status, _ = ask(signed_in, method, address(rule, ours.ids))
        may = TABLE[rule.endpoint] in RIGHTS[role]
        if (status == 403) is may or status >= 500:
            wrong.append((method, rule.rule, status))
    assert wrong == []


@pytest.mark.parametrize("signed_in", ["admin", "provider"], indirect=True)
def test_another_clinics_ids_answer_like_missing_ones(
    app: Flask, ours: World, theirs: World, signed_in: Desk, request: pytest.FixtureRequest
) -> None:
    role = request.node.callspec.params["signed_in"]
    missing = dict.fromkeys(theirs.ids, MISSING) | {"number": 1}
    told = []
    for rule, method in routes(app):
        if not has_object(rule) or TABLE[rule.endpoint] not in RIGHTS[role]:
            continue
        status, page = ask(signed_in, method, address(rule, theirs.ids))
        gone = ask(signed_in, method, address(rule, missing))
        same = status == gone[0] and plain(page) == plain(gone[1])
        if not same or (status != 404 and method == "GET") or status < 300:
            told.append((method, rule.rule, status, gone[0]))
    assert told == []


def plain(page: str) -> str:
    """Without what differs from one answer to the next."""
    return re.sub(r"nonce=\"[^\"]+\"|CSRFToken\": \"[^\"]+\"|value=\"[^\"]+\"", "", page)


@pytest.mark.parametrize("signed_in", ["admin"], indirect=True)
def test_another_clinics_ids_in_a_query_show_nothing_of_it(
    app: Flask, theirs: World, signed_in: Desk
) -> None:
    for query in BY_QUERY:
        status, page = ask(signed_in, "GET", query.format(**theirs.ids))
        assert status < 500, query
        assert STRANGER not in page, query
    found = signed_in.post("/patients/find", {"q": STRANGER})
    assert STRANGER not in found.text.replace(f'value="{STRANGER}"', "").replace(
        f"&#34;{STRANGER}&#34;", ""
    )

"""Signing in, staying signed in, and being signed out (trust I29)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from werkzeug.test import TestResponse

from config import Settings
from scheduler import create_app
from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import AuditEntry, User
from scheduler.services import people
from tests.desk import PASSWORD, Desk, add_staff
from tests.ground import released
from tests.page_forms import text_of

NEW_PASSWORD = "an entirely different one"
START = datetime(2027, 1, 13, 14, 0, tzinfo=UTC)
ELSEWHERE = ["//evil.example", "https://evil.example/", "\\\\evil.example", "/\\evil.example"]


@pytest.fixture
def email(app: Flask) -> str:
    with app.app_context():
        organisation_id = people.add_organisation("Halden Street", now=utcnow())
        return add_staff(organisation_id, "desk")


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def sign_in(client: FlaskClient, email: str, password: str, **more: str) -> TestResponse:
    fields = {"email": email, "password": password, "csrf_token": token(client.get("/login"))}
    return client.post("/login", data={**fields, **more})


def audited(app: Flask) -> list[str]:
    with app.app_context():
        return [row.action for row in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_signing_in_leads_to_the_page_that_was_asked_for(app: Flask, email: str) -> None:
    client = app.test_client()
    asked = client.get("/patients?page=2")
    assert asked.status_code == 302
    page = client.get(asked.location)
    next_ = re.search(r'name="next"[^>]*value="([^"]+)"', page.text)
    assert next_
    answer = sign_in(client, email, PASSWORD, next=next_[1])
    assert answer.status_code == 302
    assert answer.location == "/patients?page=2"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_way_back_leads_to_another_site(app: Flask, email: str, target: str) -> None:
    answer = sign_in(app.test_client(), email, PASSWORD, next=target)
    assert answer.status_code == 302
    reached = urljoin("http://localhost/login", answer.location.replace("\\", "/"))
    assert urlsplit(reached).netloc == "localhost"


def test_a_wrong_password_and_an_unknown_address_read_the_same(app: Flask, email: str) -> None:
    client = app.test_client()
    wrong = text_of(sign_in(client, email, "not the right password").text)
    unknown = text_of(sign_in(client, "nobody@staff.example", PASSWORD).text)
    assert "E-mail or password is not right." in wrong
    assert wrong == unknown
    assert client.get("/").status_code == 302


def test_both_kept_and_refused_sign_ins_leave_a_line_in_the_audit(app: Flask, email: str) -> None:
    client = app.test_client()
    sign_in(client, email, "not the right password")
    sign_in(client, "nobody@staff.example", PASSWORD)
    sign_in(client, email, PASSWORD)
    assert audited(app)[-3:] == ["sign_in_refused", "sign_in_refused", "signed_in"]


@pytest.mark.parametrize("text", ["", "x" * 10_000, "a\0b@c.example", "<script>", "🙂", "‮"])
def test_odd_text_in_the_form_is_refused_like_a_wrong_password(app: Flask, text: str) -> None:
    assert sign_in(app.test_client(), text, text).status_code == 200


def test_a_form_without_its_token_does_nothing(app: Flask, email: str) -> None:
    client = app.test_client()
    client.get("/login")
    answer = client.post("/login", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/").status_code == 302


def test_signing_in_begins_a_new_session(app: Flask, email: str) -> None:
    """What somebody planted in the browser before is worth nothing afterwards."""
    client = app.test_client()
    page = client.get("/login")
    before, planted = client.get_cookie("session"), token(page)
    fields = {"email": email, "password": PASSWORD, "csrf_token": planted}
    client.post("/login", data=fields)
    after = client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"
    assert client.post("/logout", data={"csrf_token": planted}).status_code == 400
    other = app.test_client()
    other.set_cookie("session", before.value)
    assert other.get("/").status_code == 302


def test_signing_out_takes_a_sent_form(app: Flask, email: str) -> None:
    desk = Desk(app, email)
    assert desk.client.get("/logout").status_code == 405
    desk.get("/")
    assert desk.post("/logout").status_code == 302
    assert desk.client.get("/").status_code == 302


def test_after_a_quarter_of_an_hour_without_a_click_one_is_signed_out(
    app: Flask, email: str
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        desk = Desk(app, email)
        for _ in range(3):
            clock.shift(timedelta(minutes=14))
            assert desk.get("/").status_code == 200
        clock.shift(timedelta(minutes=16))
        assert desk.get("/").status_code == 302


def test_the_boards_own_questions_are_nobodys_click(app: Flask, email: str) -> None:
    with time_machine.travel(START, tick=False) as clock:
        desk = Desk(app, email)
        desk.get("/")
        for _ in range(2):
            clock.shift(timedelta(minutes=7))
            assert desk.client.get("/healthz", headers={"X-Poll": "1"}).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert desk.get("/").status_code == 302


def test_after_twelve_hours_everybody_signs_in_anew(app: Flask, email: str) -> None:
    with time_machine.travel(START, tick=False) as clock:
        desk = Desk(app, email)
        for _ in range(60):
            clock.shift(timedelta(minutes=12))
            answer = desk.get("/patients")
        assert answer.status_code == 200
        clock.shift(timedelta(minutes=1))
        assert desk.get("/patients").status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        people.UserChange(roles=("nurse",)),
        people.UserChange(active=False),
        people.UserChange(password_hash="x"),
    ],
)
def test_changed_roles_password_or_access_end_the_sessions(
    app: Flask, email: str, change: people.UserChange
) -> None:
    desk = Desk(app, email)
    assert desk.get("/").status_code == 200
    with app.app_context():
        people.change_user(email, change, now=utcnow())
    assert desk.client.get("/").status_code == 302


def test_whoever_may_not_sign_in_any_more_is_told_no_more_than_others(
    app: Flask, email: str
) -> None:
    with app.app_context():
        people.change_user(email, people.UserChange(active=False), now=utcnow())
    answer = sign_in(app.test_client(), email, PASSWORD)
    assert "E-mail or password is not right." in text_of(answer.text)


def change_password(desk: Desk, now: str, new: str, again: str | None = None) -> TestResponse:
    desk.get("/change")
    fields = {"password": now, "new_password": new, "new_password_confirm": again or new}
    return desk.post("/change", {**fields, "csrf_token": desk.csrf()})


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app: Flask, email: str) -> None:
    here, there = Desk(app, email), Desk(app, email)
    assert change_password(here, PASSWORD, NEW_PASSWORD).status_code == 302
    here.get("/")
    assert "Your password is changed." in here.text
    assert there.client.get("/").status_code == 302
    assert sign_in(app.test_client(), email, NEW_PASSWORD).status_code == 302
    assert "password_changed" in audited(app)


@pytest.mark.parametrize(
    ("now", "new", "again", "said"),
    [
        (PASSWORD, "short", None, "at least 12 characters"),
        (PASSWORD, "password1234", None, "among the first"),
        (PASSWORD, "dana.front is here", None, "your own name"),
        (PASSWORD, PASSWORD, None, "you have now"),
        (PASSWORD, NEW_PASSWORD, "something else again", "differ"),
        ("not my password", NEW_PASSWORD, None, "not your password"),
    ],
)
def test_a_password_that_cannot_be_taken_says_why_at_its_field(
    app: Flask, email: str, now: str, new: str, again: str | None, said: str
) -> None:
    desk = Desk(app, email)
    answer = change_password(desk, now, new, again)
    assert answer.status_code == 200
    assert said in desk.text
    assert sign_in(app.test_client(), email, PASSWORD).status_code == 302


def test_passwords_are_kept_as_argon2_only(app: Flask, email: str) -> None:
    with app.app_context():
        kept = db.session.query(User).filter_by(email=email).one().password
    assert str(kept).startswith("$argon2")


def test_the_page_part_that_htmx_asks_for_leads_to_the_whole_sign_in_page(app: Flask) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://localhost/patients?page=2"}
    answer = app.test_client().get("/board", headers=asked)
    assert answer.headers["HX-Redirect"] == "/login?next=/patients?page%3D2"


def test_a_script_that_asks_for_json_is_told_in_json(app: Flask) -> None:
    answer = app.test_client().get("/", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json == {"message": "You are signed out. Sign in again."}


@pytest.fixture
def guarded(app_settings: Settings, app: Flask, email: str) -> Iterator[Flask]:
    """The same clinic with the limits on tries, which other tests go without."""

    class Limited(Settings):
        def flask(self) -> dict[str, Any]:
            return {**super().flask(), "RATELIMIT_ENABLED": True}

    with released(create_app(Limited(**vars(app_settings)))) as whole:
        yield whole


def test_ten_wrong_tries_close_an_account_for_a_while_also_to_its_owner(
    guarded: Flask, email: str
) -> None:
    client = guarded.test_client()
    for _ in range(10):
        assert sign_in(client, email, "not the right password").status_code == 200
    assert sign_in(client, email, PASSWORD).status_code == 429


def test_signing_in_rightly_does_not_count_as_a_try(guarded: Flask, email: str) -> None:
    for _ in range(12):
        assert sign_in(guarded.test_client(), email, PASSWORD).status_code == 302


def test_one_address_may_not_try_many_accounts(guarded: Flask) -> None:
    client = guarded.test_client()
    answers = {
        sign_in(client, f"guess{number}@staff.example", "some password here").status_code
        for number in range(21)
    }
    assert 429 in answers


def test_the_password_of_a_new_person_works_at_once(app: Flask) -> None:
    with app.app_context():
        organisation_id = people.add_organisation("Halden Street", now=utcnow())
        new = people.NewUser(
            organisation_id=organisation_id,
            email="Theo@staff.example",
            name="Theo",
            roles=("manager", "provider"),
            password_hash=str(hash_password(NEW_PASSWORD)),
        )
        people.add_user(new, now=utcnow())
    assert sign_in(app.test_client(), "theo@STAFF.example", NEW_PASSWORD).status_code == 302

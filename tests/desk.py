"""Somebody at the desk: a test client that signs in, reads pages and sends their forms."""

from __future__ import annotations

import re
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from werkzeug.test import TestResponse

from scheduler.clock import utcnow
from scheduler.services import people
from tests.page_forms import Button, PageForm, forms_on, text_of

PASSWORD = "correct horse battery staple"


@cache
def hashed() -> str:
    """Once for all tests: hashing takes its time on purpose."""
    return str(hash_password(PASSWORD))


def add_staff(organisation_id: int, role: str, name: str = "Dana Front") -> str:
    """The address of somebody with this role. Inside a request or application context."""
    email = f"{role}.{organisation_id}@staff.example"
    person = people.NewUser(
        organisation_id=organisation_id,
        email=email,
        name=name,
        roles=(role,),
        password_hash=hashed(),
    )
    people.add_user(person, now=utcnow())
    return email


class Desk:
    """A signed-in browser without script; `page` is the last page's HTML."""

    def __init__(self, app: Flask, email: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.page = ""
        self.get("/login")
        answer = self.client.post(
            "/login", data={"email": email, "password": PASSWORD, "csrf_token": self.csrf()}
        )
        assert answer.status_code == 302, text_of(answer.text)

    def get(self, url: str, **headers: str) -> TestResponse:
        return self._read(self.client.get(url, headers=headers))

    def post(self, url: str, data: object = None, **headers: str) -> TestResponse:
        """Sends fields as they are; the token that every page carries goes in the header."""
        sent = {"X-CSRFToken": self.csrf(), **headers}
        return self._read(self.client.post(url, data=data, headers=sent))

    def press(
        self, form: PageForm, button: Button | str, **changes: str | list[str]
    ) -> TestResponse:
        """Fill in, press, and follow to the next page."""
        pressed = form.button(button) if isinstance(button, str) else button
        data = form.filled(**changes)
        if pressed.name:
            data[pressed.name] = [pressed.value]
        answer = self._read(self.client.post(pressed.action, data=data))
        if answer.status_code == 302:
            return self.get(answer.location)
        return answer

    def form(self, name: str) -> PageForm:
        return forms_on(self.page)[name]

    @property
    def text(self) -> str:
        return text_of(self.page)

    def csrf(self) -> str:
        found = re.search(
            r'"X-CSRFToken": "([^"]+)"|name="csrf_token"[^>]*value="([^"]+)"', self.page
        )
        assert found, "no page with a token was read yet"
        return found[1] or found[2]

    def _read(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and answer.status_code != 302 and "<html" in answer.text:
            self.page = answer.text
        return answer

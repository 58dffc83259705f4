"""Watches everything that a test run lets out: mails, open pages, addresses, logs (trust I17, I18).

Each watcher adds what it finds to `leaks`; a fixture of conftest.py fails the test in which it
happened. Patients are known from the rows that the tests themselves add.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import unquote_plus

from flask import Flask, Response, request, request_finished
from sqlalchemy import event

from scheduler.models import Patient
from tests.discreet import tell_tales

OPEN_PAGES = {"patient_page", "unsubscribe", "driver_page", "feeds", "phone_hooks", "health"}
"""Blueprints that patients and strangers reach."""
OUR_WORDS = {"session", "series", "chairtime", "dose", "induction", "maintenance", "booster"}
"""Words of the code; on their own they tell a reader of logs nothing about a patient."""
SHORTEST_NAME = 4
_TOKEN = re.compile(r"/(?:p|u|d|cal)/[A-Za-z0-9_-]{20,}")


@dataclass
class Scan:
    """What was seen in this process. `names` are last names, whole words."""

    names: set[str] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)

    def take(self) -> list[str]:
        found, self.leaks = self.leaks, []
        return found

    def text(self, where: str, text: str, *, words: bool = True, names: bool = True) -> None:
        """`words`, `names`: whether the treatment or a patient's name would be a leak here.

        The random letters of a link are no words, even where they spell one.
        """
        if words:
            self.leaks += [f"{where}: {word}" for word in tell_tales(_TOKEN.sub("/", text))]
        if names:
            known = self.names & set(re.findall(r"\w+", text))
            self.leaks += [f"{where}: the name {name}" for name in known]

    def mail(self, data: bytes) -> None:
        message = message_from_bytes(data, policy=SMTP)
        assert isinstance(message, EmailMessage)
        for name in ("Subject", "From", "To", "Message-ID", "List-Unsubscribe"):
            self.text(name, str(message[name] or ""))
        for part in message.walk():
            if part.get_content_maintype() in ("text", "application"):
                said = bytes(part.get_payload(decode=True) or b"").decode(errors="replace")
                kind = part.get_content_type()
                self.text(kind, said, names=kind in ("text/calendar", "application/ics"))

    def answer(self, response: Response) -> None:
        """Addresses of every request; where strangers come, every word of them and of the page."""
        stranger = (request.blueprint or "") in OPEN_PAGES
        for address in (request.full_path, response.location or ""):
            self.text("address", unquote_plus(address), words=stranger)
        if stranger and not response.is_streamed and not response.direct_passthrough:
            self.text(f"page {request.endpoint}", response.get_data(as_text=True), names=False)

    def record(self, line: str) -> None:
        words = [word for word in tell_tales(line) if word.lower() not in OUR_WORDS]
        self.leaks += [f"log: {word}" for word in words]
        self.text("log", line, words=False)
        self.leaks += [f"log: {found}" for found in _TOKEN.findall(line)]


scan = Scan()


class _Reader(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        scan.record(self.format(record))


def _know(_mapper: Any, _connection: Any, patient: Patient) -> None:
    if len(patient.last_name) >= SHORTEST_NAME:
        scan.names |= {patient.last_name}


def _look(_sender: Flask, response: Response, **_: Any) -> None:
    scan.answer(response)


def watch() -> Iterator[Scan]:
    """From here to the end of the run."""
    reader = _Reader()
    logging.getLogger().addHandler(reader)
    event.listen(Patient, "after_insert", _know)
    request_finished.connect(_look)
    yield scan
    request_finished.disconnect(_look)
    event.remove(Patient, "after_insert", _know)
    logging.getLogger().removeHandler(reader)

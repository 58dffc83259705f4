"""A finished message taken apart for reading: headers, text, HTML, calendar file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from scheduler.services.own.link_masks import masked

SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """`headers` in the message's order; `calendar` are the bytes of its file `calendar_name`."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    calendar: bytes | None
    calendar_name: str

    @property
    def first_headers(self) -> list[tuple[str, str]]:
        return [pair for pair in self.headers if pair[0] in SHOWN_HEADERS]

    @property
    def other_headers(self) -> list[tuple[str, str]]:
        return [pair for pair in self.headers if pair[0] not in SHOWN_HEADERS]

    def header(self, name: str) -> str:
        return next((value for found, value in self.headers if found == name), "")

    def for_staff(self) -> Opened:
        """Without the tokens of its links, which are the patient's."""
        calendar = self.calendar
        return replace(
            self,
            headers=[(name, masked(value)) for name, value in self.headers],
            text=masked(self.text),
            html=masked(self.html),
            calendar=masked(calendar.decode()).encode() if calendar is not None else None,
        )


def opened(data: bytes) -> Opened:
    """Reads what we wrote ourselves; never used for mail from outside."""
    message = message_from_bytes(data, policy=SMTP)
    attached = [part for part in message.walk() if part.get_content_type() == "application/ics"]
    return Opened(
        headers=[(name, str(value)) for name, value in message.items()],
        text=_body(message, "plain"),
        html=_body(message, "html"),
        calendar=bytes(attached[0].get_payload(decode=True)) if attached else None,
        calendar_name=(attached[0].get_filename() or "") if attached else "",
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")

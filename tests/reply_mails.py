"""E-mails as patients, their calendar programs, mail servers and attackers send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.clinic import NOW

AUTHSERV = "mx.larkspur.example"
TOKEN = "0123456789abcdef" * 2
ORGANIZER = f"visits+{TOKEN}@larkspur.example"
PATIENT = "pat@mail.example"
UID = "11111111-2222-4333-8444-555555555555@larkspur.example"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A well-formed answer; each test changes one thing. `lines` replace lines of the file."""

    sender: str = PATIENT
    attendee: str = PATIENT
    to: str = ORGANIZER
    organizer: str = ORGANIZER
    uid: str = UID
    method: str = "REPLY"
    partstat: str = "ACCEPTED"
    sequence: int | None = 0
    stamped_at: datetime = NOW + timedelta(hours=1)
    proof: str = "dmarc=pass header.from=mail.example"
    authserv: str = AUTHSERV
    more: tuple[str, ...] = ()
    headers: tuple[str, ...] = field(default=())
    text: str = ""

    @property
    def calendar(self) -> bytes:
        lines = [
            "BEGIN:VCALENDAR", "PRODID:-//Somebody//EN", "VERSION:2.0", f"METHOD:{self.method}",
            "BEGIN:VEVENT", f"UID:{self.uid}", f"DTSTAMP:{self.stamped_at:%Y%m%dT%H%M%SZ}",
            f"ATTENDEE;PARTSTAT={self.partstat}:mailto:{self.attendee}", *self.more, "END:VEVENT",
            "END:VCALENDAR", "",
        ]  # fmt: skip
        if self.organizer:
            lines.insert(6, f"ORGANIZER:mailto:{self.organizer}")
        if self.sequence is not None:
            lines.insert(6, f"SEQUENCE:{self.sequence}")
        return "\r\n".join(lines).encode()

    @property
    def head(self) -> bytes:
        lines = [
            f"Authentication-Results: {self.authserv}; {self.proof}", *self.headers,
            f"From: {self.sender}", f"To: {self.to}", "Subject: Accepted", "MIME-Version: 1.0",
        ]  # fmt: skip
        return "".join(f"{line}\r\n" for line in lines).encode()

    def data(self, calendar: bytes | None = None, charset: str = "utf-8") -> bytes:
        """With the words before the file, as calendar programs do it."""
        part = self.calendar if calendar is None else calendar
        kind = f'text/calendar; charset="{charset}"; method={self.method.strip()}'
        return (
            self.head
            + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
            + b"--b\r\nContent-Type: text/plain\r\n\r\n"
            + self.text.encode()
            + f"\r\n--b\r\nContent-Type: {kind}\r\n\r\n".encode()
            + part
            + b"\r\n--b--\r\n"
        )

    def letter(self) -> bytes:
        return self.head + b"Content-Type: text/plain\r\n\r\n" + self.text.encode()


def bounce(to: str, recipient: str, message_id: str, status: str, action: str = "failed") -> bytes:
    """A report with our invitation inside (RFC 3464)."""
    lines = [
        "From: MAILER-DAEMON@mx.example", f"To: {to}", "Return-Path: <>", "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=r", "",
        "--r", "Content-Type: text/plain", "", "It did not work.",
        "--r", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
        f"Final-Recipient: rfc822; {recipient}", f"Action: {action}", f"Status: {status}",
        f"Diagnostic-Code: smtp; 550 {status} no such user", "",
        "--r", "Content-Type: message/rfc822", "", f"Message-ID: {message_id}", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + Mail(method="REQUEST").data() + b"\r\n--r--\r\n"

"""The demo plays the patient's calendar: a well-formed answer, put where replies are read."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from icalendar import Calendar, Event, vCalAddress

from scheduler.invites.reading import Entry
from scheduler.mail.opened import Opened

AUTHSERV_ID = "mail.demo.invalid"
"""The demo's own mail server, whose word about a sender the demo trusts; no real one can have this
name (RFC 6761)."""
WORDS = {"ACCEPTED": "Accepted", "TENTATIVE": "Maybe", "DECLINED": "Declined"}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """`partstat` is a key of WORDS; `proposed_at` (aware UTC) makes it a proposal of a new time."""

    partstat: str = ""
    proposed_at: datetime | None = None
    comment: str = ""


def reply_folder(data_dir: Path) -> Path:
    return data_dir / "replies"


def answer(invitation: Entry, reply: Reply, *, now: datetime) -> bytes:
    """An .eml as a good calendar program sends it (RFC 5546 3.2.3, 3.2.7)."""
    method = "COUNTER" if reply.proposed_at is not None else "REPLY"
    subject = "New time proposed" if method == "COUNTER" else WORDS[reply.partstat]
    message = _letter(invitation.attendee, invitation.organizer, subject, now)
    message.set_content(reply.comment or subject)
    message.add_alternative(
        _calendar(invitation, reply, method, now),
        maintype="text",
        subtype="calendar",
        cte="base64",
        params={"charset": "utf-8", "method": method},
    )
    return message.as_bytes()


def letter(sender: str, to: str, text: str, *, now: datetime) -> bytes:
    """Plain words from a patient."""
    message = _letter(sender, to, "A question", now)
    message.set_content(text)
    return message.as_bytes()


def bounce(mail: Opened, *, now: datetime) -> bytes:
    """What a mail server writes when nobody has the address (RFC 3464)."""
    sent_to, message_id = mail.header("To"), mail.header("Message-ID")
    back_to = mail.header("From").rpartition("<")[2].rstrip(">")
    message = _letter(f"mailer-daemon@{AUTHSERV_ID}", back_to, "Undelivered mail", now)
    head = "".join(f"{name}: {value}\r\n" for name, value in message.items())
    return (
        f"{head}Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNobody here has this address.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; {AUTHSERV_ID}\r\n\r\n"
        f"Final-Recipient: rfc822; {sent_to}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode("ascii", "replace")


def drop(data: bytes, data_dir: Path, *, now: datetime) -> None:
    """Whole or not at all: the worker may look at any moment."""
    folder = reply_folder(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    draft = folder / f"{name}.part"
    draft.write_bytes(data)
    os.replace(draft, folder / f"{name}.eml")


def _letter(sender: str, to: str, subject: str, now: datetime) -> EmailMessage:
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["Authentication-Results"] = f"{AUTHSERV_ID}; dmarc=pass header.from={domain}"
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{secrets.token_hex(12)}@{domain}>"
    return message


def _calendar(invitation: Entry, reply: Reply, method: str, now: datetime) -> bytes:
    length = invitation.ends_at - invitation.starts_at
    starts_at = reply.proposed_at or invitation.starts_at
    person = vCalAddress.new(invitation.attendee, partstat=reply.partstat or "TENTATIVE")
    event = Event.new(
        uid=invitation.uid,
        sequence=invitation.sequence,
        stamp=now,
        start=starts_at,
        end=starts_at + length,
        summary=invitation.summary,
        organizer=vCalAddress.new(invitation.organizer),
        attendees=[person],
    )
    if reply.comment:
        event.add("COMMENT", reply.comment)
    calendar = Calendar.new(prodid="-//Demo mailbox//EN", method=method)
    calendar.pop("UID", None)
    calendar.add_component(event)
    return bytes(calendar.to_ical())

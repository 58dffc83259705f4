"""A message from outside as facts: bytes in, no effect, and never an error (calendar I1)."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser

from scheduler.invites import replies
from scheduler.invites.clean_text import lines, one_line
from scheduler.invites.replies import CalendarFile, Unreadable
from scheduler.mail import inbound_bounce, inbound_parts, inbound_proof
from scheduler.services.incoming.inbound_facts import LARGEST, LONGEST_TEXT, Bounce, MailIn

HEAD = 32 * 1024
"""Bytes of a message that is too large, in which its headers are looked for."""
TOO_LARGE = "It is too large to be read here. Look for it in the mailbox itself."
UNREADABLE = "It cannot be read. Look for it in the mailbox itself."
LONGEST_HEADER = 16 * 1024
_MOST_BOUNDARIES = 100
_TOKEN = re.compile(r"\+([0-9a-f]{32})@")
_SENT_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_AUTO_WORDS = ("bulk", "junk", "list", "auto_reply")


def read(data: bytes, *, authserv_id: str, size: int | None = None) -> MailIn:
    """The facts of one message; `size` is its whole length where `data` is only its beginning.

    `authserv_id` names our own mail server in Authentication-Results; "" where nobody says it.
    Never raises: what cannot be read says so in `wrong` (calendar I1, trust fact 6).
    """
    digest = hashlib.sha256(data).hexdigest()
    if max(len(data), size or 0) > LARGEST:
        return _headers_of(data[:HEAD], digest, authserv_id, TOO_LARGE)
    if data.lower().count(b"boundary") > _MOST_BOUNDARIES:
        return _headers_of(data[:HEAD], digest, authserv_id, UNREADABLE)
    try:
        return _facts(message_from_bytes(data), digest, authserv_id)
    except Exception:  # parsers fail in many ways on what is made to hurt them
        return _headers_of(data[:HEAD], digest, authserv_id, UNREADABLE)


def _facts(message: Message, digest: str, authserv_id: str) -> MailIn:
    if any(len(str(value)) > LONGEST_HEADER for part in message.walk() for value in part.values()):
        raise ValueError
    sender = inbound_proof.one_sender(message)
    calendar, wrong = None, ""
    bounce = _bounce(message, sender)
    if bounce is None and (part := inbound_parts.calendar_part(message)) is not None:
        calendar, wrong = _calendar(part)
    return MailIn(
        digest=digest,
        message_id=one_line(str(message["Message-ID"] or ""), 300),
        sender=sender,
        tokens=_tokens(message),
        proof=inbound_proof.proof(message, sender, authserv_id),
        auto=_auto(message),
        text=inbound_parts.text(message, LONGEST_TEXT),
        subject=_subject(message),
        wrong=wrong,
        calendar=calendar,
        bounce=bounce,
    )


def _headers_of(head: bytes, digest: str, authserv_id: str, wrong: str) -> MailIn:
    """Who wrote it, from its headers alone; nothing if even they cannot be read."""
    try:
        message = BytesHeaderParser().parsebytes(head, headersonly=True)
        sender = inbound_proof.one_sender(message)
        return MailIn(
            digest=digest,
            message_id=one_line(str(message["Message-ID"] or ""), 300),
            sender=sender,
            tokens=_tokens(message),
            proof=inbound_proof.proof(message, sender, authserv_id),
            auto=_auto(message),
            subject=_subject(message),
            wrong=wrong,
        )
    except Exception:  # as above; then it is only known that something came
        return MailIn(digest=digest, wrong=wrong)


def _bounce(message: Message, sender: str) -> Bounce | None:
    if inbound_bounce.is_report(message):
        return inbound_bounce.bounce(message)
    return Bounce() if inbound_bounce.is_from_daemon(sender) else None


def _calendar(part: Message) -> tuple[CalendarFile | None, str]:
    try:
        found = replies.read(inbound_parts.in_utf8(part))
    except Unreadable as error:
        return None, str(error)
    named = inbound_parts.method_of(part)
    if named and named != found.method:
        return None, "Its header and its calendar file ask for different things."
    return found, ""


def _tokens(message: Message) -> frozenset[str]:
    values = [str(value) for name in _SENT_TO for value in message.get_all(name, [])]
    cut = (value[: inbound_proof.LONGEST_HEADER].lower() for value in values[:50])
    return frozenset(token for value in cut for token in _TOKEN.findall(value))


def _auto(message: Message) -> bool:
    """A machine wrote it: an answer to it would go round for ever (RFC 3834, calendar I8)."""
    submitted = str(message["Auto-Submitted"] or "no").partition(";")[0].strip().lower()
    precedence = str(message["Precedence"] or "").strip().lower()
    marked = any(message[name] for name in ("X-Autoreply", "X-Autorespond"))
    nobody = str(message["Return-Path"] or "").strip() == "<>"
    receipt = message.get_content_type() == "multipart/report"
    return submitted != "no" or precedence in _AUTO_WORDS or marked or nobody or receipt


def _subject(message: Message) -> str:
    raw = str(message["Subject"] or "")[:1000]
    try:
        return lines(str(make_header(decode_header(raw))), 200).strip()
    except Exception:  # a charset that is none, and worse
        return one_line(raw, 200)

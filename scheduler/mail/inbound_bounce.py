"""A mail server's report about a message of ours, as facts (RFC 3464)."""

from __future__ import annotations

import re
from email.message import Message
from email.parser import HeaderParser

from scheduler.invites.clean_text import one_line
from scheduler.mail.inbound_parts import leaves
from scheduler.services.incoming.inbound_facts import Bounce

_MESSAGE_ID = re.compile(r"<[^<>\s]{3,190}>")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_DAEMONS = ("mailer-daemon", "postmaster")


def is_report(message: Message) -> bool:
    """multipart/report of a delivery; a receipt for reading is none (RFC 8098)."""
    kind = str(message.get_param("report-type", "delivery-status")).casefold()
    return message.get_content_type() == "multipart/report" and kind == "delivery-status"


def is_from_daemon(sender: str) -> bool:
    return sender.partition("@")[0] in _DAEMONS


def bounce(message: Message) -> Bounce:
    """What can be told; a report without a machine's part has only the message it is about."""
    parts = list(leaves(message))
    blocks = [block for part in parts for block in _blocks(part)]
    told = [block for block in blocks if block["Action"] or block["Status"]]
    failed = [block for block in told if _word(block["Action"]) == "failed"]
    ids = tuple(found for part in parts for found in _ids(part))
    if not told:
        return Bounce(message_ids=ids)
    worst = (failed or told)[0]
    status = _STATUS.search(str(worst["Status"] or ""))
    address = str(worst["Final-Recipient"] or worst["Original-Recipient"] or "")
    return Bounce(
        action=_word(worst["Action"]),
        status=status[1] if status else "",
        recipient=address.rpartition(";")[2].strip().strip("<>").casefold()[:254],
        said=one_line(str(worst["Diagnostic-Code"] or worst["Status"] or ""), 300),
        message_ids=ids,
    )


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    if part.get_content_type() != "message/delivery-status" or not isinstance(payload, list):
        return []
    return [one for one in payload[:20] if isinstance(one, Message)]


def _ids(part: Message) -> list[str]:
    """Of the message that is sent back, whole or its headers alone; nothing else of it is read."""
    kind, payload = part.get_content_type(), part.get_payload()
    if kind == "message/rfc822" and isinstance(payload, list) and payload:
        inner = payload[0]
    elif kind == "text/rfc822-headers" and isinstance(payload, str):
        inner = HeaderParser().parsestr(payload, headersonly=True)
    else:
        return []
    return _MESSAGE_ID.findall(str(inner["Message-ID"] or "")) if isinstance(inner, Message) else []


def _word(value: object) -> str:
    return str(value or "").strip().casefold()[:20]

"""The demo's mailbox: reads back the .eml files that the folder transport wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from scheduler.errors import NotFound

NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{16}\.eml")
NEWEST = 500


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What the list shows of one message; `sent_at` is aware UTC."""

    name: str
    sent_at: datetime
    recipient: str
    subject: str
    message_id: str


def envelopes(folder: Path) -> list[Envelope]:
    """Newest first; digests before the invitations of the same second."""
    names = sorted((path.name for path in folder.glob("*.eml") if _is_ours(path)), reverse=True)
    found = [_envelope(folder / name) for name in names[:NEWEST]]
    return sorted(found, key=lambda one: (-one.sent_at.timestamp(), _rank(one), one.subject))


def raw(folder: Path, name: str) -> bytes:
    """Raises NotFound for anything that is not the name of a message in this folder."""
    path = folder / name
    if not _is_ours(path) or not path.is_file():
        raise NotFound
    return path.read_bytes()


def _is_ours(path: Path) -> bool:
    return NAME.fullmatch(path.name) is not None


def _rank(one: Envelope) -> int:
    return 0 if one.subject.startswith("Your") else 1


def _envelope(path: Path) -> Envelope:
    with path.open("rb") as file:
        head = BytesHeaderParser(policy=policy.SMTP).parse(file)
    return Envelope(
        name=path.name,
        sent_at=parsedate_to_datetime(str(head["Date"])),
        recipient=str(head["To"]),
        subject=str(head["Subject"]),
        message_id=str(head["Message-ID"]),
    )

"""Keeps text messages and calls in a folder, one JSON file each: the demo's provider."""

from __future__ import annotations

import json
import os
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scheduler.mail.parcel import Parcel, Receipt, ServerTrouble

NAME = re.compile(r"[0-9a-f-]{36}\.json")
NEWEST = 500


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One text message or call as it was handed over; `at` is when it was kept, UTC.

    `kind` is sms, voice, or typed: what somebody wrote on the phone `to` themselves.
    """

    id: str
    kind: str
    to: str
    text: str
    at: datetime


class PhoneFolder:
    """A file is named by the message's id, so a repeat overwrites itself."""

    timeout_seconds = 10.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServerTrouble(f"The phone folder cannot be made: {error.strerror}.") from error

    def send(self, parcel: Parcel) -> Receipt:
        self.open()
        number = str(json.loads(parcel.data)["id"])
        path = self.folder / f"{number}.json"
        draft = path.with_suffix(".part")
        try:
            draft.write_bytes(parcel.data)
            os.replace(draft, path)
        except OSError as error:
            raise ServerTrouble(f"The phone folder cannot be written: {error.strerror}.") from error
        return Receipt(said="Kept in the phone folder.", reference=number)

    def close(self) -> None:
        pass

    def probe(self) -> None:
        self.open()


def typed(folder: Path, number: str, text: str) -> str:
    """What somebody writes on a phone of the demo; the id that it is handed over with."""
    plain = {"id": str(uuid.uuid4()), "kind": "typed", "to": number, "text": text}
    parcel = Parcel(sender=number, recipient="", data=json.dumps(plain).encode())
    return PhoneFolder(folder).send(parcel).reference


def kept(folder: Path) -> list[Kept]:
    """The newest messages, oldest first."""
    paths = [path for path in folder.glob("*.json") if NAME.fullmatch(path.name)]
    found = sorted((path.stat().st_mtime_ns, path) for path in paths)[-NEWEST:]
    return [_read(path, at) for at, path in found]


def _read(path: Path, at: int) -> Kept:
    plain = json.loads(path.read_bytes())
    return Kept(
        id=plain["id"],
        kind=plain["kind"],
        to=plain["to"],
        text=plain["text"],
        at=datetime.fromtimestamp(at / 1e9, UTC),
    )

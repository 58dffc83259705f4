"""Delivers into a folder, one .eml file per message: the demo's post office."""

from __future__ import annotations

import hashlib
import os
from email import message_from_bytes
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from pathlib import Path

from scheduler.mail.parcel import Parcel, Receipt, ServerTrouble


class FolderTransport:
    """The name of a file comes from the message's date and bytes, so a repeat overwrites itself."""

    timeout_seconds = 10.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServerTrouble(f"The mail folder cannot be made: {error.strerror}.") from error

    def send(self, parcel: Parcel) -> Receipt:
        path = self.folder / _name(parcel.data)
        draft = path.with_suffix(".part")
        try:
            draft.write_bytes(parcel.data)
            os.replace(draft, path)
        except OSError as error:
            raise ServerTrouble(f"The mail folder cannot be written: {error.strerror}.") from error
        return Receipt(said="Kept in the mail folder.")

    def close(self) -> None:
        pass

    def probe(self) -> None:
        self.open()


def _name(data: bytes) -> str:
    sent_at = parsedate_to_datetime(str(message_from_bytes(data, policy=SMTP)["Date"]))
    return f"{sent_at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(data).hexdigest()[:16]}.eml"

"""Replies as files: a maildir that a mail server fills, or a folder of .eml files (the demo's)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from scheduler.mail.inbound import HEAD
from scheduler.mail.inbox import AT_ONCE, InboxTrouble, Received
from scheduler.services.incoming.inbound_facts import LARGEST
from scheduler.services.incoming.mailboxes import Place


class ReplyFolder:
    """New files are read oldest name first and then moved: to cur/ of a maildir, else to read/."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"folder:{folder.name}"[:120]

    @property
    def _is_maildir(self) -> bool:
        return (self.folder / "new").is_dir() and (self.folder / "cur").is_dir()

    def messages(self, _last: Place, _since: datetime) -> Iterator[Received]:
        place = Place(mailbox=self.name)
        for path in self._new():
            try:
                size = path.stat().st_size
                with path.open("rb") as file:
                    data = file.read(HEAD if size > LARGEST else LARGEST + 1)
            except OSError as error:
                raise InboxTrouble(f"A reply cannot be read: {error.strerror}.") from error
            yield Received(place=place, data=data, size=size, name=path.name)

    def done(self, received: Received) -> None:
        maildir = self._is_maildir
        source = (self.folder / "new" if maildir else self.folder) / received.name
        target = self.folder / ("cur" if maildir else "read")
        try:
            target.mkdir(exist_ok=True)
            os.replace(source, target / (received.name + (":2,S" if maildir else "")))
        except FileNotFoundError:
            return  # another worker read it too and was faster; its digest was known
        except OSError as error:
            raise InboxTrouble(f"A reply cannot be put aside: {error.strerror}.") from error

    def _new(self) -> list[Path]:
        """Plain files only: a link could lead anywhere."""
        folder, ending = (self.folder / "new", "") if self._is_maildir else (self.folder, ".eml")
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if _is_file(entry))
        except FileNotFoundError:
            return []  # nobody has replied yet
        except OSError as error:
            raise InboxTrouble(f"The folder cannot be read: {error.strerror}.") from error
        return [folder / name for name in names if name.endswith(ending)][:AT_ONCE]


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) and not entry.name.startswith(".")

"""Where messages from outside lie until they are read: what the worker needs of any such place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.invites.clean_text import one_line
from scheduler.services.incoming.mailboxes import Place

AT_ONCE = 200
"""So many messages are read at a time; the rest waits for the next."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message: its bytes, or their beginning if `size` says that there are too many."""

    place: Place
    data: bytes
    size: int
    name: str = ""


class InboxTrouble(Exception):
    """It cannot be read now. The text is for staff; it holds no password and no message."""

    def __init__(self, why: str) -> None:
        super().__init__(one_line(why, 300))


class Inbox(Protocol):
    """Nothing in it is changed or deleted; a folder moves what was read aside."""

    @property
    def name(self) -> str:
        """The same for ever: what was read is remembered under it."""

    def messages(self, last: Place, since: datetime) -> Iterator[Received]:
        """What came after `last`, oldest first; where numbers began anew, what came `since`.

        Raises InboxTrouble."""

    def done(self, received: Received) -> None:
        """Its effect is committed. Raises InboxTrouble."""

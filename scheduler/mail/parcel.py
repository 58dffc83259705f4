"""One message on its way: what a transport takes, what it promises, and what can go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scheduler.invites.clean_text import one_line


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One message as bytes for one recipient (trust I15). `sender` is the envelope's and From's."""

    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a server or provider said when it took a message, and its own number for it, if any."""

    said: str = ""
    reference: str = ""


class Undelivered(Exception):
    """The message was not taken. Its text is for staff on the Messages page, never for a log."""

    def __init__(self, why: str) -> None:
        super().__init__(one_line(why, 300))

    @property
    def why(self) -> str:
        return str(self)


class Refused(Undelivered):
    """The server will never take this message, or for this address: fail the row at once."""


class NobodyThere(Refused):
    """The server knows that the address itself is wrong: nothing need be sent there again."""


class NotNow(Undelivered):
    """Try this message again later. `uncertain`: the server may have taken it all the same."""

    def __init__(self, why: str, *, uncertain: bool = False) -> None:
        super().__init__(why)
        self.uncertain = uncertain


class ServerTrouble(Undelivered):
    """Nothing can leave by this server now: pause everything, count no try (trust I13)."""


class Transport(Protocol):
    """`open` first, then any number of parcels, then `close`; one thread at a time."""

    @property
    def timeout_seconds(self) -> float:
        """The longest wait for one answer; a lease is twice that and half a minute (toolchain)."""

    def open(self) -> None:
        """Be ready to send; nothing happens if it is. Raises ServerTrouble."""

    def send(self, parcel: Parcel) -> Receipt:
        """Returns once the message is taken. Raises Refused, NotNow or ServerTrouble."""

    def close(self) -> None:
        """Never raises."""

    def probe(self) -> None:
        """Do all that sending does before the first message; sends none. Raises ServerTrouble."""

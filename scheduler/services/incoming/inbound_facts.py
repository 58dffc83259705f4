"""What came in, as plain facts: the mail room reads them, services judge them (calendar 7)."""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduler.invites.replies import CalendarFile

LARGEST = 256 * 1024
"""Bytes of a whole message; a larger one is not taken apart (calendar I1)."""
LONGEST_TEXT = 1000
PASSED, FAILED, UNKNOWN = "pass", "fail", "unknown"
"""What our own mail server found out about the sender (calendar I4). Unknown: it was not asked,
because no AUTHSERV_ID says which server is ours."""


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What a mail server says of a message of ours (RFC 3464).

    `action` is failed, delayed, delivered, ... or "" where no machine wrote it; `status` such as
    "5.1.1". `message_ids` name the message it is about, `recipient` the address, in lower case.
    """

    action: str = ""
    status: str = ""
    recipient: str = ""
    said: str = ""
    message_ids: tuple[str, ...] = ()

    @property
    def lost(self) -> bool:
        """It will not arrive. 4.x.x with "failed": the server gave up (RFC 3464 2.3.3)."""
        return self.action == "failed"

    @property
    def nobody_there(self) -> bool:
        """Nor will the next one: 5.x.x (RFC 3463)."""
        return self.lost and self.status.startswith("5.")


@dataclass(frozen=True, kw_only=True)
class MailIn:
    """One message. `digest` is the SHA-256 of its bytes.

    `sender` is From's only address in lower case, "" where there is not exactly one. `tokens` are
    the reply codes of the addresses it was sent to. `proof` is PASSED, FAILED or UNKNOWN. `auto`:
    a machine wrote it. `wrong` says why it, or its calendar file, cannot be judged.
    """

    digest: str
    message_id: str = ""
    sender: str = ""
    tokens: frozenset[str] = field(default=frozenset())
    proof: str = UNKNOWN
    auto: bool = False
    text: str = ""
    subject: str = ""
    wrong: str = ""
    calendar: CalendarFile | None = None
    bounce: Bounce | None = None

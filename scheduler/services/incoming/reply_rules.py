"""Whether a calendar's answer counts: pure rules, one after another (calendar I4 to I8, trust I24).

Nothing here reads or writes a database; `services.inbound` asks and acts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scheduler.invites.replies import CalendarFile
from scheduler.services.incoming.inbound_facts import FAILED, PASSED, UNKNOWN, MailIn

APPLIED, IGNORED, PERSON = "applied", "ignored", "person"
ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The visit that an answer names, and what we told about it; instants are aware UTC.

    `token` is the reply code of its patient, `organizer` the address that invited. `addresses`
    are those whose calendars have it, in lower case. `sequence` and `told_at` are of the message
    that left last; `changing`: a later one is on its way. `answered_at`: the last answer's DTSTAMP.
    """

    token: str
    organizer: str
    addresses: frozenset[str]
    lies_ahead: bool
    sequence: int
    told_at: datetime | None
    changing: bool
    answered_at: datetime | None

    @property
    def has_code(self) -> bool:
        """Whether the address that invited holds the reply code (calendar A4)."""
        return f"+{self.token}@" in self.organizer


@dataclass(frozen=True, kw_only=True)
class Judged:
    """`odd`: it was applied, and still somebody should look (calendar I6)."""

    verdict: str
    reason: str
    partstat: str = ""
    odd: bool = False


Rule = Callable[[MailIn, CalendarFile, Asked], Judged | None]


def judge(mail: MailIn, file: CalendarFile, asked: Asked) -> Judged:
    """A REPLY or COUNTER for a visit of ours: the first rule that objects decides.

    A stranger makes no work: who has neither the reply code nor the invited address is ignored
    where somebody known would get a person's attention.
    """
    if not asked.lies_ahead:
        return Judged(verdict=IGNORED, reason="The appointment is over or cancelled.")
    for rule in _WHO:
        if (found := rule(mail, file, asked)) is not None:
            known = _has_code(mail, file, asked) or _from_invited(mail, asked)
            return found if known else Judged(verdict=IGNORED, reason=found.reason)
    for rule in _WHEN:
        if (found := rule(mail, file, asked)) is not None:
            return found
    return _answer(file, asked)


def _answer(file: CalendarFile, asked: Asked) -> Judged:
    if file.method == "COUNTER":
        return Judged(verdict=PERSON, reason="Asks for another time.")
    if file.partstat not in ANSWERS:
        return Judged(verdict=IGNORED, reason="It does not answer yes, maybe or no.")
    odd = file.sequence is not None and file.sequence > asked.sequence
    reason = "It names a later version than was ever sent." if odd else ""
    return Judged(verdict=APPLIED, reason=reason, partstat=file.partstat, odd=odd)


def _readable(_mail: MailIn, file: CalendarFile, _asked: Asked) -> Judged | None:
    if file.broken or file.stamped_at is None:
        return Judged(verdict=PERSON, reason="Part of the answer cannot be read.")
    return None


def _one_attendee(_mail: MailIn, file: CalendarFile, _asked: Asked) -> Judged | None:
    if len(file.attendees) != 1:
        return Judged(verdict=PERSON, reason="It does not answer for exactly one person.")
    return None


def _for_oneself(_mail: MailIn, file: CalendarFile, _asked: Asked) -> Judged | None:
    if file.delegated or file.partstat == "DELEGATED":
        return Judged(verdict=PERSON, reason="Somebody answers for somebody else.")
    return None


def _same_address(mail: MailIn, file: CalendarFile, asked: Asked) -> Judged | None:
    if file.attendees[0] != mail.sender or mail.sender not in asked.addresses:
        return Judged(verdict=PERSON, reason="It comes from another address than was invited.")
    return None


def _our_organizer(_mail: MailIn, file: CalendarFile, asked: Asked) -> Judged | None:
    """None at all is fine: Outlook.com leaves it out (calendar I5)."""
    if file.organizer and file.organizer != asked.organizer:
        return Judged(verdict=PERSON, reason="It names another sender of the invitation.")
    return None


def _with_code(mail: MailIn, file: CalendarFile, asked: Asked) -> Judged | None:
    if asked.has_code and not _has_code(mail, file, asked):
        return Judged(verdict=PERSON, reason="The reply code is missing.")
    return None


def _proved(mail: MailIn, _file: CalendarFile, _asked: Asked) -> Judged | None:
    if mail.proof == PASSED:
        return None
    if mail.proof == UNKNOWN:
        why = "The sender cannot be checked: no AUTHSERV_ID is set."
        return Judged(verdict=PERSON, reason=why)
    return Judged(verdict=PERSON, reason="The mail server could not confirm the sender.")


def _of_this_version(_mail: MailIn, file: CalendarFile, asked: Asked) -> Judged | None:
    """calendar I6. Without SEQUENCE the time decides."""
    old = file.sequence is not None and file.sequence < asked.sequence
    if file.sequence is None and asked.told_at is not None and file.stamped_at is not None:
        old = file.stamped_at < asked.told_at
    if old or asked.changing:
        return Judged(verdict=IGNORED, reason="The appointment has changed since that invitation.")
    return None


def _newer(_mail: MailIn, file: CalendarFile, asked: Asked) -> Judged | None:
    late = file.stamped_at is not None and asked.answered_at is not None
    if late and file.stamped_at <= asked.answered_at:  # type: ignore[operator]
        return Judged(verdict=IGNORED, reason="It is not newer than the last answer.")
    return None


_WHO: tuple[Rule, ...] = (
    _readable, _one_attendee, _for_oneself, _same_address, _our_organizer, _with_code, _proved,
)  # fmt: skip
_WHEN: tuple[Rule, ...] = (_of_this_version, _newer)


def _has_code(mail: MailIn, file: CalendarFile, asked: Asked) -> bool:
    """In the address it was sent to, or in the ORGANIZER that the invitation gave."""
    written = asked.has_code and file.organizer == asked.organizer
    return asked.token in mail.tokens or written


def _from_invited(mail: MailIn, asked: Asked) -> bool:
    return mail.sender in asked.addresses and mail.proof != FAILED

"""What calendars know a visit by for life: its UID and its organizer (calendar U1, A4)."""

from __future__ import annotations

import secrets
import uuid

LONGEST_MAILBOX = 64 - 1 - 32
LONGEST_DOMAIN = 80


def domain_of(address: str) -> str:
    """ "clinic.example" of "bookings@clinic.example"."""
    return address.rpartition("@")[2]


def new_uid(sender_address: str) -> str:
    """Made once for a visit and stored; says nothing about time, place or patient (calendar U1)."""
    return f"{uuid.uuid4()}@{domain_of(sender_address)}"


def new_reply_token() -> str:
    """128 bits in hex, minted once for a patient; stands in the address that replies go to."""
    return secrets.token_hex(16)


def sender_refusal(sender_address: str) -> str | None:
    """Why invitations cannot come from this address; None if they can.

    The reply token must fit before the @ (RFC 5321 4.5.3.1.1), the domain into a UID.
    """
    name, _, domain = sender_address.rpartition("@")
    if len(name) > LONGEST_MAILBOX:
        return f"A reply code is added before the @: use at most {LONGEST_MAILBOX} letters there."
    if len(domain) > LONGEST_DOMAIN:
        return f"The part after the @ is too long: {LONGEST_DOMAIN} letters at most."
    return None


def organizer_address(sender_address: str, reply_token: str, *, plus: bool) -> str:
    """The address that invites a patient: "bookings+<token>@clinic.example".

    `plus` is the setting REPLY_PLUS, off only where the mail server cannot. Stored on the visit at
    its first invitation and never changed (calendar A1, A4).
    """
    if not plus:
        return sender_address
    name, _, domain = sender_address.rpartition("@")
    return f"{name}+{reply_token}@{domain}"

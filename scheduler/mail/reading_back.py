"""Reads a finished message as a stranger would; refuses it if it says more (trust fact 3)."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP


class NotWhatWeWrote(ValueError):
    """The bytes of a message do not say what was put into it; it must not leave."""


def refuse_if_different(data: bytes, written: EmailMessage, calendar: bytes | None) -> None:
    """Same headers in the same order, one recipient, the calendar file twice and unchanged."""
    found = message_from_bytes(data, policy=SMTP)
    if _headers(found) != _headers(written):
        raise NotWhatWeWrote("headers")
    if _raw_names(data) != written.keys():
        raise NotWhatWeWrote("header lines")
    for name in ("From", "To"):
        if len(found[name].addresses) != 1 or _specs(found, name) != _specs(written, name):
            raise NotWhatWeWrote("recipients")
    calendars = [] if calendar is None else [calendar, calendar]
    if _calendars(found) != calendars:
        raise NotWhatWeWrote("calendar file")


def _headers(message: EmailMessage) -> list[tuple[str, str]]:
    """Without spaces: CPython adds one where a long name was encoded in two words."""
    return [(name, "".join(str(value).split())) for name, value in message.items()]


def _specs(message: EmailMessage, name: str) -> list[str]:
    return [one.addr_spec for one in message[name].addresses]


def _raw_names(data: bytes) -> list[str]:
    """The names at the beginning of header lines, without any decoding."""
    head = data.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    return [line.partition(b":")[0].decode("ascii", "replace") for line in lines]


def _calendars(message: EmailMessage) -> list[bytes]:
    kinds = ("text/calendar", "application/ics")
    parts = [part for part in message.walk() if part.get_content_type() in kinds]
    return [bytes(part.get_payload(decode=True)) for part in parts]

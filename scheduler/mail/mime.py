"""The skeleton of one e-mail, written out (calendar M1 to M5): headers by the library, parts by us.

The library parses each header it is given several times over, parts included; here only what
differs from message to message goes through it. What comes out is read back by it all the same.
"""

from __future__ import annotations

import binascii
from base64 import encodebytes
from dataclasses import dataclass
from email.message import EmailMessage

ALTERNATIVE, MIXED = "=_alternative", "=_mixed"
"""Quoted-printable writes "=" as "=3D" and base64 has no "_": no part can hold a boundary."""
FILES = {"REQUEST": "invite.ics", "CANCEL": "cancel.ics"}


@dataclass(frozen=True, kw_only=True)
class Content:
    """`calendar` is an iTIP object with this `method`, or None."""

    text: str
    html: str
    calendar: bytes | None = None
    method: str = ""


def assemble(head: EmailMessage, content: Content) -> bytes:
    """The bytes as they go to the server: CRLF, ASCII, no line longer than 78. `head` has what
    differs from message to message; the same headers of all are added."""
    parts = [_text("plain", content.text), _text("html", content.html)]
    if content.calendar is None:
        return _headers(head, content) + _multipart(parts, ALTERNATIVE)
    coded = _lines(encodebytes(content.calendar))
    parts.append(_inline(coded, content.method))
    kind = f'Content-Type: multipart/alternative; boundary="{ALTERNATIVE}"\r\n\r\n'.encode()
    mixed = [kind + _multipart(parts, ALTERNATIVE), _attached(coded, content.method)]
    return _headers(head, content) + _multipart(mixed, MIXED)


def same_for_all(content: Content) -> dict[str, str]:
    """Asks machines not to answer, and says how the parts lie."""
    kind, boundary = ("alternative", ALTERNATIVE) if content.calendar is None else ("mixed", MIXED)
    return {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/{kind}; boundary="{boundary}"',
    }


def _headers(head: EmailMessage, content: Content) -> bytes:
    folded = [head.policy.fold_binary(name, value) for name, value in head.raw_items()]
    same = [f"{name}: {value}\r\n".encode() for name, value in same_for_all(content).items()]
    return b"".join([*folded, *same, b"\r\n"])


def _multipart(parts: list[bytes], boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _text(subtype: str, text: str) -> bytes:
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + binascii.b2a_qp(_lines(text.encode()), istext=True)


def _inline(coded: bytes, method: str) -> bytes:
    """For clients that act on it (M3, M4)."""
    head = (
        f'Content-Type: text/calendar; charset="utf-8"; method="{method}"; component="VEVENT"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + coded


def _attached(coded: bytes, method: str) -> bytes:
    """The same bytes for clients that read files (M2)."""
    head = (
        "Content-Type: application/ics\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{FILES[method]}"\r\n\r\n'
    )
    return head.encode() + coded


def _lines(data: bytes) -> bytes:
    """Every line ends with CRLF."""
    return b"".join(line + b"\r\n" for line in data.splitlines())

"""Header values that cannot become two headers, addresses that are exactly one (trust fact 3)."""

from __future__ import annotations

import re
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.policy import SMTP

from scheduler.invites.clean_text import one_line

LONGEST = 150
_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?!\.|.*\.\.|.*\.@){_LOCAL}@{_LABEL}(?:\.{_LABEL})*")


class _MadeOnce(HeaderRegistry):
    """The library makes a new class for every header of every message, and garbage of it. Not for
    mail from strangers: each name is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        if name not in self._made:
            self._made[name] = super().__getitem__(name)
        return self._made[name]


POLICY = SMTP.clone(cte_type="7bit", header_factory=_MadeOnce())
"""For what we write: CRLF everywhere (M5), and nothing that a server without 8BITMIME would have
to change."""


class BadAddress(ValueError):
    """This is not one plain e-mail address."""


def header_text(text: str) -> str:
    """One line that says the same to a person and nothing to a parser.

    CPython's e-mail package decodes `=?...?=` inside a value and then writes an encoded newline
    as a real one; broken up it stays text.
    """
    return one_line(text.replace("=?", "= ?"), LONGEST)


def address(spec: str, name: str = "") -> Address:
    """Raises BadAddress for anything but a plain ASCII address of at most 254 characters."""
    if len(spec) > 254 or not _ADDRESS.fullmatch(spec):
        raise BadAddress
    return Address(display_name=header_text(name), addr_spec=spec)

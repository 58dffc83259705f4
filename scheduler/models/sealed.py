"""Bytes that lie encrypted in the database: what was told to whom (trust I23, "Threats")."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import LargeBinary, TypeDecorator

MARK = b"\x00sealed:"
"""No message begins like this, so bytes from before they were sealed stay readable."""


class NoKey(RuntimeError):
    """`use_secret` was not called: nothing may be written in the clear instead."""


class _Key:
    """One for the process; web and worker read what the other sealed."""

    box: Fernet | None = None


def use_secret(secret: str) -> None:
    """Derive the key from the product's own secret; once, before the database is used."""
    derived = hmac.new(secret.encode(), b"messages at rest", sha256).digest()
    _Key.box = Fernet(urlsafe_b64encode(derived))


def seal(plain: bytes) -> bytes:
    """Raises NoKey."""
    return MARK + _box().encrypt(plain)


def unseal(stored: bytes) -> bytes | None:
    """The plain bytes; None if they were sealed with another secret and nobody can read them."""
    if not stored.startswith(MARK):
        return stored
    try:
        return _box().decrypt(stored.removeprefix(MARK))
    except InvalidToken:
        return None


def _box() -> Fernet:
    if _Key.box is None:
        raise NoKey
    return _Key.box


class Sealed(TypeDecorator[bytes]):
    """`bytes` in Python, sealed in the database. A secret that was changed makes them None: a
    message that waits is written anew, one that left keeps its SHA-256."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: object) -> bytes | None:
        return None if value is None else seal(value)

    def process_result_value(self, value: bytes | None, dialect: object) -> bytes | None:
        return None if value is None else unseal(bytes(value))

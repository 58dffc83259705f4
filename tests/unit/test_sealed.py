"""Message bytes lie encrypted in the database, and stay readable to us (trust I23)."""

from __future__ import annotations

import pytest

from scheduler.models import sealed

PLAIN = b"From: bookings@larkmoor.example\r\n\r\nHello Pat,"
SECRET = "only-for-tests-" + "0" * 32


def test_what_was_sealed_says_nothing_and_comes_back_as_it_was() -> None:
    stored = sealed.seal(PLAIN)
    assert b"Pat" not in stored
    assert sealed.unseal(stored) == PLAIN


def test_bytes_from_before_they_were_sealed_stay_readable() -> None:
    assert sealed.unseal(PLAIN) == PLAIN


def test_with_another_secret_nobody_reads_them() -> None:
    stored = sealed.seal(PLAIN)
    sealed.use_secret("another" * 6)
    try:
        assert sealed.unseal(stored) is None
    finally:
        sealed.use_secret(SECRET)


@pytest.fixture(autouse=True)
def with_our_secret() -> None:
    sealed.use_secret(SECRET)

"""Which ways lead to a patient: the wish first, and never one that is closed or leads nowhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from scheduler.models import Patient, Site
from scheduler.services.outgoing import reach

EVERY_WAY = {
    "channel": "sms", "email": "pat@mail.example", "phone": "555-0101", "email_ok": True,
    "sms_ok": True, "voice_ok": True, "email_bad_at": None, "phone_bad_at": None,
}  # fmt: skip
SINCE = datetime(2027, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "ways"),
    [
        ({}, ("sms", "email", "voice")),
        ({"channel": "voice"}, ("voice", "email", "sms")),
        ({"channel": "phone"}, ()),
        ({"channel": "letter"}, ()),
        ({"sms_ok": False}, ("email", "voice")),
        ({"email_ok": False}, ("sms", "voice")),
        ({"phone_bad_at": SINCE}, ("email",)),
        ({"email_bad_at": SINCE, "voice_ok": False}, ("sms",)),
        ({"phone": "", "email": ""}, ()),
    ],
)
def test_the_wish_comes_first_and_what_is_closed_is_left_out(
    changes: dict[str, Any], ways: tuple[str, ...]
) -> None:
    patient = Patient(**{**EVERY_WAY, **changes})
    assert reach.ways(patient, Site(sms_on=True, voice_on=True)) == ways
    assert reach.by_mail(patient) == ("email" in ways)


def test_a_site_without_a_provider_has_no_texts_and_no_calls() -> None:
    assert reach.ways(Patient(**EVERY_WAY), Site(sms_on=False, voice_on=False)) == ("email",)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("555-0101", "5550101"), ("(555) 010-1234", "+15550101234"), ("", ""),
        ("+34 600 000 000", "+34600000000"), ("(212) 555-0101 ext 5", "+12125550101"),
    ],
)  # fmt: skip
def test_a_number_is_one_however_it_is_typed(typed: str, number: str) -> None:
    assert reach.number(typed) == number

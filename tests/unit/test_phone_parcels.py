"""What a provider is handed: the words of the message, how to answer, and nothing about health."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from scheduler.phone import parcels
from scheduler.planning.wording import shipped
from tests.unit.test_messages import facts

CALLBACK = "https://book.clinic.example/hooks/phone"


@pytest.mark.parametrize(("language", "menu"), [("en", "Reply OK"), ("es", "Responda OK")])
def test_a_text_message_that_asks_says_how_to_answer_in_the_patients_language(
    language: str, menu: str
) -> None:
    asked = replace(facts("r4"), channel="sms", recipient="+15550100", wording=shipped(language))
    plain = json.loads(parcels.build(asked, callback=CALLBACK))
    assert (plain["kind"], plain["to"], plain["callback"]) == ("sms", "+15550100", CALLBACK)
    assert plain["language"] == language
    assert menu in plain["text"]
    assert "\n" not in plain["text"]
    assert parcels.build(asked, callback=CALLBACK) == parcels.build(asked, callback=CALLBACK)


def test_a_mail_is_no_text_message() -> None:
    with pytest.raises(ValueError, match="phone"):
        parcels.build(facts("r4"), callback=CALLBACK)

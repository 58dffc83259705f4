"""The scan that watches every other test finds what is planted in each place it watches."""

from __future__ import annotations

import logging
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from flask import Flask

from tests.discreet import WORDS
from tests.health_scan import Scan

HARMLESS = "Appointment on Tue 12 Jan. Arrive 8:45 am."


def mail(**headers: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    for name, value in {"Subject": "Appointment", "To": "pat@example.net", **headers}.items():
        message[name] = value
    message.set_content(headers.get("Comments", HARMLESS))
    return message.as_bytes()


def test_a_planted_word_is_found_in_subject_text_and_log(health_scan: Scan) -> None:
    health_scan.mail(mail())
    assert health_scan.take() == []
    health_scan.mail(mail(Subject=f"Your {WORDS[0]} appointment"))
    assert health_scan.take() == [f"Subject: {WORDS[0]}"]
    health_scan.mail(mail(Comments=f"For your {WORDS[0]}."))
    assert health_scan.take() == [f"text/plain: {WORDS[0]}"]
    logging.getLogger("scheduler.anything").error("about %s", WORDS[0])
    assert health_scan.take() == [f"log: {WORDS[0]}"]


def test_a_planted_name_or_token_is_found(health_scan: Scan) -> None:
    health_scan.names.add("Vargabrook")
    health_scan.mail(mail(Subject="Appointment of Odette Vargabrook"))
    logging.getLogger("scheduler.anything").error("Vargabrook opened /p/%s", "x" * 22)
    found = health_scan.take()
    health_scan.names.discard("Vargabrook")
    assert found == [
        "Subject: the name Vargabrook",
        "log: the name Vargabrook",
        f"log: /p/{'x' * 22}",
    ]


@pytest.mark.parametrize(
    "address", ["/healthz?why=ketamine", "/login?next=%2Fpatients%3Fq%3DVargabrook"]
)
def test_an_address_with_a_name_or_a_word_is_found(
    app: Flask, health_scan: Scan, address: str
) -> None:
    health_scan.names.add("Vargabrook")
    app.test_client().get(address)
    found = health_scan.take()
    health_scan.names.discard("Vargabrook")
    assert len(found) == 1
    assert found[0].startswith("address:")

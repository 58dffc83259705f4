"""Text messages at the provider's door: signed, once, and every answer understood (trust I13)."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.clock import utcnow
from scheduler.mail.parcel import NotNow, Parcel, Refused, ServerTrouble
from scheduler.phone import signing
from scheduler.phone.folder import kept
from scheduler.phone.provider import transport_from
from scheduler.phone.webhook import WebhookTransport
from tests.certificate import certificate
from tests.phone_provider import phone_provider

SECRET = "shared-with-the-provider-0123456789"
BODY = json.dumps(
    {"id": "6f1c1f0e-0000-4000-8000-000000000001", "kind": "sms", "to": "+15550100", "text": "Hi"}
).encode()
PARCEL = Parcel(sender="555-0199", recipient="+15550100", data=BODY)


def test_a_message_leaves_signed_with_a_key_that_a_repeat_has_too() -> None:
    with phone_provider() as provider:
        transport = WebhookTransport(provider.url, SECRET)
        receipts = [transport.send(PARCEL), transport.send(PARCEL)]
        transport.close()
    assert [one.reference for one in receipts] == ["provider-7", "provider-7"]
    assert [body for _, body in provider.taken] == [BODY, BODY]
    keys = {headers["Idempotency-Key"] for headers, _ in provider.taken}
    assert keys == {"6f1c1f0e-0000-4000-8000-000000000001"}
    headers, now = provider.taken[0][0], utcnow()
    stamp, signature = headers[signing.STAMP], headers[signing.SIGNATURE]
    assert signing.is_right(SECRET, BODY, stamp, signature, now=now)
    assert not signing.is_right(SECRET, BODY + b" ", stamp, signature, now=now)
    assert not signing.is_right("x" * 35, BODY, stamp, signature, now=now)
    assert not signing.is_right(SECRET, BODY, stamp, signature, now=now + timedelta(minutes=6))
    assert not signing.is_right("", BODY, stamp, signature, now=now)


@pytest.mark.parametrize(
    ("answer", "error", "uncertain"),
    [
        ((400, b"no such number"), Refused, None),
        ((422, b""), Refused, None),
        ((401, b""), ServerTrouble, None),
        ((403, b""), ServerTrouble, None),
        ((429, b"slow down"), NotNow, False),
        ((408, b""), NotNow, True),
        ((500, b""), NotNow, True),
        ((503, b""), NotNow, True),
        ("drop", NotNow, True),
        ("stall", NotNow, True),
    ],
)
def test_every_answer_is_understood(
    answer: tuple[int, bytes] | str, error: type[Exception], uncertain: bool | None
) -> None:
    with phone_provider() as provider:
        provider.answer = answer
        transport = WebhookTransport(provider.url, SECRET, timeout_seconds=0.5)
        with pytest.raises(error) as raised:
            transport.send(PARCEL)
        transport.close()
    assert getattr(raised.value, "uncertain", None) is uncertain
    assert SECRET not in str(raised.value)


def test_no_redirect_is_followed_and_nobody_there_concerns_every_message() -> None:
    with phone_provider() as provider:
        provider.answer, provider.headers = (307, b""), {"Location": provider.url + "/elsewhere"}
        with pytest.raises(ServerTrouble):
            WebhookTransport(provider.url, SECRET).send(PARCEL)
        assert len(provider.taken) == 1
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(ServerTrouble):
        WebhookTransport(url, SECRET).send(PARCEL)


def test_only_a_certificate_that_is_trusted_gets_the_message(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    with phone_provider(own.server_context()) as provider:
        with pytest.raises(ServerTrouble):
            WebhookTransport(provider.url, SECRET).send(PARCEL)
        assert provider.taken == []
        transport = WebhookTransport(provider.url, SECRET, ca_file=str(own.path))
        assert transport.send(PARCEL).reference == "provider-7"
        transport.close()


@pytest.mark.parametrize("url", ["http://sms.example/x", "ftp://sms.example", "sms.example", ""])
def test_plain_http_goes_to_this_machine_only(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        WebhookTransport(url, SECRET)


def test_without_a_provider_a_message_is_kept_in_the_demo_and_refused_elsewhere(
    tmp_path: Path,
) -> None:
    transport_from("", "", tmp_path).send(PARCEL)
    transport_from("", "", tmp_path).send(PARCEL)
    assert [(one.to, one.text) for one in kept(tmp_path)] == [("+15550100", "Hi")]
    with pytest.raises(Refused):
        transport_from("", "", None).send(PARCEL)

"""SMTP_URL: TLS is the rule, and what cannot be read says so in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.mail.smtp_url import Server, server_of


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", {"host": "mail.example", "port": 587, "tls": "starttls"}),
        ("smtp://mail.example:25", {"host": "mail.example", "port": 25, "tls": "starttls"}),
        ("smtps://mail.example", {"host": "mail.example", "port": 465, "tls": "implicit"}),
        ("smtp://mail.example?starttls=off", {"host": "mail.example", "port": 587, "tls": "none"}),
        ("smtp://localhost:2525", {"host": "localhost", "port": 2525, "tls": "none"}),
        ("smtp://[::1]:2525", {"host": "::1", "port": 2525, "tls": "none"}),
        (
            "smtp://127.0.0.1:2525/?starttls=required&ca=/etc/own.pem",
            {"host": "127.0.0.1", "port": 2525, "tls": "starttls", "ca_file": "/etc/own.pem"},
        ),
        (
            "smtps://me%40clinic.example:p%2Fw%3A1@mail.example:4650",
            {
                "host": "mail.example",
                "port": 4650,
                "tls": "implicit",
                "user": "me@clinic.example",
                "password": "p/w:1",
            },
        ),
    ],
)
def test_a_url_names_host_port_tls_and_login(url: str, expected: dict[str, Any]) -> None:
    assert server_of(url) == Server(**expected)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mail.example", "does not name a mail server"),
        ("http://mail.example", "does not name a mail server"),
        ("smtp://", "does not name a mail server"),
        ("smtp://mail.example:port", "cannot be read"),
        ("smtp://mail.example:99999", "cannot be read"),
        ("smtp://mail.example/path", "does not name a mail server"),
        ("smtp://mail.example?tls=yes", "unknown option: tls"),
        ("smtp://mail.example?starttls=maybe", "either required or off"),
        ("smtp://me:pw@mail.example?starttls=off", "password in clear"),
        ("smtp://me:p%C3%A4w@mail.example", "plain ASCII"),
    ],
)
def test_a_url_that_cannot_work_says_why(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        server_of(url)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(server_of("smtps://me:secret@mail.example"))

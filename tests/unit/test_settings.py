"""Settings: everything that is wrong is named at once, with the way to mend it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import NAMES, BadSettings, Settings
from tests.source import ROOT

GOOD = {
    "DATABASE_URL": "postgresql://chairtime:word@db.example/chairtime",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "PUBLIC_URL": "https://book.clinic.example",
    "SMTP_URL": "smtp://user:word@mail.clinic.example:587",
}


def problems(**changes: str) -> dict[str, str]:
    """Names of the settings that are refused, with how to mend them."""
    _, found = Settings.examine({**GOOD, **changes})
    return {one.name: one.mend for one in found}


def test_a_good_environment_is_taken_as_it_is() -> None:
    settings = Settings.from_environ(GOOD)
    assert settings.database_url == "postgresql+psycopg://chairtime:word@db.example/chairtime"
    assert settings.undo_seconds == 180
    assert settings.reply_plus


def test_an_empty_environment_is_told_all_that_it_lacks_at_once() -> None:
    with pytest.raises(BadSettings) as caught:
        Settings.from_environ({})
    named = [one.name for one in caught.value.problems]
    assert named == ["DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "SMTP_URL"]
    assert all(one.what and one.mend for one in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db.example/chairtime"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:/clinic.db"),
        ("DATABASE_URL", "postgresql://db.example:port/chairtime"),
        ("SECRET_KEY", "secret"),
        ("SECRET_KEY", "a" * 64),
        ("PUBLIC_URL", "http://book.clinic.example"),
        ("PUBLIC_URL", "book.clinic.example"),
        ("PUBLIC_URL", "https://[book"),
        ("SMTP_URL", "mail.clinic.example"),
        ("SMTP_URL", "http://mail.clinic.example"),
        ("IMAP_URL", "mail.clinic.example"),
        ("REPLY_DIR", "/nowhere/at/all"),
        ("REPLY_PLUS", "perhaps"),
        ("UNDO_SECONDS", "soon"),
        ("UNDO_SECONDS", "-5"),
        ("UNDO_SECONDS", "3601"),
        ("UNDO_SECONDS", "\u0663"),
        ("MAIL_PER_MINUTE", "0"),
        ("AUTHSERV_ID", ""),
        ("PHONE_URL", "http://texts.example/send"),
        ("PHONE_SECRET", "short"),
        ("RATELIMIT_STORAGE_URI", "postcard://"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_value_that_cannot_work_is_named_with_the_way_out(name: str, value: str) -> None:
    found = problems(**WITH.get(name, {}), **{name: value})
    assert list(found) == [name]
    assert found[name].endswith(".") or name in ("SECRET_KEY",)


WITH = {
    "AUTHSERV_ID": {"IMAP_URL": "imaps://replies:word@mail.clinic.example"},
    "PHONE_URL": {"PHONE_SECRET": "p" * 16 + "q" * 16},
    "PHONE_SECRET": {"PHONE_URL": "https://texts.example/send"},
}
"""What must be set for a value to matter."""


def test_http_is_good_enough_on_this_very_machine() -> None:
    assert problems(PUBLIC_URL="http://127.0.0.1:8000") == {}


def test_secrets_do_not_show_in_what_is_printed_of_the_settings() -> None:
    shown = repr(Settings.from_environ(GOOD))
    assert GOOD["SECRET_KEY"] not in shown
    assert "user:word" not in shown


def test_the_demo_keeps_its_secret_so_that_a_restart_signs_nobody_out(tmp_path: Path) -> None:
    first, again = (Settings.for_demo(tmp_path, 8000) for _ in range(2))
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_every_setting_that_is_read_is_listed_for_the_doctor() -> None:
    read = re.findall(r"environ(?:\.get\(|, )\"([A-Z_]+)\"", (ROOT / "config.py").read_text())
    assert set(read) == set(NAMES)

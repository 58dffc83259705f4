"""Which way messages leave: by the mail server of SMTP_URL, or into the demo's own folder."""

from __future__ import annotations

from pathlib import Path

from scheduler.mail.folder import FolderTransport
from scheduler.mail.parcel import Transport
from scheduler.mail.smtp import SmtpTransport
from scheduler.mail.smtp_url import server_of


def transport_from(smtp_url: str, data_dir: Path) -> Transport:
    """Without a URL messages become files in `data_dir`/mail, which the Mailbox page shows.

    Raises ValueError with a sentence for the person who set the URL.
    """
    if not smtp_url:
        return FolderTransport(mailbox_folder(data_dir))
    return SmtpTransport(server_of(smtp_url))


def mailbox_folder(data_dir: Path) -> Path:
    return data_dir / "mail"

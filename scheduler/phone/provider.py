"""Which way text messages and calls leave: by the provider of PHONE_URL, or the demo's folder."""

from __future__ import annotations

from pathlib import Path

from scheduler.mail.parcel import Parcel, Receipt, Refused, Transport
from scheduler.phone.folder import PhoneFolder
from scheduler.phone.webhook import WebhookTransport

NO_PROVIDER = "No provider for text messages and calls is set."


class Nobody:
    """Refuses each message at once, so that a person calls instead."""

    timeout_seconds = 1.0

    def open(self) -> None:
        pass

    def send(self, parcel: Parcel) -> Receipt:
        raise Refused(NO_PROVIDER)

    def close(self) -> None:
        pass

    def probe(self) -> None:
        pass


def transport_from(phone_url: str, phone_secret: str, folder: Path | None) -> Transport:
    """Without a URL messages become files in `folder`, or are refused if that is None.

    Raises ValueError with a sentence for the person who set the URL.
    """
    if phone_url:
        return WebhookTransport(phone_url, phone_secret)
    return PhoneFolder(folder) if folder is not None else Nobody()


def phone_folder(data_dir: Path) -> Path:
    return data_dir / "phone"

"""A mailbox at a mail server, read and never changed: EXAMINE, sizes first, PEEK (calendar I1)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from scheduler.mail.inbound import HEAD
from scheduler.mail.inbox import AT_ONCE, InboxTrouble, Received
from scheduler.mail.smtp_url import LOOPBACK, Server
from scheduler.services.incoming.inbound_facts import LARGEST
from scheduler.services.incoming.mailboxes import Place

TIMEOUT_SECONDS = 20.0
PORTS = {"imap": 143, "imaps": 993}
FAULTS = (OSError, IMAPClientError, ValueError, AttributeError)
"""What the library raises where a server says what none may say; never of our own making."""
FORM = "Write it as imaps://user:password@host/INBOX."


@dataclass(frozen=True, kw_only=True)
class ImapBox:
    """`server.tls` is "implicit", "starttls" or, on this machine only, "none"."""

    server: Server
    folder: str

    @property
    def name(self) -> str:
        return f"{self.server.user}@{self.server.host}/{self.folder}"[:120]

    def messages(self, last: Place, since: datetime) -> Iterator[Received]:
        with self._open() as imap:
            try:
                yield from self._new(imap, last, since)
            except FAULTS as error:
                raise InboxTrouble(_words(error)) from error

    def done(self, received: Received) -> None:
        """Nothing: its place says that it was read."""

    def probe(self) -> None:
        """Do all that reading does before the first message. Raises InboxTrouble."""
        with self._open() as imap:
            imap.select_folder(self.folder, readonly=True)

    def _new(self, imap: Any, last: Place, since: datetime) -> Iterator[Received]:
        found = imap.select_folder(self.folder, readonly=True)
        validity = int(found[b"UIDVALIDITY"])
        after = last.uid if validity == last.uid_validity else 0
        wanted = ["UID", f"{after + 1}:*"] if after else ["SINCE", since.date()]
        uids = sorted(uid for uid in imap.search(wanted) if uid > after)[:AT_ONCE]
        sizes = imap.fetch(uids, ["RFC822.SIZE"]) if uids else {}
        for uid in uids:
            if (size := sizes.get(uid, {}).get(b"RFC822.SIZE")) is None:
                continue  # deleted meanwhile
            length = HEAD if size > LARGEST else LARGEST + 1
            answer = imap.fetch([uid], [f"BODY.PEEK[]<0.{length}>"]).get(uid, {})
            data = next((value for key, value in answer.items() if key.startswith(b"BODY[")), b"")
            place = Place(mailbox=self.name, uid_validity=validity, uid=uid)
            yield Received(place=place, data=bytes(data or b""), size=size)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        """Certificates and host names are checked, always."""
        server = self.server
        context = ssl.create_default_context(cafile=server.ca_file)
        implicit = server.tls == "implicit"
        try:
            imap = IMAPClient(
                server.host,
                port=server.port,
                ssl=implicit,
                ssl_context=context if implicit else None,
                timeout=TIMEOUT_SECONDS,
            )
        except FAULTS as error:
            raise InboxTrouble(_words(error)) from error
        try:
            if server.tls == "starttls":
                imap.starttls(context)
            imap.login(server.user, server.password)
            yield imap
        except FAULTS as error:
            raise InboxTrouble(_words(error)) from error
        finally:
            with suppress(*FAULTS):
                imap.logout()


def box_of(url: str) -> ImapBox:
    """Read `imap[s]://user:password@host[:port][/folder][?ca=/path.pem]`.

    imap:// is encrypted by STARTTLS before the sign-in, but on this machine. Raises ValueError in
    plain words.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError as error:
        raise ValueError(f"IMAP_URL cannot be read. {FORM}") from error
    if not host or port is None or not parts.username:
        raise ValueError(f"IMAP_URL does not name a mailbox. {FORM}")
    plain = "none" if host in LOOPBACK else "starttls"
    server = Server(
        host=host,
        port=port,
        tls="implicit" if parts.scheme == "imaps" else plain,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        ca_file=parse_qs(parts.query).get("ca", [None])[0],
    )
    return ImapBox(server=server, folder=unquote(parts.path.strip("/")) or "INBOX")


def _words(error: BaseException) -> str:
    """For staff. What a server says at sign-in may repeat what was typed: it is left out."""
    if isinstance(error, LoginError):
        return "The mail server refused the sign-in to the mailbox of replies."
    if isinstance(error, TimeoutError):
        return "The mailbox of replies did not answer in time."
    if isinstance(error, ssl.SSLError):
        return f"The mailbox of replies cannot be reached safely: {error.reason or 'TLS failed'}."
    if isinstance(error, OSError):
        return f"The mailbox of replies cannot be reached: {error.strerror or 'no connection'}."
    return "The mailbox of replies answers in a way that cannot be understood."

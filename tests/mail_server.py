"""A real SMTP server on loopback that keeps what it is given and can be told to misbehave."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.health_scan import scan


@dataclass
class Post:
    """One message as it came over the socket."""

    sender: str
    recipients: list[str]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.data, policy=SMTP)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def calendar(self) -> bytes:
        """The inline calendar object, decoded."""
        (part,) = [
            part for part in self.message.walk() if part.get_content_type() == "text/calendar"
        ]
        return bytes(part.get_payload(decode=True))


@dataclass
class Mailbox:
    """The server's memory and its moods: answers by command, such as {"RCPT": "450 later"}.

    `answers` may name one address: {"RCPT pat@example.net": "550 unknown"}. `once` is used up.
    "stall": never answered. `hold`: DATA is answered only after it is set.
    """

    posts: list[Post] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    once: list[tuple[str, str]] = field(default_factory=list)
    hold: threading.Event | None = None
    reached: threading.Event = field(default_factory=threading.Event)

    def answer(self, command: str, address: str = "") -> str | None:
        for place, (wanted, said) in enumerate(self.once):
            if wanted in (command, f"{command} {address}"):
                del self.once[place]
                return said
        return self.answers.get(f"{command} {address}", self.answers.get(command))

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answer("MAIL", address) or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        said = self.answer("RCPT", address)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.reached.set()
        said = self.answer("DATA", envelope.rcpt_tos[0])
        if said == "drop before":
            server.transport.abort()
            return "421 gone"
        if said == "stall":
            return await self.nothing(server)
        if said is None or said.startswith("drop"):
            scan.mail(envelope.original_content)
            self.posts.append(
                Post(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
            )
        if self.hold is not None:
            await server.loop.run_in_executor(None, self.hold.wait)
        if said == "drop after":
            server.transport.abort()
        return said or "250 OK"

    async def nothing(self, server: Any) -> str:
        """Until the other side hangs up."""
        while not server.transport.is_closing():
            await asyncio.sleep(0.01)
        return "421 gone"

    def to(self, address: str) -> list[Post]:
        return [post for post in self.posts if post.recipients == [address]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(box: Mailbox, port: int | None = None, **settings: Any) -> Iterator[str]:
    """Runs it; yields "127.0.0.1:port"."""
    controller = Controller(box, hostname="127.0.0.1", port=port or free_port(), **settings)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        if box.hold is not None:
            box.hold.set()
        controller.stop()


def with_login(user: str, password: str, context: ssl.SSLContext) -> dict[str, Any]:
    """Settings of a server that asks for TLS and a password."""

    def check(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any
    ) -> AuthResult:
        right = isinstance(given, LoginPassword) and given == LoginPassword(
            user.encode(), password.encode()
        )
        return AuthResult(success=right, handled=False)

    return {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": check,
        "auth_required": True,
    }

"""A mail server on loopback in a process of its own: takes everything, remembers fingerprints."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

ENDS = b"\r\n.\r\n"
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE)


class Taken:
    """How many messages came, and the SHA-256 of every copy by Message-ID."""

    def __init__(self) -> None:
        self.messages = 0
        self.copies: dict[str, list[str]] = defaultdict(list)

    def take(self, data: bytes) -> None:
        self.messages += 1
        found = MESSAGE_ID.search(data)
        name = found[1].decode() if found else ""
        self.copies[name].append(hashlib.sha256(data).hexdigest())


class Session(asyncio.Protocol):
    """As little of SMTP as smtplib speaks."""

    def __init__(self, taken: Taken) -> None:
        self.taken, self.buffer, self.in_data = taken, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        whole, mark, rest = self.buffer.partition(ENDS if self.in_data else b"\r\n")
        if not mark:
            return False
        self.buffer = rest
        if self.in_data:
            self.in_data = False
            self.taken.take(whole)
            self.transport.write(b"250 taken\r\n")
        else:
            self._command(whole[:4].upper())
        return True

    def _command(self, word: bytes) -> None:
        self.in_data = word == b"DATA"
        self.transport.write(b"354 go on\r\n" if self.in_data else b"250 fine\r\n")
        if word == b"QUIT":
            self.transport.close()


def _serve(pipe: Connection) -> None:
    """Until anything comes through the pipe; answers with what was taken each time."""

    async def run() -> None:
        taken, loop = Taken(), asyncio.get_running_loop()
        server = await loop.create_server(lambda: Session(taken), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while await loop.run_in_executor(None, pipe.recv):
            pipe.send((taken.messages, dict(taken.copies)))
        server.close()

    asyncio.run(run())


class Sink:
    """`address` is "127.0.0.1:port"."""

    def __init__(self, address: str, pipe: Connection) -> None:
        self.address, self._pipe = address, pipe

    def taken(self) -> tuple[int, dict[str, list[str]]]:
        """Messages so far, and the fingerprints of all copies by Message-ID."""
        self._pipe.send(True)
        messages, copies = self._pipe.recv()
        return messages, copies


@contextmanager
def sink() -> Iterator[Sink]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Sink(f"127.0.0.1:{ours.recv()}", ours)
    finally:
        ours.send(False)
        process.join(10)

"""A provider of text messages on this machine: a real HTTP server that answers as it is told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class PhoneProvider:
    """`answer` is (status, body), "drop" hangs up after reading, "stall" never answers."""

    url: str = ""
    answer: tuple[int, bytes] | str = (200, b'{"id": "provider-7"}')
    headers: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def phone_provider(context: ssl.SSLContext | None = None) -> Iterator[PhoneProvider]:
    provider = PhoneProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if context else "http"
    provider.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/messages"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        provider.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(provider: PhoneProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            provider.taken.append((dict(self.headers), body))
            if provider.answer == "stall":
                provider.over.wait(30)
            if isinstance(provider.answer, str):
                self.close_connection = True
                return
            self._answer(*provider.answer)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            for name, value in provider.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler

"""A small IMAP server on loopback: one mailbox, TLS from the first byte, and what was asked."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

CAPABILITIES = b"IMAP4rev1"


@dataclass
class ImapBox:
    """`messages` by UID; `asked` are the commands in order, without what was typed at LOGIN."""

    password: str = "reply reader"
    validity: int = 7
    messages: dict[int, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answers(self, command: str, rest: str) -> list[bytes]:
        """Untagged lines; raises PermissionError for a NO."""
        if command == "CAPABILITY":
            return [b"* CAPABILITY " + CAPABILITIES]
        if command == "LOGIN" and self.password not in rest:
            raise PermissionError
        if command == "EXAMINE":
            head = [b"* %d EXISTS" % len(self.messages), b"* FLAGS ()"]
            return [*head, b"* OK [UIDVALIDITY %d] ok" % self.validity]
        if command == "UID SEARCH":
            return [b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._found(rest))]
        if command == "UID FETCH":
            return self._fetched(rest)
        return []

    def _found(self, rest: str) -> list[int]:
        match = re.search(r"UID (\d+):\*", rest)
        first = int(match[1]) if match else 0
        newest = max(self.messages, default=0)
        return [uid for uid in sorted(self.messages) if uid >= first or (match and uid == newest)]

    def _fetched(self, rest: str) -> list[bytes]:
        uids, _, items = rest.partition(" ")
        lines = []
        for number, uid in enumerate(map(int, uids.split(",")), start=1):
            data = self.messages[uid]
            if match := re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", items):
                part = data[: int(match[1])]
                said = b"BODY[]<0> {%d}\r\n%s" % (len(part), part)
            else:
                said = b"RFC822.SIZE %d" % len(data)
            lines.append(b"* %d FETCH (UID %d %s)" % (number, uid, said))
        return lines


class _Talk(socketserver.StreamRequestHandler):
    box: ImapBox
    context: ssl.SSLContext

    def setup(self) -> None:
        self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for raw in self.rfile:
            tag, _, text = raw.decode().strip().partition(" ")
            command, _, rest = text.partition(" ")
            if command.upper() == "UID":
                second, _, rest = rest.partition(" ")
                command = f"UID {second}"
            command = command.upper()
            self.box.asked.append(command if command == "LOGIN" else f"{command} {rest}".strip())
            try:
                lines = self.box.answers(command, rest)
            except PermissionError:
                self.wfile.write(f"{tag} NO [AUTHENTICATIONFAILED] no {rest}\r\n".encode())
                continue
            self.wfile.write(b"".join(line + b"\r\n" for line in lines))
            self.wfile.write(f"{tag} OK done\r\n".encode())
            if command == "LOGOUT":
                return


class _Server(socketserver.ThreadingTCPServer):
    def handle_error(self, _request: object, _address: object) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def imap_server(box: ImapBox, context: ssl.SSLContext) -> Iterator[str]:
    """Runs it; yields "127.0.0.1:port"."""
    talk = type("Talk", (_Talk,), {"box": box, "context": context})
    with _Server(("127.0.0.1", 0), talk) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()

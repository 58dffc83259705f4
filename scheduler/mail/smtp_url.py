"""SMTP_URL in words that smtplib understands; TLS is the rule, plain text the named exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PORTS = {"smtp": 587, "smtps": 465}
FORM = "Write it as smtp://user:password@host:587 or smtps://user:password@host:465."


@dataclass(frozen=True, kw_only=True)
class Server:
    """`tls` is "implicit" (smtps), "starttls" or "none"; `ca_file` names a private authority."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None

    @property
    def on_this_machine(self) -> bool:
        return self.host in LOOPBACK


def server_of(url: str) -> Server:
    """Read `smtp[s]://[user:password@]host[:port][?starttls=required|off][&ca=/path.pem]`.

    STARTTLS is required unless the server is on this machine. Raises ValueError in plain words.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError as error:
        raise ValueError(f"SMTP_URL cannot be read. {FORM}") from error
    if not host or port is None or parts.path not in ("", "/"):
        raise ValueError(f"SMTP_URL does not name a mail server. {FORM}")
    options = parse_qs(parts.query, keep_blank_values=True)
    server = Server(
        host=host,
        port=port,
        tls=_tls(parts, options, host),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca_file=options.get("ca", [None])[0],
    )
    if not (server.user + server.password).isascii():
        raise ValueError("SMTP_URL: user and password must be plain ASCII characters.")
    if server.user and server.tls == "none" and not server.on_this_machine:
        raise ValueError("SMTP_URL would send a password in clear. Leave starttls=off away.")
    return server


def _tls(parts: SplitResult, options: dict[str, list[str]], host: str) -> str:
    if unknown := set(options) - {"starttls", "ca"}:
        raise ValueError(f"SMTP_URL has an unknown option: {', '.join(sorted(unknown))}.")
    wanted = options.get("starttls", ["off" if host in LOOPBACK else "required"])[0]
    if wanted not in ("required", "off"):
        raise ValueError("SMTP_URL: starttls is either required or off.")
    if parts.scheme == "smtps":
        return "implicit"
    return "starttls" if wanted == "required" else "none"

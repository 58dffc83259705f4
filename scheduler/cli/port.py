"""Takes a port before anything else is done, so that a taken one is said at once."""

from __future__ import annotations

import argparse
import errno
import socket

from scheduler.cli.words import CommandFailed

NAMES = {errno.EADDRINUSE: "taken", errno.EACCES: "not open to this user"}


def number(text: str) -> int:
    """A port as it is typed; 0 means any. Larger ones would silently become others."""
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text} is no port; they go from 0 to 65535")
    return int(text)


def take(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet; port 0 takes any free one. Raises CommandFailed."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise CommandFailed(f"{host} with port {port} is no address of this machine.") from None
    found = socket.socket(family, kind)
    # a server that has just ended must not block its successor
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
    except OSError as error:
        found.close()
        why = NAMES.get(error.errno or 0, "not to be had")
        other = port + 1 if port >= 1024 else 8000
        raise CommandFailed(
            f"Port {port} on {host} is {why}. Choose another one: --port {other}"
        ) from None
    return found

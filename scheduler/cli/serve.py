"""`serve`: the web pages through waitress, behind a proxy that speaks TLS."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from waitress.server import create_server
from waitress.wasyncore import close_all

from config import Settings
from scheduler import create_app
from scheduler.cli import port
from scheduler.cli.db import refuse_old_database
from scheduler.cli.words import say

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8
FINISH_SECONDS = 5


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="scheduler serve",
        description="Serve the web pages until stopped. Settings come from the environment.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=port.number, default=8000, help="port to listen on (%(default)s)"
    )
    chosen = parser.parse_args(arguments)
    settings = Settings.from_environ(os.environ)
    with port.take(chosen.host, chosen.port) as listener:
        app = create_app(settings)
        refuse_old_database(app)
        listener.listen()  # who reads the next line may ask at once
        host, number = listener.getsockname()[:2]
        say(f"Serving {settings.public_url} on {host} port {number}. Ctrl-C ends it.")
        until_stopped(app, listener)
    return 0


def until_stopped(app: Flask, listener: socket.socket) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM; requests under way are finished.

    The signal only sets an event: raised as an exception inside the server's loop it could land
    where nobody hears it. The loop ends before this returns: it must not find its listener closed
    by somebody else.
    """
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told.set())
    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=False,  # ProxyFix reads the one in front of us
    )
    loop = threading.Thread(target=server.run, daemon=True)
    loop.start()
    told.wait()
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=FINISH_SECONDS)
    # Closed in the loop's own thread: with nothing left to watch, it ends.
    server.trigger.pull_trigger(lambda: close_all(sockets))
    loop.join(FINISH_SECONDS)

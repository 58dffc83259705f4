"""`demo`: the whole product with an invented clinic in one process, on this machine only."""

from __future__ import annotations

import argparse
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flask_security import hash_password

from config import Settings
from scheduler import create_app
from scheduler.cli import db, demo_files, port
from scheduler.cli.serve import until_stopped
from scheduler.cli.words import say
from scheduler.clock import utcnow
from scheduler.demo.accounts import ACCOUNTS, PASSWORD
from scheduler.demo.catching_up import catch_up
from scheduler.demo.fill import fill
from scheduler.demo.letters import WaysOut
from scheduler.extensions import db as database
from scheduler.mail.transport import transport_from
from scheduler.phone.provider import phone_folder
from scheduler.phone.provider import transport_from as provider_from
from scheduler.worker.runner import ticker_from

if TYPE_CHECKING:
    from flask import Flask

HOST, PORT = "127.0.0.1", 8000
CATCH_UP_SECONDS = 60


def run(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    folder = demo_files.Folder(chosen.data.resolve())
    with port.take(HOST, chosen.port) as listener, folder.in_use():
        number = int(listener.getsockname()[1])
        if folder.is_half_made():
            say("The first start was interrupted; beginning again.")
        if chosen.fresh or folder.is_half_made():
            folder.clear()
        settings = Settings.for_demo(folder.path, number)
        app = create_app(settings)
        app.config["DEMO_ACCOUNTS"] = ACCOUNTS
        _prepare(app, folder, settings)
        listener.listen()  # who reads the address may ask at once
        _greet(settings)
        _serve(app, listener, settings)
    say("The demo has ended. Its data stays for the next time.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scheduler demo",
        description="Serve Chairtime with an invented clinic. Nothing leaves this machine: "
        "messages go to a mailbox page.",
    )
    parser.add_argument(
        "--port", type=port.number, default=PORT, help="port to listen on (%(default)s)"
    )
    parser.add_argument(
        "--data", type=Path, default=demo_files.default(), help="folder for its data (%(default)s)"
    )
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away first")
    return parser


def _prepare(app: Flask, folder: demo_files.Folder, settings: Settings) -> None:
    """A migrated, filled database; both only where that is still to do."""
    with app.app_context():
        if folder.is_filled():
            _bring_up_to_date(app)
            return
        say(f"Making the demo clinic in {folder.path}. This happens once.")
        db.upgrade(app)
        started = time.monotonic()
        made = fill(hash_password(PASSWORD), _ways(settings), _step, now=utcnow())
        folder.mark_filled()
        seconds = time.monotonic() - started
        say(f"  {made.patients} patients and {made.visits} visits after {seconds:.0f} s")


def _bring_up_to_date(app: Flask) -> None:
    if db.version(database.engine) != db.newest():
        say("Bringing the demo's database to this version")
        db.upgrade(app)
    catch_up(now=utcnow())


def _step(what: str) -> None:
    say(f"  {what} ...")


def _ways(settings: Settings) -> WaysOut:
    phones = phone_folder(settings.data_dir)
    return WaysOut(
        mail=transport_from(settings.smtp_url, settings.data_dir),
        phone=provider_from(settings.phone_url, settings.phone_secret, phones),
        public_url=settings.public_url,
    )


def _greet(settings: Settings) -> None:
    say(f"\nReady: {settings.public_url}/\n")
    for account in ACCOUNTS:
        say(f"  {account.role:9} {account.email}")
    say(f"\n  Password of all: {PASSWORD}\n\nCtrl-C ends the demo.")


def _serve(app: Flask, listener: socket.socket, settings: Settings) -> None:
    """Web and worker in this process, until it is told to stop."""
    over = threading.Event()
    life = threading.Thread(target=_live, args=[app, over])
    ticker = ticker_from(settings, app.app_context)
    ticker.start()
    life.start()
    try:
        until_stopped(app, listener)
    finally:
        over.set()
        life.join()
        ticker.stop()


def _live(app: Flask, over: threading.Event) -> None:
    """Somebody comes, is treated and goes home: the board of the demo follows the clock."""
    while not over.wait(CATCH_UP_SECONDS):
        with app.app_context():
            catch_up(now=utcnow())

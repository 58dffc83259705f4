"""`python -m tests.browser.board_picture`: takes the README's picture from the real demo clinic.

A Wednesday at 10:42 am, so that some visits are over, some under way and some still to come.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import time_machine
from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Browser, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from config import Settings
from scheduler import create_app
from scheduler.cli import db
from scheduler.demo.accounts import ACCOUNTS, PASSWORD
from scheduler.demo.fill import fill
from scheduler.demo.letters import WaysOut
from scheduler.mail.transport import transport_from
from scheduler.phone.folder import PhoneFolder
from tests.ground import released
from tests.source import ROOT

NOW = datetime(2027, 1, 13, 15, 42, tzinfo=UTC)
PICTURE = ROOT / "scheduler" / "demo" / "board.png"
SIZE: ViewportSize = {"width": 1240, "height": 760}
CHROMIUM = "/usr/bin/chromium"


def main() -> int:
    with (
        TemporaryDirectory() as folder,
        time_machine.travel(NOW, tick=True),
        demo(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        take(playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]), url)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} KB")
    return 0


def take(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport=SIZE, color_scheme="light")
    page.clock.install(time=NOW)
    page.goto(f"{url}/login")
    page.get_by_label("E-mail").fill(ACCOUNTS[0].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".ec-event").first.wait_for()
    page.locator(".v-here").filter(has_text="/").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURE)
    browser.close()


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The filled clinic on a free port; its address."""
    settings = Settings.for_demo(folder, 0)
    with released(create_app(settings)) as app:
        ways = WaysOut(
            mail=transport_from("", folder),
            phone=PhoneFolder(folder / "phone"),
            public_url="http://127.0.0.1",
        )
        with app.app_context():
            db.upgrade(app)
            fill(str(hash_password(PASSWORD)), ways, now=NOW)
        with served(app) as url:
            yield url


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())

"""Debian's Chromium against a server of the test's own; any console error fails the test."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from pytest_playwright.pytest_playwright import CreateContextCallback
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Settings
from scheduler import create_app
from tests.ground import released
from tests.machine import lacking

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FORM_CAME_BACK = re.compile(r"Failed to load resource: .* status of (409|422)")
expect.set_options(timeout=20_000)  # a busy machine is not a fault; nobody waits if all is well
SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that leaves a page while its files are on their way drops the line; the test server
    then leaves the file to the garbage collector, which is no fault of the product.
    """
    dropped = "ignore:Exception ignored in. <_io:pytest.PytestUnraisableExceptionWarning"
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings(dropped))


class Unlogged(WSGIRequestHandler):
    """The product's own server writes no addresses, so this one stands in for it quietly: a
    patient's link must stand in no log (trust I23)."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


@dataclass(frozen=True)
class LiveServer:
    """The running product: fill its database through `app`, look at it at `url`."""

    app: Flask
    url: str


@pytest.fixture(scope="session")
def engine_name() -> str:
    """A browser sees no difference between the engines."""
    return "sqlite"


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test has a server, so an address, of its own: see `context`."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium instead of Playwright's own download."""
    if not CHROMIUM:
        lacking("Chromium", "apt-get install chromium, or set CHROMIUM to its path")
    switches = [*SWITCHES, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": switches}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A browser far from the site's zone, so that a time shown in the wrong one is seen."""
    window = {"width": 1280, "height": 1000}
    return {
        **browser_context_args,
        "viewport": window,
        "timezone_id": "America/Los_Angeles",
        "locale": "en-US",
    }


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A port of our own before the app is made, because links in mails need the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def app_settings(database_url: str, tmp_path: Path, listening: socket.socket) -> Settings:
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    return Settings.for_tests(database_url=database_url, data_dir=tmp_path, public_url=address)


@pytest.fixture
def live_server(app_settings: Settings, listening: socket.socket) -> Iterator[LiveServer]:
    """The whole product, served on loopback until the test ends."""
    with released(create_app(app_settings)) as app:
        server = make_server(
            "127.0.0.1",
            0,
            app,
            threaded=True,
            request_handler=Unlogged,
            fd=listening.fileno(),
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield LiveServer(app, app_settings.public_url)
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def context(new_context: CreateContextCallback, live_server: LiveServer) -> BrowserContext:
    """`page.goto("/today")` means the live server."""
    return new_context(base_url=live_server.url)


ABORTED = re.compile(r"^htmx:afterRequest, .*\nhtmx:sendAbort, .*\nundefined$", re.MULTILINE)
"""The three lines that htmx logs, together, of a request whose page was left before the answer."""


def is_trouble(said: ConsoleMessage) -> bool:
    return said.type == "error" and not FORM_CAME_BACK.search(said.text)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Fails the test on any console error (a CSP violation is one) or uncaught exception.

    Chromium logs every 4xx answer as one; 409 and 422 are how a form comes back with its reasons.
    """
    problems: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: problems.append(said.text) if is_trouble(said) else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert ABORTED.sub("", "\n".join(problems)).strip() == ""

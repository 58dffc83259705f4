"""The demo as a process: one command, a clinic to sign in to, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scheduler.cli.demo_files import Folder
from scheduler.cli.words import CommandFailed
from scheduler.demo.accounts import ACCOUNTS
from tests.processes import Command, command, ended
from tests.wire import WireClient, WireDesk

ENVIRON = {
    **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
    "PYTHONUNBUFFERED": "1",
}
PAGES = (
    "/", "/?view=week", "/?view=table", "/series/new", "/patients", "/messages", "/tasks",
    "/mailbox", "/protocols/", "/setup", "/reports/utilisation",
)  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """A running demo and what it said of itself."""

    process: Command
    url: str
    password: str


@contextmanager
def demo(folder: Path, *more: str) -> Iterator[Demo]:
    with command(ENVIRON, "demo", "--port", "0", "--data", str(folder), *more) as running:
        url = running.wait_for("Ready: ").split()[-1]
        password = running.wait_for("Password of all: ").split(": ")[1]
        running.wait_for("Ctrl-C ends the demo.")
        yield Demo(running, url, password)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a first start that was ended with Ctrl-C."""
    path = tmp_path_factory.mktemp("first") / "demo"
    with demo(path) as first:
        assert first.process.lines[0].startswith("Making the demo clinic in ")
        assert healthy(first)["database"] is True
        first.process.process.send_signal(signal.SIGINT)
        assert first.process.process.wait(60) == 0
        assert first.process.lines[-1] == "The demo has ended. Its data stays for the next time."
    return path


def healthy(running: Demo) -> dict[str, object]:
    with urllib.request.urlopen(f"{running.url}healthz", timeout=30) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def test_the_second_start_serves_what_is_there_with_a_worker(folder: Path) -> None:
    with demo(folder) as second:
        assert not any("Making" in line for line in second.process.lines)
        while healthy(second)["worker"] is not True:  # its first sign comes within a second
            assert second.process.process.poll() is None
        assert second.process.end() == 0


def test_every_printed_account_signs_in_and_finds_its_pages_filled(folder: Path) -> None:
    with demo(folder) as running:
        for account in ACCOUNTS:
            assert running.process.wait_for(account.email)
            desk = WireDesk(running.url, account.email, running.password)
            shown = {page: desk.get(page).status_code for page in PAGES}
            assert set(shown.values()) <= {200, 403}, shown
        assert set(shown.values()) == {200}, "the admin sees everything"
        assert "invented people only" in WireClient(running.url).get("/login").text


def test_two_demos_do_not_share_a_folder(folder: Path) -> None:
    with demo(folder):
        said = ended(ENVIRON, "demo", "--port", "0", "--data", str(folder), "--fresh")
    assert said.returncode == 1
    assert "A demo is running with" in said.stderr
    assert (folder / "filled").exists()


def made(path: Path) -> Folder:
    """A folder as the demo leaves it, with something of somebody else's in it."""
    found = Folder(path)
    for name in ("chairtime.sqlite3", "chairtime.sqlite3-wal", "secret_key", "filled", "notes.txt"):
        (path / name).touch()
    (path / "mail").mkdir()
    (path / "mail" / "a.eml").touch()
    (path / "mail" / "keep.txt").touch()
    return found


def test_a_fresh_start_removes_the_demos_own_files_only(tmp_path: Path) -> None:
    made(tmp_path).clear()
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert left == {"notes.txt", "mail", "mail/keep.txt"}


def test_an_interrupted_first_start_is_known(tmp_path: Path) -> None:
    folder = made(tmp_path)
    assert (folder.is_filled(), folder.is_half_made()) == (True, False)
    (tmp_path / "filled").unlink()
    assert (folder.is_filled(), folder.is_half_made()) == (False, True)
    folder.clear()
    assert (folder.is_filled(), folder.is_half_made()) == (False, False)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandFailed, match="cannot be used"), Folder(tmp_path / "file").in_use():
        pass

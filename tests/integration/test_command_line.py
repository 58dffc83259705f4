"""The commands: they work, and where they do not, they say why in a sentence."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask

from config import NAMES
from scheduler.cli.main import main
from scheduler.cli.serve import until_stopped
from tests.processes import command, ended
from tests.processes import settings as production

NEW_PASSWORD = "four plain words here"
NOBODY_LISTENS = "127.0.0.1:9"
DANA = ("--email", "Dana@clinic.example", "--name", "Dana Ruiz", "--roles", "desk,manager")
AT_HALDEN = ("--organisation", "Halden Street", "--password-stdin")


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    complaint: str


Run = Callable[..., Said]


def settings(database_url: str, **changes: str) -> dict[str, str]:
    """A whole environment that production accepts on this machine."""
    return production(database_url, NOBODY_LISTENS, Path("var"), **changes)


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What a command says does not depend on the engine."""
    return "sqlite"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process: the same `main`, much quicker than a process for each."""

    def call(environ: dict[str, str], *words: str, typed: str = "") -> Said:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", StringIO(typed))
        code = main(words)
        out, complaint = capsys.readouterr()
        return Said(code, out, complaint)

    return call


def refused(said: Said) -> str:
    """The sentence of a command that did not do its work."""
    assert said.code == 1
    return said.complaint


def test_help_lists_every_command_and_needs_no_settings(run: Run) -> None:
    said = run({}, "--help")
    assert said.code == 0
    for name in ("demo", "serve", "worker", "db", "user", "doctor", "test", "bench"):
        assert f"\n  {name} " in said.out


def test_an_unknown_command_is_told_which_ones_there_are(run: Run) -> None:
    said = run({}, "sreve")
    assert said.code == 2
    assert "There is no command sreve." in said.complaint


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_bad_settings_are_all_named_and_nothing_starts(name: str, run: Run) -> None:
    said = refused(run(settings("", SECRET_KEY="short", UNDO_SECONDS="soon"), name))
    for setting in ("DATABASE_URL", "SECRET_KEY", "UNDO_SECONDS"):
        assert f"{setting}: " in said
    assert "PUBLIC_URL" not in said


def test_a_database_without_tables_is_not_served(tmp_path: Path, run: Run) -> None:
    said = run(settings(f"sqlite:///{tmp_path / 'new.sqlite3'}"), "serve", "--port", "0")
    assert "db upgrade" in refused(said)


def test_a_database_that_does_not_answer_is_a_sentence_and_no_traceback() -> None:
    said = ended(settings("postgresql://nobody:x@127.0.0.1:9/none"), "worker")
    assert said.returncode == 1
    assert said.stderr.startswith("The database did not answer")
    assert "Traceback" not in said.stderr


def test_db_upgrade_makes_the_tables_and_may_be_run_again(tmp_path: Path, run: Run) -> None:
    environ = settings(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    first, again = (run(environ, "db", "upgrade") for _ in range(2))
    assert first.out.startswith("The database is at 0003. It was at no version.")
    assert again.out == "The database is at 0003.\n"


def test_a_taken_port_is_said_before_anything_else(database_url: str, run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        said = run(settings(database_url), "serve", "--port", taken)
    assert f"Port {taken} on 127.0.0.1 is taken." in refused(said)


@pytest.mark.parametrize("port", ["70000", "-1", "http", "\u0663"])
def test_what_is_no_port_is_refused_and_not_rounded_to_one(port: str, run: Run) -> None:
    with pytest.raises(SystemExit) as caught:
        run({}, "demo", f"--port={port}")
    assert caught.value.code == 2


def test_user_add_makes_the_organisation_and_somebody_in_it(database_url: str, run: Run) -> None:
    environ = settings(database_url)
    said = run(environ, "user", "add", *DANA, *AT_HALDEN, typed=NEW_PASSWORD)
    assert said.complaint == ""
    assert said.out == (
        "Dana Ruiz may now sign in as dana@clinic.example with the roles desk, manager.\n"
    )
    listed = run(environ, "user", "list").out
    assert listed == "dana@clinic.example  Dana Ruiz  (desk, manager)\n"
    again = run(environ, "user", "add", *DANA, *AT_HALDEN, typed=NEW_PASSWORD)
    assert "already" in refused(again)


def test_user_add_asks_for_what_is_not_given(database_url: str, run: Run) -> None:
    environ = settings(database_url)
    typed = f"theo@clinic.example\nTheo\nadmin\n{NEW_PASSWORD}\nHalden Street\n"
    said = run(environ, "user", "add", "--password-stdin", typed=typed)
    assert said.out.endswith("Theo may now sign in as theo@clinic.example with the roles admin.\n")


@pytest.mark.parametrize(
    ("more", "typed", "said"),
    [
        (("--roles", "boss"), NEW_PASSWORD, "There is no role boss."),
        (("--email", "dana"), NEW_PASSWORD, "dana is no e-mail address."),
        ((), "short", "at least 12 characters"),
        ((), "dana ruiz is my name", "Leave your own name"),
        ((), "", "at least 12 characters"),
    ],
)
def test_user_add_refuses_with_a_sentence(
    database_url: str, run: Run, more: tuple[str, ...], typed: str, said: str
) -> None:
    environ = settings(database_url)
    assert said in refused(run(environ, "user", "add", *DANA, *AT_HALDEN, *more, typed=typed))
    assert run(environ, "user", "list").out.startswith("Nobody is there yet.")


def test_user_change_takes_access_away_and_gives_it_back(database_url: str, run: Run) -> None:
    environ = settings(database_url)
    run(environ, "user", "add", *DANA, *AT_HALDEN, typed=NEW_PASSWORD)
    who = ("user", "change", "--email", "dana@clinic.example")
    assert run(environ, *who, "--off").code == 0
    assert "may not sign in" in run(environ, "user", "list").out
    run(environ, *who, "--on", "--roles", "nurse")
    assert run(environ, "user", "list").out.endswith("(nurse)\n")
    assert "Say what to change" in refused(run(environ, *who))
    nobody = run(environ, "user", "change", "--email", "x@y.example", "--off")
    assert "There is nobody with this e-mail address." in refused(nobody)


def test_serve_answers_until_it_is_told_to_stop(database_url: str) -> None:
    with command(settings(database_url), "serve", "--port", "0") as serving:
        port = re.search(r"port (\d+)", serving.wait_for("Serving "))
        assert port
        with urlopen(f"http://127.0.0.1:{port[1]}/healthz", timeout=30) as answer:
            assert b'"status":"attention"' in answer.read()
        assert serving.end() == 0
    assert not any("Traceback" in line for line in serving.lines)


def test_the_doctor_names_what_is_wrong_and_how_to_mend_it(database_url: str, run: Run) -> None:
    smtp = f"smtp://u:hush-hush@{NOBODY_LISTENS}"
    said = run(settings(database_url, SMPT_URL="smtp://x", SMTP_URL=smtp), "doctor")
    assert (said.code, said.complaint) == (1, "")
    for part in (
        "Is SMTP_URL meant?",
        "u:***@127.0.0.1:9",
        "0003, as needed.",
        "No worker has ever signed.",
        "wrong  mail server",
    ):
        assert part in said.out
    assert "hush" not in said.out
    assert said.out.endswith("2 things need mending.\n")


def test_the_doctor_still_speaks_where_nothing_is_set(run: Run) -> None:
    said = run({}, "doctor")
    assert said.code == 1
    assert said.out.endswith("4 things need mending.\n")


def test_the_doctor_finds_no_file_rather_than_making_one(tmp_path: Path, run: Run) -> None:
    missing = tmp_path / "typo.sqlite3"
    said = run(settings(f"sqlite:///{missing}"), "doctor")
    assert f"There is no file {missing} yet." in said.out
    assert not missing.exists()


def test_a_stopped_server_leaves_no_loop_behind_that_would_find_its_listener_closed(
    app: Flask,
) -> None:
    before = set(threading.enumerate())
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    stopper = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        try:
            stopper.start()
            until_stopped(app, listener)
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)
    stopper.join()
    assert set(threading.enumerate()) <= before

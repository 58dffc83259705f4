"""The commands as processes: they work, and where they do not, they say why in a sentence."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.processes import command, ended
from tests.processes import settings as production

NEW_PASSWORD = "four plain words here"
NOBODY_LISTENS = "127.0.0.1:9"


def settings(database_url: str, **changes: str) -> dict[str, str]:
    """A whole environment that production accepts on this machine."""
    return production(database_url, NOBODY_LISTENS, Path("var"), **changes)


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What a command says does not depend on the engine."""
    return "sqlite"


def complaint(run: subprocess.CompletedProcess[str]) -> str:
    """What it said when it refused: never a traceback."""
    assert run.returncode != 0
    assert "Traceback" not in run.stderr + run.stdout
    return run.stderr


def test_help_lists_every_command_and_needs_no_settings() -> None:
    run = ended(settings("", SECRET_KEY=""), "--help")
    assert run.returncode == 0
    for name in ("demo", "serve", "worker", "db", "user", "doctor", "test", "bench"):
        assert f"\n  {name} " in run.stdout


def test_an_unknown_command_is_told_which_ones_there_are() -> None:
    run = ended(settings(""), "sreve")
    assert run.returncode == 2
    assert "There is no command sreve." in complaint(run)


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_bad_settings_are_all_named_and_nothing_starts(name: str) -> None:
    run = ended(settings("", SECRET_KEY="short", UNDO_SECONDS="soon"), name)
    said = complaint(run)
    for setting in ("DATABASE_URL", "SECRET_KEY", "UNDO_SECONDS"):
        assert f"{setting}: " in said
    assert "PUBLIC_URL" not in said


def test_a_database_without_tables_is_not_served(tmp_path: Path) -> None:
    run = ended(settings(f"sqlite:///{tmp_path / 'new.sqlite3'}"), "serve")
    assert "db upgrade" in complaint(run)


def test_a_database_that_does_not_answer_is_a_sentence() -> None:
    run = ended(settings("postgresql://nobody:x@127.0.0.1:9/none"), "serve")
    assert "The database did not answer" in complaint(run)


def test_db_upgrade_makes_the_tables_and_may_be_run_again(tmp_path: Path) -> None:
    environ = settings(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    first, again = (ended(environ, "db", "upgrade") for _ in range(2))
    assert first.stdout.startswith("The database is at 0001. It was at no version.")
    assert again.stdout == "The database is at 0001.\n"


def test_a_taken_port_is_said_before_anything_else(database_url: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        run = ended(settings(database_url), "serve", "--port", taken)
    assert f"Port {taken} on 127.0.0.1 is taken." in complaint(run)


def add(environ: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    who = ("--email", "Dana@clinic.example", "--name", "Dana Ruiz", "--roles", "desk,manager")
    first = ("--organisation", "Halden Street", "--password-stdin")
    return ended(environ, "user", "add", *who, *first, *more, typed=NEW_PASSWORD + "\n")


def test_user_add_makes_the_organisation_and_somebody_in_it(database_url: str) -> None:
    environ = settings(database_url)
    run = add(environ)
    assert run.stderr == ""
    assert run.stdout == (
        "Dana Ruiz may now sign in as dana@clinic.example with the roles desk, manager.\n"
    )
    listed = ended(environ, "user", "list").stdout
    assert listed == "dana@clinic.example  Dana Ruiz  (desk, manager)\n"
    assert "already" in complaint(add(environ))


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
    database_url: str, more: tuple[str, ...], typed: str, said: str
) -> None:
    who = ("--email", "dana.ruiz@clinic.example", "--name", "Dana", "--roles", "desk")
    place = ("--organisation", "Halden Street", "--password-stdin")
    environ = settings(database_url)
    run = ended(environ, "user", "add", *who, *place, *more, typed=typed + "\n")
    assert said in complaint(run)
    assert ended(environ, "user", "list").stdout.startswith("Nobody is there yet.")


def test_user_change_takes_access_away_and_gives_it_back(database_url: str) -> None:
    environ = settings(database_url)
    add(environ)
    who = ("--email", "dana@clinic.example")
    assert ended(environ, "user", "change", *who, "--off").returncode == 0
    assert "may not sign in" in ended(environ, "user", "list").stdout
    ended(environ, "user", "change", *who, "--on", "--roles", "nurse")
    assert ended(environ, "user", "list").stdout.endswith("(nurse)\n")
    nobody = ended(environ, "user", "change", "--email", "x@y.example", "--off")
    assert "There is nobody with this e-mail address." in complaint(nobody)
    assert "Say what to change" in complaint(ended(environ, "user", "change", *who))


def test_serve_answers_until_it_is_told_to_stop(database_url: str) -> None:
    with command(settings(database_url), "serve", "--port", "0") as serving:
        port = re.search(r"port (\d+)", serving.wait_for("Serving "))
        assert port
        with urlopen(f"http://127.0.0.1:{port[1]}/healthz", timeout=30) as answer:
            assert b'"status":"attention"' in answer.read()
        assert serving.end() == 0
    assert not any("Traceback" in line for line in serving.lines)


def test_the_doctor_names_what_is_wrong_and_how_to_mend_it(database_url: str) -> None:
    smtp = f"smtp://u:hush-hush@{NOBODY_LISTENS}"
    environ = settings(database_url, SMPT_URL="smtp://x", SMTP_URL=smtp)
    run = ended(environ, "doctor")
    assert run.returncode == 1
    assert run.stderr == ""
    said = run.stdout
    assert "SMPT_URL" in said
    assert "Is SMTP_URL meant?" in said
    assert "u:***@127.0.0.1:9" in said
    assert "hush" not in said
    assert "0001, as needed." in said
    assert "No worker has ever signed." in said
    assert "wrong  mail server" in said
    assert said.endswith("2 things need mending.\n")


def test_the_doctor_still_speaks_where_nothing_is_set() -> None:
    run = ended(settings("", SECRET_KEY="", PUBLIC_URL="", SMTP_URL=""), "doctor")
    assert run.returncode == 1
    assert run.stdout.endswith("4 things need mending.\n")

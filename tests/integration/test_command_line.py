"""The commands as processes: they work, and where they do not, they say why in a sentence."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.commands import command, free_port, running, settings, until_it_answers

NEW_PASSWORD = "four plain words here"


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What a command says does not depend on the engine; the doctor asks both below."""
    return "sqlite"


def complaint(run: subprocess.CompletedProcess[str]) -> str:
    """What it said when it refused: never a traceback."""
    assert run.returncode != 0
    assert "Traceback" not in run.stderr + run.stdout
    return run.stderr


def test_help_lists_every_command_and_needs_no_settings() -> None:
    run = command("--help", environ=settings("", SECRET_KEY=""))
    assert run.returncode == 0
    for name in ("demo", "serve", "worker", "db", "user", "doctor", "test", "bench"):
        assert f"\n  {name} " in run.stdout


def test_an_unknown_command_is_told_which_ones_there_are() -> None:
    run = command("sreve", environ=settings(""))
    assert run.returncode == 2
    assert "There is no command sreve." in complaint(run)


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_bad_settings_are_all_named_and_nothing_starts(name: str) -> None:
    run = command(name, environ=settings("", SECRET_KEY="short", UNDO_SECONDS="soon"))
    said = complaint(run)
    for setting in ("DATABASE_URL", "SECRET_KEY", "UNDO_SECONDS"):
        assert f"{setting}: " in said
    assert "PUBLIC_URL" not in said


def test_a_database_without_tables_is_not_served(tmp_path: Path) -> None:
    run = command("serve", environ=settings(f"sqlite:///{tmp_path / 'new.sqlite3'}"))
    assert "db upgrade" in complaint(run)


def test_a_database_that_does_not_answer_is_a_sentence() -> None:
    run = command("serve", environ=settings("postgresql://nobody:x@127.0.0.1:9/none"))
    assert "The database did not answer" in complaint(run)


def test_db_upgrade_makes_the_tables_and_may_be_run_again(tmp_path: Path) -> None:
    environ = settings(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    first, again = (command("db", "upgrade", environ=environ) for _ in range(2))
    assert first.stdout.startswith("The database is at 0001. It was at no version.")
    assert again.stdout == "The database is at 0001.\n"


def test_a_taken_port_is_said_before_anything_else(database_url: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        run = command("serve", "--port", taken, environ=settings(database_url))
    assert f"Port {taken} on 127.0.0.1 is taken." in complaint(run)


def add(environ: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    who = ("--email", "Dana@clinic.example", "--name", "Dana Ruiz", "--roles", "desk,manager")
    first = ("--organisation", "Halden Street", "--password-stdin")
    return command("user", "add", *who, *first, *more, environ=environ, typed=NEW_PASSWORD + "\n")


def test_user_add_makes_the_organisation_and_somebody_in_it(database_url: str) -> None:
    environ = settings(database_url)
    run = add(environ)
    assert run.stderr == ""
    assert run.stdout == (
        "Dana Ruiz may now sign in as dana@clinic.example with the roles desk, manager.\n"
    )
    listed = command("user", "list", environ=environ).stdout
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
    run = command("user", "add", *who, *place, *more, environ=environ, typed=typed + "\n")
    assert said in complaint(run)
    assert command("user", "list", environ=environ).stdout.startswith("Nobody is there yet.")


def test_user_change_takes_access_away_and_gives_it_back(database_url: str) -> None:
    environ = settings(database_url)
    add(environ)
    who = ("--email", "dana@clinic.example")
    assert command("user", "change", *who, "--off", environ=environ).returncode == 0
    assert "may not sign in" in command("user", "list", environ=environ).stdout
    command("user", "change", *who, "--on", "--roles", "nurse", environ=environ)
    assert command("user", "list", environ=environ).stdout.endswith("(nurse)\n")
    nobody = command("user", "change", "--email", "x@y.example", "--off", environ=environ)
    assert "There is nobody with this e-mail address." in complaint(nobody)
    assert "Say what to change" in complaint(command("user", "change", *who, environ=environ))


def test_serve_answers_until_it_is_told_to_stop(database_url: str, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    environ = settings(database_url)
    with running("serve", "--port", str(port), environ=environ, log=log) as process:
        body = until_it_answers(f"http://127.0.0.1:{port}/healthz", process, log)
        assert b'"status":"attention"' in body
        process.terminate()
        assert process.wait(30) == 0
    assert "Traceback" not in log.read_text()


def test_the_doctor_names_what_is_wrong_and_how_to_mend_it(database_url: str) -> None:
    environ = settings(database_url, SMPT_URL="smtp://x", SMTP_URL="smtp://u:hush-hush@127.0.0.1:9")
    run = command("doctor", environ=environ)
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
    run = command("doctor", environ=settings("", SECRET_KEY="", PUBLIC_URL="", SMTP_URL=""))
    assert run.returncode == 1
    assert run.stdout.endswith("4 things need mending.\n")

"""Finds the command and turns everything that may go wrong into a sentence and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from config import BadSettings
from scheduler.cli.words import CommandFailed, complain, say
from scheduler.errors import SchedulerError

COMMANDS = {
    "demo": "the whole product with an invented clinic, on this machine only",
    "serve": "the web pages",
    "worker": "delivers messages; run it beside serve",
    "db": "upgrade: bring the database to this version",
    "user": "add, change or list who may sign in",
    "doctor": "what is wrong with the settings, and how to mend it",
}
ELSEWHERE = {
    "test": "every test; further words go to pytest",
    "bench": "measure; name a suite, or nothing for all",
}
WRONG, MISUSED, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 it did not work, 2 asked for wrongly."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        say(usage())
        return 0
    name, *rest = given
    if name not in COMMANDS:
        complain(f"There is no command {name}.\n\n{usage()}")
        return MISUSED
    return _guarded(name, rest)


def usage() -> str:
    lines = [f"  {name:8} {what}" for name, what in (COMMANDS | ELSEWHERE).items()]
    return "\n".join(
        (
            "Usage: python3 -m scheduler COMMAND [options]",
            "",
            *lines,
            "",
            "Each command explains itself with --help.",
        )
    )


def _guarded(name: str, arguments: list[str]) -> int:
    """Run one command; a traceback would help nobody who only wants it to work."""
    try:
        code: int = import_module(f"scheduler.cli.{name}").run(arguments)
    except BadSettings as bad:
        return _bad_settings(bad)
    except (CommandFailed, SchedulerError) as error:
        complain(str(error))
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if (sentence := _of_the_database(error)) is None:
            raise  # our own fault: the traceback is what we need to mend it
        complain(sentence)
        return WRONG
    return code


def _bad_settings(bad: BadSettings) -> int:
    complain("These settings do not work. Nothing was started.")
    for one in bad.problems:
        complain(f"  {one.name}: {one.what} {one.mend}")
    complain("python3 -m scheduler doctor checks them all.")
    return WRONG


def _of_the_database(error: Exception) -> str | None:
    """A sentence if the database cannot be reached or is not ready, else None."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    if not isinstance(error, OperationalError | ProgrammingError):
        return None
    reason = str(error.orig).strip().splitlines()[0]
    return f"The database did not answer as it should: {reason}\nAsk: python3 -m scheduler doctor"

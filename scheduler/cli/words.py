"""What the command line says, and the one exception that ends a command with a sentence."""

from __future__ import annotations

import sys


class CommandFailed(Exception):
    """The command cannot do its work; the message says why and what to do."""


def say(text: str = "") -> None:
    """To the person in front of it, at once even through a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """To standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

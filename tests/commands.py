"""Runs `scheduler` commands as a person would: as processes, with settings in the environment."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.source import ROOT

PATIENCE_SECONDS = 120
NO_SETTINGS = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}


def settings(database_url: str, **changes: str) -> dict[str, str]:
    """A whole environment that production accepts on this machine."""
    return {
        **NO_SETTINGS,
        "DATABASE_URL": database_url,
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "SMTP_URL": "smtp://127.0.0.1:9",
        **changes,
    }


def command(
    *arguments: str, environ: dict[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        _words(arguments),
        env=environ,
        input=typed,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def _words(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "scheduler.cli", *arguments]


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    *arguments: str, environ: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that serves until it is told to stop; what it says goes to `log`."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            _words(arguments), env=environ, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bytes:
    """The body of the first answer; fails with what the process said if it ends before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer:\n{log.read_text()[-2000:]}")

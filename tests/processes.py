"""The product's own commands as processes, with settings of the test's choice."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_SECONDS = 120
TOP = Path(__file__).resolve().parents[1]


@dataclass
class Command:
    """A running command; `lines` is what it has said so far."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    spoke: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, words: str) -> str:
        """The first line that holds these words."""
        with self.spoke:
            found = self.spoke.wait_for(
                lambda: (
                    [line for line in self.lines if words in line]
                    or self.process.poll() is not None
                ),
                PATIENCE_SECONDS,
            )
        assert isinstance(found, list), "\n".join(self.lines)
        return str(found[0])

    def kill(self) -> None:
        """kill -9: no goodbye, nothing cleaned up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)

    def end(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.spoke:
                self.lines.append(line.rstrip())
                self.spoke.notify_all()
        with self.spoke:
            self.spoke.notify_all()


def settings(database_url: str, smtp: str, data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a small production on this machine; `smtp` is host:port."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_hex(32),
        "PUBLIC_URL": "http://127.0.0.1",
        "SMTP_URL": f"smtp://{smtp}",
        "UNDO_SECONDS": "0",
        "DATA_DIR": str(data_dir),
        **more,
    }


def ended(
    environ: dict[str, str], *words: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, well or not."""
    return subprocess.run(
        [sys.executable, "-m", "scheduler.cli", *words],
        env=environ,
        input=typed,
        capture_output=True,
        text=True,
        cwd=TOP,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def run_command(environ: dict[str, str], *words: str, typed: str = "") -> str:
    """A command that ends well by itself; what it said."""
    done = ended(environ, *words, typed=typed)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def command(environ: dict[str, str], *words: str) -> Iterator[Command]:
    """Runs `scheduler <words>`; whatever still runs at the end is ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scheduler.cli", *words],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=TOP,
    )
    running = Command(process)
    reader = threading.Thread(target=running.listen, daemon=True)
    reader.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_SECONDS)
        reader.join(PATIENCE_SECONDS)
        assert process.stdout is not None
        process.stdout.close()

"""A throw-away PostgreSQL server for tests, from the system's own binaries; also as root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

PATIENCE_SECONDS = 30
FAST_AND_FORGETFUL = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def find_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: Debian's newest version, else whatever PATH has."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True)
    if debian:
        return debian[0].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _version(binary: Path) -> int:
    name = binary.parent.parent.name
    return int(name) if name.isdigit() else 0


def _ordinary_user() -> dict[str, Any]:
    """Arguments of subprocess: PostgreSQL refuses to run as root, so root hands over to nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class TempPostgres:
    """One server in a temporary folder, reached by its socket; `stop()` leaves nothing behind."""

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        """`durable`: every commit is on the disk before it is answered, as in service."""
        self._settings = FAST_AND_FORGETFUL | DURABLE if durable else FAST_AND_FORGETFUL
        # short, because a socket's path may have 107 bytes only
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._as_user = _ordinary_user()
        if self._as_user:
            os.chown(self.folder, self._as_user["user"], self._as_user["group"])
        self._environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
        try:
            self._initialise(binaries)
            self._process = self._start(binaries)
            self._wait_until_it_answers()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _initialise(self, binaries: Path) -> None:
        subprocess.run(
            [
                *(str(binaries / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres"),
                *("-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            env=self._environment,
            **self._as_user,
        )

    def _start(self, binaries: Path) -> subprocess.Popen[bytes]:
        folder = str(self.folder)
        command = [str(binaries / "postgres"), "-D", f"{folder}/data", "-k", folder]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=self._environment,
                **self._as_user,
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                psycopg.connect(f"host={self.folder} user=postgres dbname=postgres").close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    self._process.kill()
                    raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}") from None
                time.sleep(0.02)
            else:
                return

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)  # a fast shutdown, as PostgreSQL names it
        self._process.wait(PATIENCE_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

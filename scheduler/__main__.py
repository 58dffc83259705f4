"""`python3 -m scheduler COMMAND` in a checkout: prepares .venv on first use, runs COMMAND in it.

Standard library only, because it runs before any package is there. `test` and `bench` need the
packages of requirements-dev.lock, every other command those of requirements.lock.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PROJECT_INPUTS = ("pyproject.toml", "package.json", "package-lock.json", "hatch_build.py")
OLDEST = (3, 11)
NO_VENV = (
    "This Python cannot make virtual environments. "
    "On Debian or Ubuntu: apt-get install python3-venv"
)


@dataclass(frozen=True)
class Step:
    """One part of .venv: done when its stamp holds the digest of everything it was made from."""

    name: str
    says: str
    inputs: tuple[str, ...]
    pip_arguments: tuple[str, ...]

    @property
    def stamp(self) -> Path:
        return VENV / f".scheduler-{self.name}"

    def digest(self) -> str:
        found = hashlib.sha256(sys.version.encode())
        for name in self.inputs:
            found.update((ROOT / name).read_bytes())
        return found.hexdigest()

    def done(self) -> bool:
        return self.stamp.exists() and self.stamp.read_text() == self.digest()


def _packages(name: str, says: str, lock: str) -> Step:
    return Step(name, says, (lock,), ("--require-hashes", "-r", str(ROOT / lock)))


RUNTIME = _packages("runtime", "packages to run", "requirements.lock")
DEVELOPMENT = _packages("development", "packages to test", "requirements-dev.lock")
PROJECT = Step(
    "project", "Chairtime and its browser libraries", PROJECT_INPUTS, ("--no-deps", "-e", str(ROOT))
)


def _needed(command: str) -> tuple[Step, ...]:
    return (DEVELOPMENT if command in ("test", "bench") else RUNTIME, PROJECT)


def _satisfied(step: Step) -> bool:
    """The development lock holds every runtime package, so it serves for both."""
    return step.done() or (step is RUNTIME and DEVELOPMENT.done())


def _say(text: str) -> None:
    """One line of progress; there is nothing else to see during the first minute."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _create_venv() -> None:
    """A fresh .venv for this very Python; a stale one is replaced.

    Debian ships Python without ensurepip: then virtualenv or uv serve if they are there.
    """
    _say("  making .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        _create_venv_otherwise()
    else:
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(VENV)


def _create_venv_otherwise() -> None:
    makers = (
        ("virtualenv", ["virtualenv", "-q", "-p", sys.executable, str(VENV)]),
        ("uv", ["uv", "venv", "-q", "--seed", "--python", sys.executable, str(VENV)]),
    )
    for program, command in makers:
        if shutil.which(program):
            subprocess.run(command, check=True)  # noqa: S603  a fixed command, no shell
            return
    sys.exit(NO_VENV)


def _venv_serves() -> bool:
    """False for a .venv that another Python made or that was left half made."""
    made_by = VENV / ".scheduler-python"
    return PYTHON.exists() and made_by.exists() and made_by.read_text() == sys.version


def _install(step: Step) -> None:
    """Ends the program with pip's own words if it fails; the next run goes on from there."""
    _say(f"  installing {step.says}")
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    run = subprocess.Popen(  # noqa: S603
        [*pip, *step.pip_arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = _followed(run.stdout or ())
    if run.wait():
        _say("".join(said))
        sys.exit(f"Installing {step.says} failed (see above). The same command goes on from here.")
    step.stamp.write_text(step.digest())


def _followed(lines: Iterable[str]) -> list[str]:
    """What pip says, while a terminal shows which package it is at."""
    said = []
    for line in lines:
        said.append(line)
        if line.startswith("Collecting ") and sys.stderr.isatty():
            package = line.split()[1].partition("==")[0]
            sys.stderr.write(f"\r    {package:<40}\r")
            sys.stderr.flush()
    if sys.stderr.isatty():
        sys.stderr.write(f"{'':<44}\r")
    return said


def _prepare(command: str) -> None:
    missing = [step for step in _needed(command) if not _satisfied(step)]
    if not missing and _venv_serves():
        return
    started = time.monotonic()
    _say("Setting up .venv (first use, or the requirements changed)")
    if not _venv_serves():
        _create_venv()
        (VENV / ".scheduler-python").write_text(sys.version)
        missing = list(_needed(command))
    for step in missing:
        _install(step)
    _say(f"  ready after {time.monotonic() - started:.0f} s")


def _test_arguments(given: list[str]) -> list[str]:
    """pytest's arguments; three workers unless the caller says how many, or wants to debug.

    Three keep two cores busy: while one waits for a browser or a database, another works.
    """
    chosen = any(word.startswith(("-n", "--numprocesses", "--pdb", "--dist")) for word in given)
    return given if chosen else ["-n", "3", "--dist", "loadfile", *given]


def _command_line(python: str, arguments: list[str]) -> list[str]:
    if arguments[0] == "test":
        return [python, "-m", "pytest", *_test_arguments(arguments[1:])]
    if arguments[0] == "bench":
        return [python, "-m", "tests.bench", *arguments[1:]]
    return [python, "-m", "scheduler.cli", *arguments]


def _become(command_line: list[str]) -> int:
    """Hand this process over, so that signals reach the command itself; Windows waits instead."""
    if os.name != "nt":
        os.execv(command_line[0], command_line)  # noqa: S606
    return subprocess.call(command_line)  # noqa: S603


def _installed_here() -> bool:
    """True where somebody installed Chairtime themselves (pipx, uv run, a container's pip)."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return False  # ours: it may need to catch up with the lock
    try:
        metadata.distribution("chairtime")
    except metadata.PackageNotFoundError:
        return False
    return True


def main() -> int:
    if sys.version_info < OLDEST:  # it must say so on an old Python, not fail oddly
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    arguments = sys.argv[1:] or ["--help"]
    if _installed_here():
        return _become(_command_line(sys.executable, arguments))
    _prepare(arguments[0])
    return _become(_command_line(str(PYTHON), arguments))


if __name__ == "__main__":
    sys.exit(main())

"""The two commands begin with nothing but Python: what they need, and what they hand on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scheduler import __main__ as bootstrap
from tests.source import ROOT


def test_the_first_command_needs_the_standard_library_only() -> None:
    without_packages = [sys.executable, "-S", "-c", "import scheduler.__main__"]
    subprocess.run(without_packages, cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("command", "lock"),
    [
        *(("demo", "requirements.lock"), ("serve", "requirements.lock")),
        *(("test", "requirements-dev.lock"), ("bench", "requirements-dev.lock")),
    ],
)
def test_only_tests_and_benchmarks_install_a_browser_driver(command: str, lock: str) -> None:
    packages, project = bootstrap._needed(command)
    assert packages.inputs == (lock,)
    assert "--require-hashes" in packages.pip_arguments
    assert "--no-deps" in project.pip_arguments


def test_a_step_is_done_until_something_that_it_was_made_from_changes(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    lock = bootstrap.ROOT / "requirements.lock"
    lock.write_text("one")
    step = bootstrap.Step("runtime", "packages", ("requirements.lock",), ())
    assert not step.done()
    step.stamp.write_text(step.digest())
    assert step.done()
    lock.write_text("two")
    assert not step.done()


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ([], ["-n", "3", "--dist", "loadfile"]),
        (["tests/unit"], ["-n", "3", "--dist", "loadfile", "tests/unit"]),
        (["-n", "8"], ["-n", "8"]),
        (["-n0", "-k", "chair"], ["-n0", "-k", "chair"]),
        (["--pdb"], ["--pdb"]),
    ],
)
def test_tests_run_on_two_workers_unless_told_otherwise(given: list[str], run: list[str]) -> None:
    command = bootstrap._command_line("python", ["test", *given])
    assert command == ["python", "-m", "pytest", *run]


def test_benchmarks_stand_beside_the_tests() -> None:
    command = bootstrap._command_line("python", ["bench", "propose"])
    assert command == ["python", "-m", "tests.bench", "propose"]


def test_every_other_command_goes_to_the_command_line() -> None:
    command = bootstrap._command_line("python", ["demo", "--port", "8000"])
    assert command == ["python", "-m", "scheduler.cli", "demo", "--port", "8000"]

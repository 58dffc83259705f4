"""Lint, types and import directions, so that one command judges everything."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.source import ROOT

LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run()"
CHECKS = {
    "ruff": ["-m", "ruff", "check", "--no-cache", "--output-format=concise", "."],
    "mypy": ["-m", "mypy", "--no-error-summary"],
    "import-linter": ["-c", LINT_IMPORTS, "--no-cache"],
}


@pytest.mark.parametrize("tool", CHECKS)
def test_the_code_is_clean_by(tool: str) -> None:
    run = subprocess.run(
        [sys.executable, *CHECKS[tool]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"\n{run.stdout}{run.stderr}"

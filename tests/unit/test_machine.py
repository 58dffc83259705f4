"""A machine that lacks a browser or a database hides nothing: CI fails, a person's own run says
why."""

from __future__ import annotations

import pytest

from tests.machine import lacking


def test_in_ci_what_is_missing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Chromium is missing: apt-get install"):
        lacking("Chromium", "apt-get install chromium")


def test_on_somebodys_own_machine_it_is_a_skip_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="PostgreSQL is missing: apt-get install"):
        lacking("PostgreSQL", "apt-get install postgresql")

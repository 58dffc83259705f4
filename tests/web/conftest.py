"""Web tests: what a page says does not depend on the engine, so SQLite alone serves."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def engine_name() -> str:
    return "sqlite"

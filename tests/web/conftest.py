"""Web tests: what a page says does not depend on the engine, so SQLite alone serves."""

from __future__ import annotations

from typing import Protocol

import pytest
from flask import Flask

from tests.desk import Desk, add_staff


class HasOrganisation(Protocol):
    """Whatever a module's `clinic` fixture makes."""

    @property
    def organisation_id(self) -> int: ...


@pytest.fixture(scope="session")
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def desk(app: Flask, clinic: HasOrganisation) -> Desk:
    """Somebody of the front desk, signed in; the module says which `clinic`."""
    with app.app_context():
        email = add_staff(clinic.organisation_id, "desk")
    return Desk(app, email)

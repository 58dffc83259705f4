"""The ground floor for tests: a database bound to a Flask app without the web, and migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import flask_migrate
from flask import Flask

from config import Settings
from scheduler import models  # noqa: F401  the tables
from scheduler.extensions import db, migrate
from scheduler.models import sealed
from scheduler.places import MIGRATIONS
from scheduler.transaction import guard_session
from tests.databases import Databases


def ground_floor(settings: Settings) -> Flask:
    """What services stand on, and nothing above it."""
    app = Flask("scheduler")
    app.config.update(settings.flask())
    sealed.use_secret(settings.secret_key)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        guard_session()
    return app


@contextmanager
def released(app: Flask) -> Iterator[Flask]:
    """Close every connection at the end, so that the database can be copied or dropped."""
    yield app
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest migration."""
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        flask_migrate.upgrade()


def migrated(engine_name: str, databases: Databases, known: dict[str, str]) -> str:
    """The template of this engine; made on the first call and remembered in `known`."""
    if engine_name not in known:
        url = databases.empty()
        upgrade(url)
        known[engine_name] = url
    return known[engine_name]

"""Makes the Flask app: settings in, libraries bound, blueprints registered."""

from __future__ import annotations

import logging
import os
from importlib import import_module

from flask import Flask
from flask_security import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from scheduler import engine_sqlite, models  # noqa: F401  pragmas and tables
from scheduler.extensions import babel, bootstrap, csrf, db, limiter, migrate
from scheduler.models import sealed
from scheduler.places import MIGRATIONS, TEMPLATES
from scheduler.transaction import guard_session
from scheduler.web import auth, errors, filters, menu, security

BLUEPRINTS = (
    "health", "today", "visits", "series", "holds", "patients", "clearances", "protocols", "setup",
    "feeds", "feed_links",
    "plan_prices", "preparation", "texts", "paper", "attendance", "recalls", "displaced",
    "series_migration", "site_ladders",
    "messages", "mailbox", "phone", "phone_hooks", "tasks", "utilisation",
    "patient_links", "visit_answers", "link_ends",
)  # fmt: skip
"""One module of scheduler.web each; its `bp` is the blueprint, or `bps` lists several."""


def create_app(settings: Settings | None = None) -> Flask:
    """Raises BadSettings if the environment does not make a safe configuration."""
    settings = settings or Settings.from_environ(os.environ)
    app = Flask("scheduler", template_folder=str(TEMPLATES))
    app.config.update(settings.flask())
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("scheduler").setLevel(settings.log_level)
    sealed.use_secret(settings.secret_key)
    _bind(app)
    _register(app)
    auth.init(app)
    if settings.mode == "production":
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    return app


def _bind(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    csrf.init_app(app)
    bootstrap.init_app(app)
    babel.init_app(app)
    limiter.init_app(app)
    with app.app_context():
        guard_session()
    security.init(app)
    errors.init(app)
    filters.init(app)
    menu.init(app)


def _register(app: Flask) -> None:
    for name in BLUEPRINTS:
        module = import_module(f"scheduler.web.{name}")
        for bp in getattr(module, "bps", None) or (module.bp,):
            app.register_blueprint(bp)
    app.jinja_env.globals["current_user"] = current_user

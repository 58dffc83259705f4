"""Deny by default: every view says which right it needs, or the app does not start (trust I21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_security import current_user
from werkzeug.wrappers import Response

from scheduler.errors import NotAllowed
from scheduler.services.actor import Actor
from scheduler.services.rights import rights_of
from scheduler.web.security import to_sign_in

View = TypeVar("View", bound=Callable[..., Any])
OPEN_BLUEPRINTS = {"security", "bootstrap", "patient_page", "unsubscribe", "driver_page", "feeds"}
OPEN_ENDPOINTS = {"static", "health.healthz", "phone_hooks.phone"}


class ViewWithoutRight(RuntimeError):
    """A view was registered that does not say who may open it."""


def permits(right: str) -> Callable[[View], View]:
    """Only an actor with this right may open the view. "signed_in" asks for no more than that."""

    def mark(view: View) -> View:
        view.needs_right = right  # type: ignore[attr-defined]
        return view

    return mark


def current_actor() -> Actor:
    """The signed-in person, once per request."""
    if "actor" not in g:
        g.actor = Actor(
            organisation_id=current_user.organisation_id,
            user_id=current_user.id,
            name=current_user.name,
            rights=rights_of([role.name for role in current_user.roles]),
        )
    actor: Actor = g.actor
    return actor


def may(right: str) -> bool:
    """For templates: what a role may not open is not shown."""
    return bool(current_user.is_authenticated) and current_actor().may(right)


def needed_right(app: Flask, endpoint: str) -> str | None:
    """The right of an endpoint; None where it is open to everybody."""
    if endpoint in OPEN_ENDPOINTS or endpoint.split(".")[0] in OPEN_BLUEPRINTS:
        return None
    right: str | None = getattr(app.view_functions[endpoint], "needs_right", None)
    if right is None:
        raise ViewWithoutRight(endpoint)
    return right


def init(app: Flask) -> None:
    """Check every view once, then every request."""
    for endpoint in app.view_functions:
        needed_right(app, endpoint)
    app.before_request(_check)
    app.jinja_env.globals["may"] = may


def _check() -> Response | None:
    if request.endpoint is None:
        return None
    right = needed_right(current_app, request.endpoint)
    if right is None:
        return None
    if not current_user.is_authenticated:
        return to_sign_in()
    if right != "signed_in" and not current_actor().may(right):
        raise NotAllowed
    return None

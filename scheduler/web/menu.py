"""The menu of every page: what exists, what this role may open, and where one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, url_for
from flask_security import current_user

from scheduler.clock import utcnow
from scheduler.services import sites
from scheduler.web.auth import current_actor, may, needed_right


@dataclass(frozen=True)
class Entry:
    """`places` are the blueprints whose pages belong to it; `more` leaves the bar first."""

    text: str
    endpoint: str
    places: tuple[str, ...]
    more: bool = False

    @property
    def url(self) -> str:
        return url_for(self.endpoint)

    @property
    def is_here(self) -> bool:
        return (request.blueprint or "") in self.places


SETUP_PLACES = (
    "setup", "sites", "chairs", "opening", "cover", "closures", "staffing", "equipment",
    "site_limits", "duty", "plan_prices", "displaced", "series_migration", "site_preparation",
    "texts", "site_ladders", "protocols", "protocol_versions",
)  # fmt: skip
ENTRIES = (
    Entry("Today", "today.index", ("today", "visits")),
    Entry("Patients", "patients.index", ("patients", "series", "preparation")),
    Entry("Messages", "messages.index", ("messages",), more=True),
    Entry("Tasks", "tasks.index", ("tasks", "recalls")),
    Entry("Utilisation", "utilisation.index", ("utilisation",)),
    Entry("Setup", "setup.index", SETUP_PLACES),
    Entry("Mailbox", "mailbox.index", ("mailbox",), more=True),
    Entry("Phones", "phone.index", ("phone",), more=True),
)


def entries() -> list[Entry]:
    """Those that this app has (the mailbox is the demo's) and that this person may open."""
    return [one for one in ENTRIES if one.endpoint in current_app.view_functions and _open(one)]


def _open(entry: Entry) -> bool:
    if entry.endpoint in ("mailbox.index", "phone.index") and current_app.config["MODE"] != "demo":
        return False
    right = needed_right(current_app, entry.endpoint)
    return right in (None, "signed_in") or may(str(right))


def clock_zone() -> ZoneInfo | None:
    """What the clock in the corner shows: the first site's zone, or None before there is a site."""
    site = sites.first(current_actor())
    return site.zone if site else None


def init(app: Flask) -> None:
    """Every template gets `menu`, `clock_zone` and `now`; an empty menu before sign-in."""

    @app.context_processor
    def _menu() -> dict[str, Any]:
        now: datetime = utcnow()
        if not current_user.is_authenticated:
            return {"menu": [], "clock_zone": None, "now": now}
        return {"menu": entries(), "clock_zone": clock_zone(), "now": now}

"""/healthz: can this process serve, is a worker alive, does mail leave? It names nobody."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from scheduler.clock import utcnow
from scheduler.services import health

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> tuple[dict[str, Any], int]:
    """503 only where this process cannot serve; a silent worker or paused mail is "attention"."""
    now, found = utcnow(), health.check()
    if not found.database:
        return {"status": "down", "database": False}, 503
    age = None if found.seen_at is None else round((now - found.seen_at).total_seconds())
    answer = {
        "status": "ok" if found.all_well(now) else "attention",
        "database": True,
        "worker": found.worker_alive(now),
        "worker_seen_seconds_ago": age,
        "mail_paused": found.mail_paused(now),
    }
    return answer, 200

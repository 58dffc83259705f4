"""/healthz: can this process serve, is a worker alive, does mail leave? It names nobody."""

from __future__ import annotations

from datetime import datetime
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
    answer = {
        "status": "ok" if found.all_well(now) else "attention",
        "database": True,
        "worker": found.worker_alive(now),
        "workers": found.workers(now),
        "worker_seen_seconds_ago": _seconds_ago(found.seen_at, now),
        "mail_paused": found.mail_paused(now),
        "phone_paused": found.phone_paused(now),
        "replies": "trouble" if found.replies_trouble else "ok",
        "last_delivery_seconds_ago": _seconds_ago(found.sent_at, now),
        "oldest_due_seconds": round(found.oldest_due(now).total_seconds()),
    }
    return answer, 200


def _seconds_ago(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else round((now - at).total_seconds())

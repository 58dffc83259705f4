"""The configuration's word on messages, for services that queue them."""

from __future__ import annotations

from flask import current_app

from config import Settings
from scheduler.services.policy import Policy


def current_policy() -> Policy:
    settings: Settings = current_app.config["CHAIRTIME"]
    return Policy(undo_seconds=settings.undo_seconds, reply_plus=settings.reply_plus)

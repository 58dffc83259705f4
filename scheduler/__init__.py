"""Chairtime: books a whole series of visits at once and sends the invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The web application; imported on first use: `python3 -m scheduler` begins with no package."""
    from scheduler.web.app import create_app as build

    return build(settings)

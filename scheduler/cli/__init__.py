"""The command line: demo, serve, worker, db, user, doctor."""

from __future__ import annotations

from scheduler.cli.main import main

__all__ = ["main"]

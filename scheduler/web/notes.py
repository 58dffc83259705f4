"""What a page says after something was done: one bold sentence, a rest, at most one way on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from flask import flash

Kind = Literal["ok", "warn", "bad", "info"]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One thing to do next: a link, or a button that posts."""

    text: str
    url: str
    post: bool = False


def note(kind: Kind, lead: str, rest: str = "", *, way: Way | None = None) -> None:
    """Show on the next page. An `ok` without a way on goes by itself after 8 seconds."""
    flash({"lead": lead, "rest": rest, "way": asdict(way) if way else None}, kind)  # type: ignore[arg-type]

"""Calendar months: the one place that counts them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def months_later(on: date, months: int) -> date:
    """The same day of a later month, or that month's last day (31 Jan + 1 month is 28 or 29
    Feb)."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))

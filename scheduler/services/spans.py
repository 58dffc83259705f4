"""Spans that a person gives to a closure, an absence, an extra shift or an outage."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from scheduler.errors import Invalid
from scheduler.models import Site
from scheduler.planning.opening import local
from scheduler.services import daybooks

LONGEST = timedelta(days=366)


def refuse_odd(starts_at: datetime, ends_at: datetime, instead: str) -> None:
    """Raises Invalid for one that ends too early, or is longer than a year: then `instead`."""
    if ends_at <= starts_at:
        raise Invalid("It must end after it starts.", field="last_on")
    if ends_at - starts_at > LONGEST:
        raise Invalid(f"Longer than a year: {instead}", field="last_on")


def dates(site: Site, starts_at: datetime, ends_at: datetime) -> list[date]:
    """Every local date that the span touches."""
    last = local(site.zone, ends_at - timedelta(microseconds=1)).date()
    return daybooks.dates(local(site.zone, starts_at).date(), last)

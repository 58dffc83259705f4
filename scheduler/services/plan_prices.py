"""How plans are chosen at a site: a preset, or prices of its own (planner)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Site
from scheduler.planning.request import FILL_EARLY, PATIENT_COMFORT, Weights
from scheduler.services import audit, scope
from scheduler.services.actor import Actor
from scheduler.transaction import retried, transaction

OWN = "own"
PRESETS = {"fill_early": FILL_EARLY, "patient_comfort": PATIENT_COMFORT}
PRICES = tuple(field.name for field in fields(Weights))
MOST = 1_000
"""No price is higher: beyond it one rule would drown all others."""


@dataclass(frozen=True, kw_only=True)
class PriceChoice:
    """`preset` is one of PRESETS or OWN; `prices` (name -> whole number) count for OWN alone."""

    preset: str
    prices: Mapping[str, int]


def weights_of(site: Site) -> Weights:
    """The prices that plans of this site are compared by."""
    if site.preset == OWN:
        return Weights(**{name: int(price) for name, price in (site.weights or {}).items()})
    return PRESETS.get(site.preset, FILL_EARLY)


@retried
def change(site_id: int, choice: PriceChoice, actor: Actor, *, version: int, now: datetime) -> None:
    """Plans are compared by it from now on; what is booked stays.

    Raises Stale if the site was changed since `version` (trust I6), Invalid, NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    weights = _checked(choice)
    with transaction():
        site = scope.find(Site, site_id, actor)
        db.session.refresh(site, with_for_update=True)
        if site.version != version:
            raise Stale
        site.preset = choice.preset
        site.weights = asdict(weights) if choice.preset == OWN else None
        site.version += 1
        audit.note(actor, "change_plan_prices", f"site:{site.id}", now=now)


def _checked(choice: PriceChoice) -> Weights:
    if choice.preset in PRESETS:
        return PRESETS[choice.preset]
    if choice.preset != OWN:
        raise Invalid("Choose one of the list.", field="preset")
    for name in PRICES:
        price = choice.prices.get(name)
        if price is None:
            raise Invalid("Say a price; 0 means that it does not count.", field=name)
        if not 0 <= price <= MOST:
            raise Invalid(f"From 0 to {MOST:,}.", field=name)
    if not any(choice.prices[name] for name in PRICES):
        raise Invalid(
            "All prices are 0: then every plan is as good as any other. Give at least one a price.",
            field="preset",
        )
    return Weights(**{name: choice.prices[name] for name in PRICES})

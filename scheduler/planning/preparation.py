"""What a patient does before and after a visit: rules in minutes -> clock times (domain G)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PrepSet:
    """Preparation of a visit; every limit counts elapsed minutes back from the chair start. 0 means none."""

    fasting_solids_minutes: int = 0
    limit_fluids_minutes: int = 0
    driver: str = "none"  # none | recommended | required
    no_driving_until: str | None = None  # None | "next_day_after_sleep"
    alcohol_before_minutes: int = 0
    alcohol_after_minutes: int = 0
    clothing: str | None = None  # None | "comfortable_arm_access"
    medicines: str | None = None  # None | "provider_reviewed_list": the text comes from the order only
    arrive_early_minutes: int = 0
    nasal_products_gap_minutes: int = 0
    hydrate: bool = False
    infection_check: bool = False

"""Plain data -> the preparation set of a template (domain E)."""

from __future__ import annotations

from scheduler.planning.preparation import PrepSet
from scheduler.planning.reading.notes import read_notes
from scheduler.planning.reading.plain import Reader
from scheduler.planning.visit_profile import Notes
from scheduler.planning.writing.protocol import DRIVER_WORDS, HOURS

MOST_HOURS = {
    "fasting_solids": 48,
    "limit_fluids": 24,
    "alcohol_before": 168,
    "alcohol_after": 168,
    "nasal_products_gap": 24,
}
NO_DRIVING = ("next_day_after_sleep",)
CLOTHING = ("comfortable_arm_access",)
MEDICINES = ("provider_reviewed_list",)


def read_prep(reader: Reader) -> tuple[PrepSet, Notes]:
    minutes = {field: _elapsed(reader, name) for field, name in HOURS.items()}
    prep = PrepSet(
        **minutes,
        driver=_driver(reader),
        no_driving_until=reader.one_of("no_driving_until", ("", *NO_DRIVING), default="") or None,
        clothing=reader.one_of("clothing", ("", *CLOTHING), default="") or None,
        medicines=reader.one_of("medicines", ("", *MEDICINES), default="") or None,
        arrive_early_minutes=reader.optional_integer("arrive_early_min", low=0, high=240, default=0)
        or 0,
        hydrate=reader.flag("hydrate"),
        infection_check=reader.flag("infection_check"),
    )
    src = read_notes(reader, "src")
    reader.finish()
    return prep, src


def _elapsed(reader: Reader, name: str) -> int:
    """Minutes, from hours in quarters ("fasting_solids_h: 4") or from minutes ("..._min: 20"); 0 if
    neither."""
    hours, minutes = f"{name}_h", f"{name}_min"
    most = MOST_HOURS[name]
    if reader.has(minutes):
        if reader.raw(hours) is not None:
            reader.note("Give hours or minutes, not both.", hours)
        return reader.integer(minutes, low=0, high=most * 60)
    reader.raw(minutes)
    value = reader.raw(hours)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        reader.note(f"Use hours from 0 to {most}.", hours)
        return 0
    if value * 4 != int(value * 4):
        reader.note("Use quarters of an hour, such as 0.5, or give minutes.", hours)
    return int(value * 60)


def _driver(reader: Reader) -> str:
    value = reader.raw("driver_required")
    for word, plain in DRIVER_WORDS.items():
        if value is plain or (isinstance(value, str) and value == plain):
            return word
    if value is not None:
        reader.note("Use true, false or recommended.", "driver_required")
    return "none"

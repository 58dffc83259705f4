"""The words, shapes and colours of states: one table for every page (screens section 3)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How a state is shown: never by colour alone.

    `shape` is a symbol of _icons.html, `tone` a suffix of .ct-state-, `block` one of .v- (board).
    """

    word: str
    shape: str
    tone: str
    block: str


VISIT_STATES: dict[str, Look] = {
    "proposed": Look("Proposed", "s-held", "plain", "held"),
    "held": Look("Held", "s-held", "plain", "held"),
    "booked": Look("Booked", "s-booked", "plain", "booked"),
    "confirmed": Look("Confirmed", "s-confirmed", "confirmed", "confirmed"),
    "arrived": Look("Arrived", "s-arrived", "here", "here"),
    "roomed": Look("In chair", "s-roomed", "here", "here"),
    "infusing": Look("Infusing", "s-infusing", "here", "here"),
    "recovering": Look("Recovering", "s-recovering", "here", "here"),
    "discharged": Look("Discharged", "s-done", "done", "done"),
    "stopped_early": Look("Stopped early", "s-done", "risk", "done"),
    "not_treated": Look("Not treated", "s-gone", "risk", "gone"),
    "no_show": Look("No-show", "s-gone", "bad", "gone"),
    "cancelled": Look("Cancelled", "s-gone", "done", "gone"),
    "displaced": Look("Displaced", "s-stop", "bad", "gone"),
    "entered_in_error": Look("Entered in error", "s-gone", "done", "gone"),
    "released": Look("Released", "s-gone", "done", "gone"),
}
"""Domain F's names, every one of them; a test compares them with the enum."""

FLAGS: dict[str, Look] = {
    "risk": Look("At risk", "s-risk", "risk", "risk"),
    "late": Look("Late", "s-late", "risk", "risk"),
    "moved": Look("Moved", "s-moved", "done", "gone"),
}

PARTS: dict[str, str] = {
    "checkin": "Check-in",
    "prep": "Prep",
    "premed": "Premedication",
    "infusion": "Infusion",
    "recovery": "Recovery",
    "discharge": "Discharge",
    "turnaround": "Turnaround",
}

READY: dict[str, tuple[str, str]] = {
    "ready": ("r-ok", "ok"),
    "open": ("r-wait", "warn"),
    "missing": ("r-stop", "bad"),
}

PRIORITIES: dict[str, tuple[str, str, str]] = {
    "urgent": ("p-high", "bad", "urgent"),
    "today": ("p-normal", "accent", "today"),
    "later": ("p-low", "muted", "later"),
}


def look(state: object) -> Look:
    """The look of a visit's state, given as the enum or its value; flags are known too.

    Raises KeyError for a state that has no look: a new state must be drawn before it is shown.
    """
    name = str(getattr(state, "value", state))
    return VISIT_STATES.get(name) or FLAGS[name]

"""What each price of the plans means, and what a set of prices comes to, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.planning.explain import count_words
from scheduler.planning.request import Weights
from scheduler.services.plan_prices import OWN, PRESETS

VISITS = 6
"""Examples speak of a series of six visits."""
STEP_MINUTES = 10
WAITING = {
    "early": ("First day", "for each day from the day asked for to the first visit"),
    "day": ("Each visit", "for each day from the day asked for to a visit, for every visit"),
}
WISHES = {
    "time": ("Time of day", "for each full 10 minutes between a start and the wished one"),
    "chair": ("Chair", "for a visit on another chair than the wished one"),
    "set": ("Weekdays", "for each place down the template's list of weekday sets"),
    "gap": ("Gaps", "for each day that a gap differs from the template's best one"),
}
ROOM = {
    "frag": ("Holes", "for each hole beside a visit that is too short for any other visit"),
    "tight": ("Lost time", "for each 20 minutes beside a visit that no other visits can fill"),
    "stagger": ("Same quarter hour", "for each other visit that starts in the same quarter hour"),
    "prime": (
        "Busy hours",
        "for a visit of 2 hours of chair or more that holds it between 10:00 am and 2:00 pm",
    ),
    "slack": ("Late end", "for a visit that ends less than 30 minutes before closing"),
}
GROUPS = (
    ("Waiting", WAITING),
    ("What the patient likes", WISHES),
    ("Room for others", ROOM),
)
"""Every price once: (label, what it is paid for)."""
ABOUT = {
    "fill_early": (
        "Fill early",
        "Starts as soon as possible; wishes decide between plans that start alike. Right where"
        " people must not wait.",
    ),
    "patient_comfort": (
        "Patient comfort",
        "Keeps near the wished time, chair and rhythm, and leaves no chair time that nobody can"
        " use. A plan may start a day or two later where that brings the visits near the wish.",
    ),
    OWN: ("Own prices", "You say what each thing costs."),
}


@dataclass(frozen=True, kw_only=True)
class ChoiceWords:
    """One choice of the page; `example` says what its prices come to."""

    key: str
    title: str
    about: str
    example: str


def choices(own: Weights) -> list[ChoiceWords]:
    """The presets, then the site's own prices."""
    sets = {**PRESETS, OWN: own}
    return [
        ChoiceWords(key=key, title=title, about=about, example=example(sets[key]))
        for key, (title, about) in ABOUT.items()
    ]


def example(weights: Weights) -> str:
    """What a day of waiting is worth: "A day later costs 140, as much as ..."."""
    later = weights.early + VISITS * weights.day
    if not later:
        return "Waiting costs nothing: a plan may start weeks later for a slightly better time."
    said = f"Starting six visits one day later costs {later}"
    if not weights.time:
        return f"{said}; the time of day costs nothing."
    minutes = later * STEP_MINUTES // (weights.time * VISITS)
    return f"{said}, as much as every visit {_time_words(minutes)} off the wished time."


def sums(weights: Weights) -> str:
    """How two plans are compared, with the price of a day of waiting."""
    return (
        f"Each day of waiting costs {weights.day} for every visit. Two plans are compared by adding"
        " up all prices; the cheaper one is offered first."
    )


def _time_words(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return count_words(rest, "minute")
    return f"{hours} h {rest:02}"

"""A series template: its phases, visits, preparation and reminders (domain E).

A document of a protocol version (`planning.reading.protocol.from_plain`,
`services.protocol_files.load`) becomes one `Protocol`; everything that books asks it here. It
stores no doses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.errors import Invalid, NotFound
from scheduler.planning.phase import Phase
from scheduler.planning.preparation import PrepSet
from scheduler.planning.rung import ReminderRule
from scheduler.planning.visit import PART_NAMES, Part, VisitShape
from scheduler.planning.visit_profile import (
    Duty,
    Notes,
    PartNeeds,
    ProfileRule,
    VisitFacts,
    VisitProfile,
)

NO_PREPARATION = PrepSet()
PART_LABELS = {
    "checkin": "Check-in",
    "prep": "Prep",
    "premed": "Premedication",
    "infusion": "Infusion",
    "recovery": "Recovery",
    "discharge": "Discharge",
    "turnaround": "Turnaround",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where figures of the template come from; `key` is what notes cite."""

    key: str
    kind: str
    ref: str


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A series template. `id` is its short name; `public_title` is what patients may read and stays
    discreet."""

    id: str
    title: str
    public_title: str = "Appointment"
    sedating: bool
    requires: tuple[str, ...] = ()
    prep: PrepSet = NO_PREPARATION
    reminders: tuple[ReminderRule, ...] = ()
    needs: tuple[PartNeeds, ...]  # what each part holds; planning.visit_profile.usual_needs
    profiles: tuple[VisitProfile, ...]
    profile_rules: tuple[ProfileRule, ...] = ()
    tasks: tuple[Duty, ...] = ()
    phases: tuple[Phase, ...]
    prep_src: Notes = ()
    tasks_src: Notes = ()
    sources: tuple[Source, ...] = ()

    @property
    def first_phase(self) -> Phase:
        return self.phases[0]

    def phase(self, phase_id: str) -> Phase:
        """Raises NotFound."""
        for phase in self.phases:
            if phase.id == phase_id:
                return phase
        raise NotFound(f"This template has no phase {phase_id!r}.")

    def phases_from(self, phase_id: str) -> tuple[Phase, ...]:
        """The phase and those that follow it by `next`, in that order."""
        found = [self.phase(phase_id)]
        while (following := found[-1].next) and len(found) <= len(self.phases):
            found.append(self.phase(following))
        return tuple(found)

    def profile(self, name: str) -> VisitProfile:
        """Raises NotFound."""
        for profile in self.profiles:
            if profile.name == name:
                return profile
        raise NotFound(f"This template has no visit profile {name!r}.")

    def part_needs(self, part: str) -> PartNeeds:
        for found in self.needs:
            if found.name == part:
                return found
        return PartNeeds(name=part, chair=part != "checkin")

    def profile_for(self, facts: VisitFacts) -> VisitProfile:
        """The phase's own profile if it names one, else the first rule that holds, else the first
        profile."""
        own = self.phase(facts.phase_id).profile
        if own is not None:
            return self.profile(own)
        for rule in self.profile_rules:
            if rule.when is None or rule.when.holds(facts):
                return self.profile(rule.use)
        return self.profiles[0]

    def shape_for(self, facts: VisitFacts, minutes: Mapping[str, int] | None = None) -> VisitShape:
        """The visit's parts with what they hold; `minutes` sets parts within the profile's range
        (domain C, E).

        Raises Invalid, its field the part's name, for minutes outside range or floor (domain H14).
        """
        profile = self.profile_for(facts)
        own = dict(minutes or {})
        for part, wanted in own.items():
            check_minutes(profile, part, wanted)
        return self.shape_of(profile, own)

    def shape_of(
        self, profile: VisitProfile, minutes: Mapping[str, int] | None = None
    ) -> VisitShape:
        """A profile's shape with its standard minutes, or those given; parts of 0 minutes are left
        out.

        Raises Invalid, its field the part's name, for minutes under a floor (domain H14).
        """
        parts = []
        for name in PART_NAMES:
            length = (minutes or {}).get(name, profile.minutes(name))
            _check_floor(profile, name, length)
            if length > 0:
                parts.append(_part(self.part_needs(name), length))
        return VisitShape(
            parts=tuple(parts),
            arrive_early_minutes=self.prep.arrive_early_minutes,
            sedating=self.sedating,
            profile=profile.name,
        )


def _part(needs: PartNeeds, minutes: int) -> Part:
    return Part(
        name=needs.name,
        minutes=minutes,
        chair=needs.chair,
        nurse=needs.nurse,
        pump=needs.pump,
        monitor=needs.monitor,
        provider=needs.provider_on_site,
        bay=needs.bay,
    )


def check_minutes(profile: VisitProfile, part: str, wanted: int) -> None:
    """Raises Invalid with the part as its field."""
    if part not in PART_NAMES:
        raise Invalid("A visit has no such part.", field=part)
    _check_floor(profile, part, wanted)
    label, low, high = PART_LABELS[part], *profile.limits(part)
    if low == high != wanted:
        raise Invalid(
            f"{label} is {high} minutes in this template and cannot be changed.", field=part
        )
    if not low <= wanted <= high:
        raise Invalid(f"{label} can be {low} to {high} minutes in this template.", field=part)


def _check_floor(profile: VisitProfile, part: str, minutes: int) -> None:
    """Raises Invalid with the part as its field: floors come from a label (domain H14)."""
    floor = dict(profile.floors).get(part, 0)
    if minutes < floor:
        sentence = f"{PART_LABELS[part]} takes at least {floor} minutes. Nobody can shorten it."
        raise Invalid(sentence, field=part)

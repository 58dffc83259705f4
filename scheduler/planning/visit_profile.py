"""What a visit is made of, what each part holds, and which profile applies when."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from scheduler.planning.visit import PART_NAMES

SUBJECTS = ("session_no", "session_no_in_phase", "days_since_last", "phase", "flag")
"""What a condition may ask: number in series and phase, days since the visit before, phase, flag.
"""
TEXT_SUBJECTS = frozenset({"phase", "flag"})
OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "lt": lambda have, want: have < want,
    "lte": lambda have, want: have <= want,
    "gt": lambda have, want: have > want,
    "gte": lambda have, want: have >= want,
    "eq": lambda have, want: have == want,
}
BAY_PARTS = ("recovery", "discharge")
"""Parts that a template may send to a recovery bay: nothing is infused there any more."""
USUAL_NAMES = {"first": "First visit", "std": "Standard visit"}
Notes = tuple[tuple[str, tuple[str, ...]], ...]
"""Where figures come from: (field, (source keys or words, ...)), in file order."""


@dataclass(frozen=True, kw_only=True)
class PartNeeds:
    """What one part of a visit holds. `nurse` as in planning.visit.Part: (minutes, hundredths of a
    nurse) in order; the last share lasts to the part's end (domain H8, C7). With `bay` this part
    and what follows may be spent in a recovery bay (domain C)."""

    name: str
    chair: bool = True
    nurse: tuple[tuple[int, int], ...] = ()
    pump: int = 0
    monitor: int = 0
    provider_on_site: bool = False
    bay: bool = False


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A task that belongs to a visit: when (a part, or words such as "+7d") and what."""

    at: str
    do: str


@dataclass(frozen=True, kw_only=True)
class VisitProfile:
    """Minutes of each part; `ranges` says how far a series or a visit may change them, `floors`
    what nobody goes under (domain C3, H14)."""

    name: str
    title: str | None = None
    parts: tuple[tuple[str, int], ...]  # in the order of planning.visit.PART_NAMES
    ranges: tuple[tuple[str, int, int], ...] = ()
    floors: tuple[tuple[str, int], ...] = ()
    tasks: tuple[Duty, ...] = ()
    needs: str | None = None  # role
    src: Notes = ()

    @property
    def label(self) -> str:
        return self.title or USUAL_NAMES.get(self.name) or spoken(self.name)

    def minutes(self, part: str) -> int:
        return dict(self.parts).get(part, 0)

    def limits(self, part: str) -> tuple[int, int]:
        """Least and most minutes that a series or visit may ask for; both the standard where
        nothing may change."""
        standard, floor = self.minutes(part), dict(self.floors).get(part, 0)
        for name, low, high in self.ranges:
            if name == part:
                return max(low, floor), high
        return standard, standard

    @property
    def stay_minutes(self) -> int:
        """Arrival to leaving."""
        return sum(minutes for name, minutes in self.parts if name != "turnaround")

    @property
    def chair_minutes(self) -> int:
        return sum(minutes for name, minutes in self.parts if name != "checkin")


@dataclass(frozen=True, kw_only=True)
class VisitFacts:
    """What a condition is asked about one visit. `days_since_last` is None for the first visit
    there is."""

    number: int
    number_in_phase: int
    phase_id: str
    days_since_last: int | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question: every (operator, value) must hold for the subject."""

    subject: str
    tests: tuple[tuple[str, int | str], ...]

    def holds(self, facts: VisitFacts) -> bool:
        return all(self._one(operator, value, facts) for operator, value in self.tests)

    def _one(self, operator: str, value: int | str, facts: VisitFacts) -> bool:
        if isinstance(value, str):
            return value == facts.phase_id if self.subject == "phase" else value in facts.flags
        have = {
            "session_no": facts.number,
            "session_no_in_phase": facts.number_in_phase,
            "days_since_last": facts.days_since_last,
        }[self.subject]
        return have is not None and OPERATORS[operator](have, value)


@dataclass(frozen=True, kw_only=True)
class Combined:
    """Several conditions; `every` True means all of them, False means at least one."""

    every: bool
    conditions: tuple[Condition, ...]

    def holds(self, facts: VisitFacts) -> bool:
        answers = (condition.holds(facts) for condition in self.conditions)
        return all(answers) if self.every else any(answers)


Condition = Ask | Combined


@dataclass(frozen=True, kw_only=True)
class ProfileRule:
    """Use this profile when the condition holds; None is the last rule, "else"."""

    use: str
    when: Condition | None = None


def spoken(name: str) -> str:
    """A short name as a heading: weeks_1_4 -> Weeks 1 to 4."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    words = re.sub(r"(\d) (\d)", r"\1 to \2", words)
    return words[:1].upper() + words[1:]


def _needs(*parts: PartNeeds) -> tuple[PartNeeds, ...]:
    order = {name: place for place, name in enumerate(PART_NAMES)}
    return tuple(sorted(parts, key=lambda part: order[part.name]))


def _share(hundredths: int) -> tuple[tuple[int, int], ...]:
    return ((0, hundredths),)


SEDATING = _needs(
    PartNeeds(name="checkin", chair=False),
    PartNeeds(name="prep", nurse=_share(100)),
    PartNeeds(name="premed", nurse=_share(33)),
    PartNeeds(name="infusion", nurse=_share(50), pump=1, monitor=1, provider_on_site=True),
    PartNeeds(name="recovery", nurse=_share(33), monitor=1, provider_on_site=True, bay=True),
    PartNeeds(name="discharge", nurse=_share(100)),
    PartNeeds(name="turnaround"),
)
NON_SEDATING = _needs(
    PartNeeds(name="checkin", chair=False),
    PartNeeds(name="prep", nurse=_share(100)),
    PartNeeds(name="premed", nurse=_share(33)),
    PartNeeds(name="infusion", nurse=_share(33), pump=1),
    PartNeeds(name="recovery", nurse=_share(20)),
    PartNeeds(name="discharge", nurse=_share(50)),
    PartNeeds(name="turnaround"),
)


def usual_needs(sedating: bool) -> tuple[PartNeeds, ...]:
    """The usual shares of a class (domain C; `resource_classes` of the built-in library), for a new
    template."""
    return SEDATING if sedating else NON_SEDATING

"""The shape of one visit: parts in order, what each holds, times from one start (domain C)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

PART_NAMES = ("checkin", "prep", "premed", "infusion", "recovery", "discharge", "turnaround")
"""In the order of the day. Check-in is before the chair; turnaround is the chair's alone."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a visit.

    `nurse` lists (minutes, hundredths of one nurse's attention) from the part's beginning; the
    last share lasts to the part's end (domain H8). Empty means that no nurse is needed. `pump` and
    `monitor` are counted (H10); with `provider` one is on site all through the part (H9); with
    `bay` the part may be spent in a recovery bay where the chair is not free for it (domain C).
    """

    name: str
    minutes: int
    chair: bool = True
    nurse: tuple[tuple[int, int], ...] = ()
    pump: int = 0
    monitor: int = 0
    provider: bool = False
    bay: bool = False

    def shares(self) -> list[tuple[int, int, int]]:
        """(offset in minutes from the part's beginning, minutes, hundredths); no empty ones."""
        found, offset = [], 0
        for place, (minutes, share) in enumerate(self.nurse):
            last = place == len(self.nurse) - 1
            length = self.minutes - offset if last else min(minutes, self.minutes - offset)
            if length > 0 and share > 0:
                found.append((offset, length, share))
            offset += max(length, 0)
        return found


@dataclass(frozen=True, kw_only=True)
class VisitTimes:
    """The four instants of a visit, aware UTC. The chair is held [starts_at, chair_until), the
    patient [arrives_at, leaves_at) (domain C rule 0)."""

    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    chair_until: datetime


@dataclass(frozen=True, kw_only=True)
class VisitShape:
    """Parts in order; minutes count from the chair start, the hour named to the patient."""

    parts: tuple[Part, ...]
    arrive_early_minutes: int = 0
    sedating: bool = False
    profile: str = ""

    @property
    def checkin_minutes(self) -> int:
        return sum(part.minutes for part in self.parts if not part.chair)

    @property
    def before_minutes(self) -> int:
        """From arrival to the chair start."""
        return max(self.checkin_minutes, self.arrive_early_minutes)

    @property
    def stay_minutes(self) -> int:
        """From the chair start until the patient leaves."""
        return sum(p.minutes for p in self.parts if p.chair and p.name != "turnaround")

    @property
    def chair_minutes(self) -> int:
        """From the chair start until the chair is free again, turnaround included."""
        return sum(part.minutes for part in self.parts if part.chair)

    def times(self, starts_at: datetime) -> VisitTimes:
        """Elapsed minutes, so a change of clocks inside the visit shifts the wall time only."""
        return VisitTimes(
            arrives_at=starts_at - timedelta(minutes=self.before_minutes),
            starts_at=starts_at,
            leaves_at=starts_at + timedelta(minutes=self.stay_minutes),
            chair_until=starts_at + timedelta(minutes=self.chair_minutes),
        )

    def nurse_load(self) -> list[tuple[int, int, int]]:
        """(offset in minutes from the chair start, minutes, hundredths) of the chair parts."""
        load, offset = [], 0
        for part in self.parts:
            if not part.chair:
                continue
            load += [(offset + start, length, share) for start, length, share in part.shares()]
            offset += part.minutes
        return load

    def to_plain(self) -> dict[str, Any]:
        """For a JSON column; `from_plain` gives the same shape back."""
        return {
            "parts": [
                {
                    "name": part.name,
                    "minutes": part.minutes,
                    "chair": part.chair,
                    "nurse": [list(step) for step in part.nurse],
                    "pump": part.pump,
                    "monitor": part.monitor,
                    "provider": part.provider,
                    "bay": part.bay,
                }
                for part in self.parts
            ],
            "arrive_early_minutes": self.arrive_early_minutes,
            "sedating": self.sedating,
            "profile": self.profile,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> VisitShape:
        parts = tuple(
            Part(
                name=part["name"],
                minutes=part["minutes"],
                chair=part["chair"],
                nurse=tuple((minutes, share) for minutes, share in part["nurse"]),
                pump=part.get("pump", 0),
                monitor=part.get("monitor", 0),
                provider=part.get("provider", False),
                bay=part.get("bay", False),
            )
            for part in plain["parts"]
        )
        return cls(
            parts=parts,
            arrive_early_minutes=plain["arrive_early_minutes"],
            sedating=plain["sedating"],
            profile=plain.get("profile", ""),
        )

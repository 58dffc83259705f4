"""The shape of one visit: parts in order, what each holds, times from one start (domain C)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.planning.interval import Interval

PART_NAMES = ("checkin", "prep", "premed", "infusion", "recovery", "discharge", "turnaround")
"""In the order of the day. Check-in is before the chair; turnaround is the chair's alone."""
RESOURCES = ("nurse", "provider", "pump", "monitor", "sedating")
"""What visits share, beside chairs: nurse time (H8), places with a provider (H9), pumps and
monitors (H10), sedating visits at a time (H8)."""
Loads = list[tuple[int, int, int]]
"""(offset in minutes from the chair start, minutes, hundredths of one), in order of time."""


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

    @property
    def turnaround_minutes(self) -> int:
        return self.chair_minutes - self.stay_minutes

    @property
    def bay_offset_minutes(self) -> int | None:
        """From the chair start to the first part that may be spent in a bay. None: no part may.

        What follows that part is spent there too. A visit never starts in a bay (domain C).
        """
        parts = self._chair_parts()
        return next((start for start, part in parts if part.bay and start and part.minutes), None)

    @property
    def chair_minutes_before_bay(self) -> int | None:
        """What the chair is held for by a visit that goes on in a bay, turnaround included."""
        offset = self.bay_offset_minutes
        return None if offset is None else offset + self.turnaround_minutes

    def chair_span(self, starts_at: datetime, with_bay: bool = False) -> Interval:
        """The chair's claim, turnaround included; shorter for a visit that goes on in a bay.

        Raises ValueError for a visit without chair time.
        """
        held = self.chair_minutes_before_bay if with_bay else None
        minutes = self.chair_minutes if held is None else held
        return Interval(starts_at, starts_at + timedelta(minutes=minutes))

    def bay_span(self, starts_at: datetime) -> Interval | None:
        """The bay's claim, turnaround included; None where no part may be spent in one."""
        offset = self.bay_offset_minutes
        if offset is None:
            return None
        return Interval(
            starts_at + timedelta(minutes=offset), starts_at + timedelta(minutes=self.chair_minutes)
        )

    def times(self, starts_at: datetime) -> VisitTimes:
        """Elapsed minutes, so a change of clocks inside the visit shifts the wall time only."""
        return VisitTimes(
            arrives_at=starts_at - timedelta(minutes=self.before_minutes),
            starts_at=starts_at,
            leaves_at=starts_at + timedelta(minutes=self.stay_minutes),
            chair_until=starts_at + timedelta(minutes=self.chair_minutes),
        )

    def load(self, resource: str) -> Loads:
        """What the visit holds of one of RESOURCES, chair parts only; of whatever else nothing.

        A sedating visit needs its provider from prep to discharge (H9), and so long it counts as
        one sedating visit; any other visit needs one for the parts that say so.
        """
        if resource == "nurse":
            return self._nurse_load()
        if resource == "sedating" or (resource == "provider" and self.sedating):
            return [(0, self.stay_minutes, 100)] if self.sedating and self.stay_minutes else []
        if resource not in RESOURCES:
            return []
        return [
            (start, part.minutes, 100 * int(getattr(part, resource)))
            for start, part in self._chair_parts()
            if getattr(part, resource) and part.minutes
        ]

    def nurse_load(self) -> Loads:
        return self.load("nurse")

    def _nurse_load(self) -> Loads:
        return [
            (start + offset, length, share)
            for start, part in self._chair_parts()
            for offset, length, share in part.shares()
        ]

    def _chair_parts(self) -> list[tuple[int, Part]]:
        """Each part in the chair with its offset in minutes."""
        found, offset = [], 0
        for part in self.parts:
            if part.chair:
                found.append((offset, part))
                offset += part.minutes
        return found

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
                nurse=tuple(map(tuple, part["nurse"])),
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

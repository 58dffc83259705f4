"""The slots of one local day: instants <-> slot numbers, in elapsed minutes from local midnight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.planning.interval import MINUTE, Interval
from scheduler.planning.opening import DAY, MIDNIGHT, instant
from scheduler.planning.slots.plane import ones

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Slot s is [first + s*minutes, first + (s+1)*minutes) in elapsed minutes from `midnight`.

    Slots are counted from local midnight, so that they meet the clock's quarters whenever the
    grid divides 15; on the day of a clock change they count elapsed minutes and the wall jumps.
    `last_minute` is the midnight after the day.
    """

    on: date
    zone: ZoneInfo
    midnight: datetime
    minutes: int
    first: int
    slots: int
    last_minute: int

    @classmethod
    def over(cls, zone: ZoneInfo, on: date, minutes: int, spans: Iterable[Interval]) -> Grid:
        """The fewest slots that hold all spans; none where there are no spans."""
        midnight, spans = instant(zone, on, MIDNIGHT), list(spans)
        first = until = 0
        if spans:
            first = (min(s.starts_at for s in spans) - midnight) // MINUTE // minutes * minutes
            until = -((midnight - max(s.ends_at for s in spans)) // MINUTE)
        return cls(
            on=on,
            zone=zone,
            midnight=midnight,
            minutes=minutes,
            first=first,
            slots=-((first - until) // minutes),
            last_minute=(instant(zone, on + DAY, MIDNIGHT) - midnight) // MINUTE,
        )

    def at(self, slot: int) -> datetime:
        """When a slot begins, UTC."""
        return self.midnight + timedelta(minutes=self.first + slot * self.minutes)

    def minute(self, slot: int) -> int:
        """When a slot begins, in elapsed minutes from local midnight."""
        return self.first + slot * self.minutes

    def minute_of(self, at: datetime) -> int:
        """Elapsed whole minutes from local midnight until this instant."""
        return (at - self.midnight) // MINUTE

    def floor(self, at: datetime) -> int:
        """The slot that contains this instant; it may lie outside the day."""
        return (self.minute_of(at) - self.first) // self.minutes

    def ceil(self, at: datetime) -> int:
        """The first slot that begins at this instant or later."""
        return -(((self.midnight - at) // MINUTE + self.first) // self.minutes)

    def slot_of(self, at: datetime) -> int | None:
        """The slot that begins exactly then, else None."""
        slot = self.floor(at)
        return slot if self.at(slot) == at else None

    def inside(self, span: Interval) -> int:
        """Slots wholly within the span: edges off the grid round inward."""
        return self._clipped(self.ceil(span.starts_at), self.floor(span.ends_at))

    def touched(self, span: Interval) -> int:
        """Slots that share any time with the span: edges off the grid round outward."""
        return self._clipped(self.floor(span.starts_at), self.ceil(span.ends_at))

    def wall_minute(self, wall: time) -> int:
        """Elapsed minutes from local midnight until the clock shows `wall`."""
        if self.last_minute != MINUTES_A_DAY:
            return (instant(self.zone, self.on, wall) - self.midnight) // MINUTE
        return wall.hour * 60 + wall.minute

    def span(self, first: int, until: int) -> Interval:
        """[first, until) in slots, as time."""
        return Interval(self.at(first), self.at(until))

    def _clipped(self, first: int, until: int) -> int:
        return ones(max(first, 0), min(until, self.slots))

"""The hours of the day in which messages may leave (domain G)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.planning import opening

DAY = timedelta(days=1)
GRACE = timedelta(minutes=30)
"""A due message may leave this much later, whatever the hour."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """Two wall times of the site, closed at both ends; tested on the due time."""

    opens: time = time(8)
    closes: time = time(20)

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        return self.opens <= _wall(at, zone) <= self.closes

    def not_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The same instant, or the end of the window before it."""
        if self.holds(at, zone):
            return at
        shown = opening.local(zone, at)
        on = shown.date() if _wall(at, zone) > self.closes else shown.date() - DAY
        return opening.instant(zone, on, self.closes)

    def not_before(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The same instant, or the beginning of the window after it."""
        if self.holds(at, zone):
            return at
        shown = opening.local(zone, at)
        on = shown.date() if _wall(at, zone) < self.opens else shown.date() + DAY
        return opening.instant(zone, on, self.opens)

    def shut_until(self, due_at: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When a message that was due may leave, if not now: in the window, or within GRACE of a
        due time that lay in it."""
        late = self.holds(due_at, zone) and due_at <= now <= due_at + GRACE
        return None if late or self.holds(now, zone) else self.not_before(now, zone)


USUAL = Window()
"""8:00 am to 8:00 pm."""


def _wall(at: datetime, zone: ZoneInfo) -> time:
    return opening.local(zone, at).time().replace(tzinfo=None)

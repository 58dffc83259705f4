"""The alarms of a calendar entry: a courtesy beside our own messages (calendar R1 to R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from scheduler.planning import opening
from scheduler.planning.due_times import evening
from scheduler.planning.preparation import PrepTimes
from scheduler.planning.wording import ENGLISH, Wording
from scheduler.planning.words.clock import day
from scheduler.planning.words.preparation import arrival, clothing, fast_by_date

DAY = timedelta(days=1)
RIDE_AT = time(18)
"""The evening before, on the site's wall clock."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What the patient's own calendar says, and when (aware UTC)."""

    at: datetime
    text: str


def alarms(
    times: PrepTimes, *, now: datetime, neutral: bool, wording: Wording = ENGLISH
) -> tuple[Alarm, ...]:
    """Food first, for calendars that keep one only; then the ride at D-1 18:00 (calendar R2, R3).

    None that lies in the past. `neutral`: they say nothing that a lock screen should not show.
    """
    ride_at = opening.instant(times.zone, times.on - DAY, RIDE_AT)
    found = [Alarm(at=ride_at, text=_ride(times, wording))]
    if times.first_stop_at is not None:
        said = " ".join(fast_by_date(times, wording))
        found.insert(0, Alarm(at=evening(times), text=said))
    if neutral:
        found = [Alarm(at=one.at, text=wording.line("alarm.neutral")) for one in found]
    return tuple(one for one in found if now < one.at)


def _ride(times: PrepTimes, wording: Wording) -> str:
    """ "Who takes you home on Wed 13 Jan? Wear loose sleeves. Arrive at 8:45 am." """
    key = "alarm.visit" if times.prep.driver == "none" else "alarm.driver"
    first = wording.line(key, {"day": day(times.on, wording.language)})
    return " ".join([first, *clothing(times, wording), arrival(times, wording)])

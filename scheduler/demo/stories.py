"""What became of each visit by `now`: kept, missed, moved, cancelled; decided once, from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from scheduler.demo.placing import Course
from scheduler.planning.opening import instant, local
from scheduler.planning.plan import PlannedVisit

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DESK, NURSE, PATIENT, PROVIDER = "desk", "nurse", "patient", "provider"
"""Who changed something; a patient's word is written down by the desk."""
NO_SHOW, CANCELLED, NOT_TREATED = 0.025, 0.025, 0.01
"""Shares of all visits."""
STEPS = {"infusion": "infusing", "recovery": "recovering"}
LAST_HOUR = 17
MOVES = (
    "Asked for another hour: work",
    "Driver cannot come at that time",
    "Asked for another hour: school run",
    "Chair needed for a longer visit",
)
CANCELS = ("Has a cold", "Travels for work", "Family visit", "Feels well, wants a longer pause")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a visit's history; the place is where the visit stood after it."""

    state: str
    at: datetime
    by: str
    chair_id: int
    starts_at: datetime
    bay_id: int | None = None
    reason: str = ""
    reason_code: str = ""

    @classmethod
    def at_place(cls, visit: PlannedVisit, state: str, at: datetime, by: str) -> Event:
        """Where the visit stands in the plan."""
        return cls(
            state=state,
            at=at,
            by=by,
            chair_id=visit.chair_id,
            bay_id=visit.bay_id,
            starts_at=visit.starts_at,
        )


@dataclass(frozen=True, kw_only=True)
class Story:
    """A visit with all that happened to it, oldest first. The last event says how it stands."""

    visit: PlannedVisit
    events: tuple[Event, ...]

    @property
    def state(self) -> str:
        return self.events[-1].state

    @property
    def changes(self) -> tuple[Event, ...]:
        """The moves and the cancellation: what raises `version` and `sequence` (calendar U2)."""
        return tuple(
            now
            for before, now in pairwise(self.events)
            if now.state == "cancelled"
            or (before.chair_id, before.starts_at) != (now.chair_id, now.starts_at)
        )


@dataclass(frozen=True, kw_only=True)
class Told:
    """A course, when it was booked, and its visits' stories in order."""

    course: Course
    booked_at: datetime
    stories: tuple[Story, ...]
    ended_early: bool = False

    def is_ahead(self, now: datetime) -> bool:
        """True while a visit of it is still planned."""
        return any(
            story.state in ("booked", "confirmed") and story.visit.starts_at > now
            for story in self.stories
        )


class Teller:
    """Tells what happened, for one clinic and one `now`."""

    def __init__(self, zone: ZoneInfo, chair_ids: Sequence[int], now: datetime, seed: int) -> None:
        self.zone, self.chair_ids, self.now = zone, chair_ids, now
        self.draw = Random(seed)  # noqa: S311  a demo, not a secret

    def tell(self, course: Course) -> Told:
        """The whole course; at most one visit of a series is missed, so that its gaps hold."""
        booked_at = self._booked_at(course)
        stories = []
        missed = False
        for visit in course.visits:
            story = self._story(visit, booked_at, may_fail=not missed)
            missed = missed or story.state in ("no_show", "cancelled", "not_treated")
            stories.append(story)
        return Told(course=course, booked_at=booked_at, stories=tuple(stories))

    def may_stop(self, told: Told) -> bool:
        """A series of which some visits were kept and some are still ahead."""
        ahead = [one for one in told.stories if one.visit.starts_at > self.now]
        return not told.course.step.single and 2 <= len(ahead) < len(told.stories) - 1

    def stop(self, told: Told) -> Told:
        """What is left of it is cancelled at a review, yesterday or the weekday before."""
        at = max(self.office_hour(self.now - DAY), told.booked_at + HOUR)
        stories = tuple(
            self._stopped(one, at) if one.visit.starts_at > self.now else one
            for one in told.stories
        )
        return replace(told, stories=stories, ended_early=True)

    def _stopped(self, story: Story, at: datetime) -> Story:
        ended = Event.at_place(story.visit, "cancelled", at, PROVIDER)
        ended = replace(ended, reason="Stopped at the review", reason_code="clinical")
        return replace(story, events=(story.events[0], ended))

    def _booked_at(self, course: Course) -> datetime:
        """A few days before, in office hours, and never later than now."""
        first = course.visits[0].starts_at
        lead = self.draw.randint(2, 6) if course.step.single else self.draw.randint(3, 12)
        wished = min(first - lead * DAY, self.now - self.draw.randint(0, 6) * DAY)
        return self.office_hour(wished)

    def office_hour(self, near: datetime) -> datetime:
        """A moment on the last weekday up to `near`, between 8:10 and 4:40, before now."""
        on = local(self.zone, near).date()
        while True:
            while on.weekday() > 4:
                on -= DAY
            wall = time(self.draw.randint(8, 15), self.draw.randint(10, 40))
            found = instant(self.zone, on, wall)
            if found < self.now - 10 * MINUTE:
                return found
            on -= DAY

    def _story(self, visit: PlannedVisit, booked_at: datetime, *, may_fail: bool) -> Story:
        events = [Event.at_place(visit, "booked", booked_at, DESK)]
        if self.draw.random() < 0.08:
            events = self._moved(visit, booked_at)
        since = events[-1].at
        chance = self.draw.random() if may_fail else 1.0
        if visit.times.leaves_at <= self.now:
            events += self._past(visit, since, chance)
        elif visit.times.arrives_at <= self.now:
            events += [*self._confirmed(visit, since), *self._kept(visit)]
        else:
            events += self._ahead(visit, since, chance)
        return Story(visit=visit, events=tuple(events))

    def _moved(self, visit: PlannedVisit, booked_at: datetime) -> list[Event]:
        """It stood at another hour of the same day before, where the day has room for that."""
        booked = Event.at_place(visit, "booked", booked_at, DESK)
        moved_at = self.office_hour(min(visit.times.arrives_at - DAY, self.now))
        before = self._other_hour(visit)
        if before is None or moved_at <= booked_at:
            return [booked]
        first = replace(
            booked, chair_id=self.draw.choice(self.chair_ids), bay_id=None, starts_at=before
        )
        then = replace(booked, at=moved_at, reason=self.draw.choice(MOVES))
        return [first, then]

    def _other_hour(self, visit: PlannedVisit) -> datetime | None:
        """Two hours later in the morning, two earlier in the afternoon; Saturdays are too short."""
        shown = local(self.zone, visit.starts_at)
        if shown.weekday() > 4:
            return None
        if shown.hour >= 11:
            return visit.starts_at - 2 * HOUR
        ends = local(self.zone, visit.times.chair_until + 2 * HOUR)
        return visit.starts_at + 2 * HOUR if ends.hour < LAST_HOUR else None

    def _past(self, visit: PlannedVisit, since: datetime, chance: float) -> list[Event]:
        if chance < NO_SHOW:
            at = visit.starts_at + self.draw.randint(30, 50) * MINUTE
            missed = Event.at_place(visit, "no_show", at, DESK)
            return [replace(missed, reason="Did not come; called, no answer")]
        if chance < NO_SHOW + CANCELLED:
            notice = self.draw.choice((3 * HOUR, 20 * HOUR, 3 * DAY))
            return [self._cancelled(visit, max(visit.times.arrives_at - notice, since + HOUR))]
        if chance < NO_SHOW + CANCELLED + NOT_TREATED:
            return self._not_treated(visit, since)
        return [*self._confirmed(visit, since), *self._kept(visit)]

    def _cancelled(self, visit: PlannedVisit, at: datetime) -> Event:
        late = "Late: " if at > visit.starts_at - DAY else ""
        event = Event.at_place(visit, "cancelled", at, DESK)
        reason = late + self.draw.choice(CANCELS)
        return replace(event, reason=reason, reason_code="patient")

    def _not_treated(self, visit: PlannedVisit, since: datetime) -> list[Event]:
        arrived = Event.at_place(visit, "arrived", visit.times.arrives_at, DESK)
        ended = Event.at_place(visit, "not_treated", visit.starts_at + 10 * MINUTE, NURSE)
        why = replace(ended, reason="Had eaten in the morning")
        return [*self._confirmed(visit, since), arrived, why]

    def _confirmed(self, visit: PlannedVisit, since: datetime) -> list[Event]:
        if self.draw.random() < 0.2:
            return []
        at = visit.times.arrives_at - self.draw.randint(20, 40) * HOUR
        return [Event.at_place(visit, "confirmed", max(at, since + 20 * MINUTE), PATIENT)]

    def _kept(self, visit: PlannedVisit) -> list[Event]:
        """Every step up to now, each a few minutes off the plan."""
        late = self.draw.choice((-3, 0, 0, 2, 4, 9)) * MINUTE
        steps = [("arrived", visit.times.arrives_at, DESK), ("roomed", visit.starts_at, NURSE)]
        at = visit.starts_at
        for part in visit.shape.parts:
            if part.name in STEPS:
                steps.append((STEPS[part.name], at, NURSE))
            at += part.minutes * MINUTE if part.chair else timedelta(0)
        steps.append(("discharged", visit.times.leaves_at, NURSE))
        due = [(state, at + late, by) for state, at, by in steps if at + late <= self.now]
        return [Event.at_place(visit, state, at, by) for state, at, by in due]

    def _ahead(self, visit: PlannedVisit, since: datetime, chance: float) -> list[Event]:
        if chance < CANCELLED and since < self.now - DAY:
            at = max(self.office_hour(self.now - DAY), since + HOUR)
            return [self._cancelled(visit, at)]
        soon = visit.times.arrives_at - self.now < 3 * DAY
        if self.draw.random() < (0.75 if soon else 0.12):
            at = since + (self.now - since) * self.draw.uniform(0.5, 0.95)
            return [Event.at_place(visit, "confirmed", at.replace(microsecond=0), PATIENT)]
        return []

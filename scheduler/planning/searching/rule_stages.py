"""The rules of a calendar, in the order in which they are added until no plan is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from scheduler.planning.daybook import Day
from scheduler.planning.explain import day_words
from scheduler.planning.patient import date_refusals, possible_slots
from scheduler.planning.request import SeriesRequest, TimeWindow
from scheduler.planning.searching.course import Effort
from scheduler.planning.slots.plane import fold
from scheduler.planning.visit import VisitShape


@dataclass(frozen=True)
class Rule:
    """`words` say what it means when it leaves no plan; with `has_hours` it may bind for the asked
    part of the day alone."""

    rule: str
    words: str
    has_hours: bool = False


def rules_of(request: SeriesRequest) -> tuple[Rule, ...]:
    """Every rule that a date of a calendar can break, what the patient cannot change first."""
    kind = request.chair_kind or "chair"
    return (
        Rule("H17", "The patient cannot come"),
        Rule("H2", "The patient has another visit"),
        Rule("H11", _clearance_words(request)),
        Rule("H3", "No chair is open long enough"),
        Rule("chair", f"No {kind} is open long enough"),
        Rule("window", "The patient's hours do not fit", True),
        Rule("H1", f"The {kind}s are full", True),
        Rule("H8", "There is not enough nurse time", True),
        Rule("H8-sedating", "The nurses watch as many sedated patients as they may", True),
        Rule("H8-starts", "The nurses can start no more visits", True),
        Rule("H9", "There is no provider, or each has as many patients as allowed", True),
        Rule("H15", "The provider leaves before such a visit would end", True),
        Rule("H10-pump", "All pumps are in use", True),
        Rule("H10-monitor", "All monitors are in use", True),
    )


def _clearance_words(request: SeriesRequest) -> str:
    first = min(request.patient.clearances, key=lambda one: one.until, default=None)
    if first is None:
        return "A clearance ends"
    ends = f"The clearance \u201c{first.what}\u201d ends on {day_words(first.until)}"
    return f"{ends}: a provider must renew it for visits"


class Allowed:
    """Which dates some of the rules leave to a visit. Every answer is kept."""

    def __init__(
        self,
        days: Mapping[date, Day],
        request: SeriesRequest,
        dropped: frozenset[str],
        effort: Effort,
    ) -> None:
        """All rules but the `dropped` ones are kept."""
        self.days, self.request, self.dropped, self.effort = days, request, dropped, effort
        self.limits = request.patient
        if "window" in dropped:
            self.limits = replace(self.limits, window=TimeWindow())
        if "H2" in dropped:
            self.limits = replace(self.limits, busy=())
        self.kind = None if "chair" in dropped else request.chair_kind
        self._known: dict[tuple[int, date], bool] = {}

    def __call__(self, shape: VisitShape, on: date) -> bool:
        key = (id(shape), on)
        if key not in self._known:
            self._known[key] = self._look(shape, on)
        return self._known[key]

    def _look(self, shape: VisitShape, on: date) -> bool:
        day = self.days.get(on)
        if day is None:
            return False
        broken = {refusal.rule for refusal in date_refusals(on, self.limits, shape)}
        if broken - self.dropped:
            return False
        return "H3" in self.dropped or bool(self._starts(day, shape))

    def _starts(self, day: Day, shape: VisitShape) -> int:
        """Starts of any chair of the kind, folded to one chair."""
        self.effort.spend(20 + len(day.places) // 4)
        plane = day.starts(day.footprint(shape), self.dropped, self.kind)
        if not plane:
            return 0
        folded = fold(plane, len(day.places), day.width)
        return folded & possible_slots(day, self.limits, shape)

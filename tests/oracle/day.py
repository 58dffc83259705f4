"""Which rules of a day does a visit break here? Plain loops over minutes, no bit planes; nothing of
daybook is used."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from scheduler.planning.day_facts import ChairFacts, Counts, DayFacts, Held
from scheduler.planning.interval import Interval
from scheduler.planning.visit import Part, VisitShape

MINUTE = timedelta(minutes=1)
RULES = {
    "nurse": "H8",
    "sedating": "H8-sedating",
    "pump": "H10-pump",
    "monitor": "H10-monitor",
}


def minute_of(facts: DayFacts, at: datetime) -> int:
    """Elapsed minutes since local midnight: in UTC, because two wall times of one zone would be
    subtracted as they are shown."""
    midnight = datetime.combine(facts.on, time(), tzinfo=facts.zone)
    return (at.astimezone(UTC) - midnight.astimezone(UTC)) // MINUTE


def starts_to_try(facts: DayFacts) -> list[datetime]:
    """Every minute from two hours before the first opening until two hours after the last
    closing."""
    edges = [edge for c in facts.chairs for s in c.open for edge in (s.starts_at, s.ends_at)]
    if not edges:
        return []
    first, last = min(edges) - timedelta(hours=2), max(edges) + timedelta(hours=2)
    return [first + MINUTE * minute for minute in range(int((last - first) / MINUTE))]


class Minutes:
    """A day minute by minute; slots are ranges of `grid_minutes` counted from local midnight."""

    def __init__(self, facts: DayFacts) -> None:
        self.facts, self.grid = facts, facts.grid_minutes
        self.chairs = {chair.chair_id: chair for chair in facts.chairs}
        self.bays = [chair for chair in facts.chairs if chair.kind == "bay"]
        self.opened = {
            chair.chair_id: {m for span in chair.open for m in self.minutes(span)}
            for chair in facts.chairs
        }
        self.taken: dict[int, set[int]] = {chair.chair_id: set() for chair in facts.chairs}
        for held in facts.held:
            self._take(held)
        every = [minute for opened in self.opened.values() for minute in opened]
        self.slots = self.slots_of(min(every), max(every) + 1) if every else []
        self.begins = {slot.start for slot in self.slots}
        self._free: dict[tuple[int, int, bool], bool] = {}
        self._used: dict[tuple[str, int], int] = {}
        self._there: dict[tuple[str, int], int | None] = {}
        self._asked: dict[VisitShape, dict[str, list[int]]] = {}

    def minutes(self, span: Interval) -> range:
        return range(minute_of(self.facts, span.starts_at), minute_of(self.facts, span.ends_at))

    def slots_of(self, first: int, until: int) -> list[range]:
        """Slots, as ranges of minutes, that [first, until) touches."""
        begin = first // self.grid * self.grid
        return [range(slot, slot + self.grid) for slot in range(begin, until, self.grid)]

    def _take(self, held: Held) -> None:
        start = minute_of(self.facts, held.starts_at)
        until = start + held.shape.chair_minutes
        to_bay = None if held.bay_id is None else to_bay_minutes(held.shape)
        if to_bay is not None and held.bay_id in self.taken:
            self.taken[held.bay_id] |= set(range(start + to_bay, until))
        if held.chair_id in self.taken:
            if to_bay is not None:
                until = start + to_bay + clean_minutes(held.shape)
            self.taken[held.chair_id] |= set(range(start, until))

    # -- chairs

    def is_free(self, chair_id: int, first: int, until: int, taken: bool) -> bool:
        return all(
            self._slot_is_free(chair_id, slot, taken) for slot in self.slots_of(first, until)
        )

    def _slot_is_free(self, chair_id: int, slot: range, taken: bool) -> bool:
        """Every minute of it is open and, if `taken` counts, held by nobody."""
        key = (chair_id, slot.start, taken)
        if key not in self._free:
            self._free[key] = all(
                minute in self.opened[chair_id] and not (taken and minute in self.taken[chair_id])
                for minute in slot
            )
        return self._free[key]

    def seat(
        self, shape: VisitShape, chair: ChairFacts, start: int, bay_id: int | None, taken: bool
    ) -> tuple[int, int | None] | None:
        """The chair for the whole stay, else chair and bay, else None."""
        until = start + max(shape.chair_minutes, 1)
        if self.is_free(chair.chair_id, start, until, taken):
            return chair.chair_id, None
        to_bay = to_bay_minutes(shape)
        if to_bay is None or chair.kind == "bay":
            return None
        leaves = start + to_bay + clean_minutes(shape)
        if not self.is_free(chair.chair_id, start, leaves, taken):
            return None
        for bay in self.bays:
            wanted = bay_id is None or bay_id == bay.chair_id
            if wanted and self.is_free(bay.chair_id, start + to_bay, until, taken):
                return chair.chair_id, bay.chair_id
        return None

    # -- what is shared

    def there(self, resource: str, slot: range) -> int | None:
        """Hundredths in the slot's poorest minute; None: not counted."""
        key = (resource, slot.start)
        if key not in self._there:
            self._there[key] = self._poorest(resource, slot)
        return self._there[key]

    def _poorest(self, resource: str, slot: range) -> int | None:
        facts = self.facts
        if resource in ("nurse", "sedating"):
            most = 1 if resource == "nurse" else facts.max_sedating_per_nurse
            return None if most is None else 100 * most * self._least(facts.cover, slot)
        if resource == "provider":
            return 100 * facts.patients_per_provider * self._least(facts.providers, slot)
        counts = facts.pumps if resource == "pump" else facts.monitors
        return None if counts is None else 100 * self._least(counts, slot)

    def _least(self, counts: Counts, slot: range) -> int:
        return min(number_at(self.facts, counts, minute) for minute in slot)

    def used(self, resource: str, slot: range) -> int:
        """Hundredths that visits and loads hold in this slot: of each its greatest share."""
        key = (resource, slot.start)
        if key not in self._used:
            used = 0
            for held in self.facts.held:
                used += share_in(held.shape, minute_of(self.facts, held.starts_at), slot, resource)
            for load in self.facts.loads:
                touches = any(minute in self.minutes(load.span) for minute in slot)
                used += load.hundredths * (load.resource == resource and touches)
            self._used[key] = used
        return self._used[key]

    def lacks(self, resource: str, slot: range, share: int) -> bool:
        there = self.there(resource, slot)
        return there is not None and self.used(resource, slot) + share > there

    def asked(self, shape: VisitShape, resource: str, slots: list[range]) -> list[int]:
        """The share that the visit asks for in each of its slots, the first one being its start."""
        if shape not in self._asked:
            self._asked[shape] = {
                name: [share_in(shape, slots[0].start, slot, name) for slot in slots]
                for name in (*RULES, "provider")
            }
        return self._asked[shape][resource]

    # -- rules

    def broken(
        self,
        shape: VisitShape,
        chair_id: int,
        start: int,
        kind: str | None = None,
        bay_id: int | None = None,
    ) -> set[str]:
        """Ids of all rules that it breaks; H3 stands for H4 too."""
        if start % self.grid or start % self.facts.start_step_minutes:
            return {"grid"}
        chair = self.chairs[chair_id]
        found = set()
        if chair.kind == "bay" if kind is None else chair.kind != kind:
            found.add("chair")
        if self.seat(shape, chair, start, bay_id, taken=False) is None:
            found.add("H3")
        elif self.seat(shape, chair, start, bay_id, taken=True) is None:
            found.add("H1")
        slots = self.slots_of(start, start + max(shape.chair_minutes, 1))
        if all(slot.start in self.begins for slot in slots):
            found |= self._shared(shape, slots) | self._provider(shape, slots)
        return found | self._limits(shape, start)

    def _shared(self, shape: VisitShape, slots: list[range]) -> set[str]:
        return {
            rule
            for resource, rule in RULES.items()
            for slot, share in zip(slots, self.asked(shape, resource, slots), strict=True)
            if share and self.lacks(resource, slot, share)
        }

    def _provider(self, shape: VisitShape, slots: list[range]) -> set[str]:
        """H9: none when one is first needed, or no place where one is; H15: all have left."""
        asked = zip(slots, self.asked(shape, "provider", slots), strict=True)
        needing = [slot for slot, share in asked if share]
        number = [self._least(self.facts.providers, slot) for slot in needing]
        if needing and not number[0]:
            return {"H9"}
        found = set()
        for slot, providers in zip(needing, number, strict=True):
            if not providers:
                found.add("H15")
            elif self.lacks("provider", slot, 100):
                found.add("H9")
        return found

    def _limits(self, shape: VisitShape, start: int) -> set[str]:
        facts, found = self.facts, set()
        if facts.latest_start is not None and facts.latest_start != time():
            latest = datetime.combine(facts.on, facts.latest_start, tzinfo=facts.zone)
            if start > minute_of(facts, latest):
                found.add("H15")
        if needs_nurse(shape) and self._begun(start // 15) >= self._may_begin(start // 15):
            found.add("H8-starts")
        return found

    def _begun(self, quarter: int) -> int:
        return sum(
            needs_nurse(held.shape) and minute_of(self.facts, held.starts_at) // 15 == quarter
            for held in self.facts.held
        )

    def _may_begin(self, quarter: int) -> int:
        """By the nurses of the quarter's poorest slot, or as the day's facts say."""
        facts = self.facts
        if facts.start_limits is not None:
            return sum(
                number
                for span, number in facts.start_limits
                if any(minute // 15 == quarter for minute in self.minutes(span))
            )
        inside = [slot for slot in self.slots if slot.start // 15 == quarter]
        nurses = [self.there("nurse", slot) or 0 for slot in inside]
        return min(nurses, default=0) // 100 * facts.starts_per_nurse


def number_at(facts: DayFacts, counts: Counts, minute: int) -> int:
    """How many are there in this minute, never less than 0."""
    return max(
        0,
        sum(
            number
            for span, number in counts
            if minute_of(facts, span.starts_at) <= minute < minute_of(facts, span.ends_at)
        ),
    )


def clean_minutes(shape: VisitShape) -> int:
    return sum(part.minutes for part in shape.parts if part.name == "turnaround")


def to_bay_minutes(shape: VisitShape) -> int | None:
    """Minutes in the chair before the first part of any length that a bay may take."""
    before = 0
    for part in shape.parts:
        if part.chair and part.bay and before and part.minutes:
            return before
        before += part.minutes * part.chair
    return None


def needs_nurse(shape: VisitShape) -> bool:
    return any(share_at(shape, minute) for minute in range(shape.chair_minutes))


def share_in(shape: VisitShape, start: int, slot: range, resource: str = "nurse") -> int:
    """The greatest share, in hundredths, that the visit holds in any minute of the slot."""
    return max((share_at(shape, minute - start, resource) for minute in slot), default=0)


def share_at(shape: VisitShape, minute: int, resource: str = "nurse") -> int:
    """Hundredths of one that the visit holds in this minute since the chair start."""
    stay = shape.chair_minutes - clean_minutes(shape)
    if shape.sedating and resource in ("provider", "sedating"):
        return 100 if 0 <= minute < stay else 0
    for part in shape.parts:
        if not part.chair:
            continue
        if 0 <= minute < part.minutes:
            return _part_share(part, minute, resource)
        minute -= part.minutes
    return 0


def _part_share(part: Part, minute: int, resource: str) -> int:
    if resource == "nurse":
        return _step_share(part.nurse, minute)
    held = {"provider": part.provider, "pump": part.pump, "monitor": part.monitor, "sedating": 0}
    return 100 * held[resource]


def _step_share(steps: tuple[tuple[int, int], ...], minute: int) -> int:
    for minutes, share in steps[:-1]:
        if minute < minutes:
            return share
        minute -= minutes
    return steps[-1][1] if steps else 0


def on_duty(facts: DayFacts, minute: int) -> int:
    """Nurses in this minute since local midnight."""
    return number_at(facts, facts.cover, minute)

"""May this visit stand here? Plain loops over minutes, no bit planes; nothing of daybook is
used."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from scheduler.planning.day_facts import ChairFacts, DayFacts
from scheduler.planning.visit import VisitShape

MINUTE = timedelta(minutes=1)


def may_stand(facts: DayFacts, shape: VisitShape, chair_id: int, starts_at: datetime) -> bool:
    """Every rule of a day: grid, opening and closures, chair, nurse time, nurse starts."""
    start = minute_of(facts, starts_at)
    chair = next(chair for chair in facts.chairs if chair.chair_id == chair_id)
    return (
        start % facts.grid_minutes == 0
        and start % facts.start_step_minutes == 0
        and _chair_is_free(facts, chair, start, max(shape.chair_minutes, 1))
        and _nurses_suffice(facts, shape, start)
        and _may_start(facts, shape, start)
    )


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


def _slots(facts: DayFacts, start: int, minutes: int) -> list[range]:
    """Slots, as ranges of minutes, that [start, start + minutes) touches."""
    grid = facts.grid_minutes
    first = start // grid * grid
    return [range(slot, slot + grid) for slot in range(first, start + minutes, grid)]


def _chair_is_free(facts: DayFacts, chair: ChairFacts, start: int, minutes: int) -> bool:
    opened = set()
    for span in chair.open:
        opened |= set(range(minute_of(facts, span.starts_at), minute_of(facts, span.ends_at)))
    taken = set()
    for held in facts.held:
        if held.chair_id == chair.chair_id:
            begins = minute_of(facts, held.starts_at)
            taken |= set(range(begins, begins + held.shape.chair_minutes))
    for slot in _slots(facts, start, minutes):
        for minute in slot:
            if minute not in opened or minute in taken:
                return False
    return True


def _nurses_suffice(facts: DayFacts, shape: VisitShape, start: int) -> bool:
    for slot in _slots(facts, start, max(shape.chair_minutes, 1)):
        wanted = share_in(shape, start, slot)
        if wanted:
            for held in facts.held:
                wanted += share_in(held.shape, minute_of(facts, held.starts_at), slot)
            if wanted > 100 * min(on_duty(facts, minute) for minute in slot):
                return False
    return True


def share_in(shape: VisitShape, start: int, slot: range) -> int:
    """The greatest share, in hundredths, that the visit holds in any minute of the slot."""
    return max((share_at(shape, minute - start) for minute in slot), default=0)


def share_at(shape: VisitShape, minute: int) -> int:
    """Hundredths of a nurse in this minute since the chair start."""
    for part in shape.parts:
        if not part.chair:
            continue
        if 0 <= minute < part.minutes:
            return _step_share(part.nurse, minute)
        minute -= part.minutes
    return 0


def _step_share(steps: tuple[tuple[int, int], ...], minute: int) -> int:
    for minutes, share in steps[:-1]:
        if minute < minutes:
            return share
        minute -= minutes
    return steps[-1][1] if steps else 0


def on_duty(facts: DayFacts, minute: int) -> int:
    return sum(
        nurses
        for span, nurses in facts.cover
        if minute_of(facts, span.starts_at) <= minute < minute_of(facts, span.ends_at)
    )


def _may_start(facts: DayFacts, shape: VisitShape, start: int) -> bool:
    """Fewer visits that need a nurse start in this clock quarter than its nurses may begin."""
    if not any(share_at(shape, minute) for minute in range(shape.chair_minutes)):
        return True
    quarter = start // 15
    begun = 0
    for held in facts.held:
        needs_nurse = any(share_at(held.shape, m) for m in range(held.shape.chair_minutes))
        begun += needs_nurse and minute_of(facts, held.starts_at) // 15 == quarter
    limits = [
        min(on_duty(facts, minute) for minute in slot)
        for slot in _slots_of_day(facts)
        if slot.start // 15 == quarter
    ]
    return begun < min(limits, default=0) * facts.starts_per_nurse


def _slots_of_day(facts: DayFacts) -> list[range]:
    """From the earliest opening of any chair to the latest closing."""
    spans = [span for chair in facts.chairs for span in chair.open]
    first = min(minute_of(facts, span.starts_at) for span in spans)
    last = max(minute_of(facts, span.ends_at) for span in spans)
    return _slots(facts, first, last - first)

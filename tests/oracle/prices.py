"""The optional prices of a start by plain loops over minutes and visits (SO7, SO10, SO11), and lost
chair time."""

from __future__ import annotations

from datetime import datetime, time

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.request import Weights
from scheduler.planning.visit import VisitShape
from tests.oracle.day import minute_of


def optional_price(facts: DayFacts, shape: VisitShape, weights: Weights, minute: int) -> int:
    """`minute` is the start's, since local midnight."""
    price = 0
    for held in facts.held:
        if minute_of(facts, held.starts_at) // 15 == minute // 15:
            price += weights.stagger
    stay = range(minute, minute + shape.chair_minutes)
    if len(stay) >= 120 and set(stay) & set(range(_wall(facts, 10), _wall(facts, 14))):
        price += weights.prime
    closing = max(minute_of(facts, span.ends_at) for span in facts.hours)
    if minute + shape.stay_minutes > closing - 30:
        price += weights.slack
    return price


def _wall(facts: DayFacts, hour: int) -> int:
    return minute_of(facts, datetime.combine(facts.on, time(hour), tzinfo=facts.zone))


def lost_steps(facts: DayFacts, hole: int) -> int:
    """Started 20 minutes of a hole, in minutes, that no bookable visits fill; five at most."""
    lengths = facts.bookable_minutes or (facts.shortest_chair_minutes,)
    grid = facts.grid_minutes
    on_grid = {length + -length % grid for length in lengths if length}
    if not on_grid:
        return 0
    full = {0}
    for _ in range(hole // min(on_grid)):
        full |= {sum_ + length for sum_ in full for length in on_grid if sum_ + length <= hole}
    lost = hole - max(full)
    return sum(lost > step for step in (0, 20, 40, 60, 80))

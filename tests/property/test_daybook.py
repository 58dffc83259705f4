"""A day's free starts against plain loops over minutes: an offered one books, no other does."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.opening import instant
from scheduler.planning.visit import Part, VisitShape
from tests.oracle.day import may_stand, minute_of, share_at, starts_to_try

NEW_YORK = ZoneInfo("America/New_York")
DAYS = [
    (NEW_YORK, date(2027, 1, 13)),
    (NEW_YORK, date(2027, 3, 14)),
    (NEW_YORK, date(2026, 11, 1)),
    (ZoneInfo("Australia/Lord_Howe"), date(2027, 4, 4)),
    (ZoneInfo("Asia/Kathmandu"), date(2027, 5, 1)),
]
SHARES = st.sampled_from([0, 33, 50, 100])


@st.composite
def parts(draw: st.DrawFn, name: str, longest: int = 40) -> Part:
    steps = draw(st.lists(st.tuples(st.integers(1, 15), SHARES), max_size=2))
    return Part(name=name, minutes=draw(st.integers(1, longest)), nurse=tuple(steps))


@st.composite
def shapes(draw: st.DrawFn) -> VisitShape:
    chair_parts = tuple(draw(parts(name)) for name in ("prep", "infusion", "turnaround"))
    checkin = Part(name="checkin", minutes=draw(st.integers(0, 20)), chair=False)
    return VisitShape(parts=(checkin, *chair_parts[: draw(st.integers(1, 3))]))


@st.composite
def day_facts(draw: st.DrawFn) -> DayFacts:
    """A short day around the hours in which clocks change, with off-grid edges and visits."""
    zone, on = draw(st.sampled_from(DAYS))
    dawn = instant(zone, on, time(0, 30))
    minute = st.integers(0, 239)
    spans = st.tuples(minute, st.integers(1, 200)).map(
        lambda s: Interval(dawn + timedelta(minutes=s[0]), dawn + timedelta(minutes=s[0] + s[1]))
    )
    morning = Interval(dawn, dawn + timedelta(minutes=draw(st.integers(180, 300))))
    opened = st.one_of(st.just([morning]), st.just([morning]), st.lists(spans, max_size=2))
    chairs = tuple(
        ChairFacts(chair_id=number, name=f"Chair {number}", open=tuple(draw(opened)))
        for number in range(1, draw(st.integers(1, 3)) + 1)
    )
    cover = [(draw(spans), draw(st.integers(0, 3))) for _ in range(draw(st.integers(0, 3)))]
    held = tuple(
        Held(
            chair_id=draw(st.sampled_from([None, 1, 2, 3])),
            starts_at=dawn + timedelta(minutes=draw(minute)),
            shape=draw(shapes()),
        )
        for _ in range(draw(st.integers(0, 4)))
    )
    return DayFacts(
        on=on,
        zone=zone,
        chairs=chairs,
        cover=(*cover, (morning, draw(st.integers(0, 2)))),
        held=held,
        hours=draw(st.sampled_from([(), (morning,)])),
        grid_minutes=draw(st.sampled_from([1, 4, 5, 5, 5, 7, 10, 15])),
        start_step_minutes=draw(st.sampled_from([5, 5, 10, 15])),
        starts_per_nurse=draw(st.sampled_from([1, 1, 2])),
        shortest_chair_minutes=draw(st.sampled_from([0, 30, 60])),
    )


many = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(facts=day_facts(), shape=shapes())
def test_a_start_is_offered_exactly_when_the_plain_loops_allow_it_and_else_a_rule_is_named(
    facts: DayFacts, shape: VisitShape
) -> None:
    day = Day.build(facts)
    offered = {(start.starts_at, start.chair_id) for start in day.free(shape)}
    for starts_at in starts_to_try(facts):
        for chair in facts.chairs:
            allowed = may_stand(facts, shape, chair.chair_id, starts_at)
            refusals = day.refusals(shape, chair.chair_id, starts_at)
            assert allowed == ((starts_at, chair.chair_id) in offered) == (not refusals)
            assert day.fits(shape, chair.chair_id, starts_at) == allowed
            assert all(refusal.rule and refusal.sentence for refusal in refusals)


@many
@given(facts=day_facts(), shape=shapes(), pick=st.integers(0, 10_000))
def test_an_offered_start_keeps_every_minute_within_chairs_hours_and_nurses(
    facts: DayFacts, shape: VisitShape, pick: int
) -> None:
    day = Day.build(facts)
    offered = day.free(shape)
    if not offered:
        return
    starts_at, chair_id, _ = offered[pick % len(offered)]
    claim = Interval(starts_at, shape.times(starts_at).chair_until)
    chair = next(chair for chair in facts.chairs if chair.chair_id == chair_id)
    for minute in range(shape.chair_minutes):
        at = starts_at + timedelta(minutes=minute)
        assert any(span.starts_at <= at < span.ends_at for span in chair.open)
        share = share_at(shape, minute)
        used = sum(share_at(h.shape, _minutes(h.starts_at, at)) for h in facts.held)
        nurses = sum(n for span, n in facts.cover if span.starts_at <= at < span.ends_at)
        assert not share or used + share <= 100 * nurses
    for held in facts.held:
        assert held.chair_id != chair_id or held.span is None or not held.span.overlaps(claim)


def _minutes(starts_at: datetime, at: datetime) -> int:
    return (at - starts_at) // timedelta(minutes=1)


@many
@given(facts=day_facts(), shape=shapes(), picks=st.lists(st.integers(0, 10_000), max_size=5))
def test_booking_one_by_one_and_giving_back_leads_to_the_same_day_as_building_it_afresh(
    facts: DayFacts, shape: VisitShape, picks: list[int]
) -> None:
    day, before = Day.build(facts), Day.build(facts).free(shape)
    booked = []
    for pick in picks:
        offered = day.free(shape)
        if offered:
            start = offered[pick % len(offered)]
            day.book(shape, start.chair_id, start.starts_at)
            booked.append(start)
    held = tuple(Held(chair_id=c, starts_at=s, shape=shape, bay_id=b) for s, c, b in booked)
    afresh = Day.build(DayFacts(**{**vars(facts), "held": facts.held + held}))
    assert day.free(shape) == afresh.free(shape)
    for start in booked:
        day.unbook(shape, start.chair_id, start.starts_at, start.bay_id)
    assert day.free(shape) == before


@many
@given(facts=day_facts(), shape=shapes())
def test_a_sliver_is_a_free_hole_beside_the_visit_that_is_shorter_than_the_shortest_visit(
    facts: DayFacts, shape: VisitShape
) -> None:
    day = Day.build(facts)
    free_minutes = {
        chair.chair_id: _free_minutes(day, facts, chair.chair_id) for chair in facts.chairs
    }
    for starts_at, chair_id, _ in day.free(shape):
        free, start = free_minutes[chair_id], minute_of(facts, starts_at)
        slots = -(-shape.chair_minutes // facts.grid_minutes)
        left, right = start, start + slots * facts.grid_minutes
        while left - 1 in free:
            left -= 1
        while right in free:
            right += 1
        holes = (start - left, right - start - slots * facts.grid_minutes)
        expected = sum(0 < hole < facts.shortest_chair_minutes for hole in holes)
        assert day.slivers_at(shape, chair_id, starts_at) == expected


def _free_minutes(day: Day, facts: DayFacts, chair_id: int) -> set[int]:
    """Minutes of the slots in which a one-slot visit without a nurse could stand."""
    crumb = VisitShape(parts=(Part(name="prep", minutes=1),))
    facts = DayFacts(**{**vars(facts), "start_step_minutes": 1})
    return {
        minute_of(facts, starts_at) + extra
        for starts_at, chair, _ in Day.build(facts).free(crumb)
        if chair == chair_id
        for extra in range(facts.grid_minutes)
    }

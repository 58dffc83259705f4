"""A day's free starts against plain loops over minutes: an offered one books, no other does."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.planning.day_facts import ChairFacts, Counts, DayFacts, Held, Load
from scheduler.planning.daybook import CAPACITY_RULES, Day
from scheduler.planning.interval import Interval
from scheduler.planning.opening import instant
from scheduler.planning.visit import RESOURCES, Part, VisitShape
from tests.oracle.day import Minutes, minute_of, number_at, share_at, starts_to_try
from tests.oracle.starts import PlainDay

NEW_YORK = ZoneInfo("America/New_York")
DAYS = [
    (NEW_YORK, date(2027, 1, 13)),
    (NEW_YORK, date(2027, 3, 14)),
    (NEW_YORK, date(2027, 11, 7)),
    (ZoneInfo("Australia/Lord_Howe"), date(2027, 4, 4)),
    (ZoneInfo("Asia/Kathmandu"), date(2027, 5, 1)),
]
SHARES = st.sampled_from([0, 33, 50, 100])
CHAIRS = (1, 2, 3)
BAYS = (8, 9)
NAMES = ("prep", "infusion", "recovery", "discharge", "turnaround")
MINUTE = st.integers(0, 239)


@st.composite
def parts(draw: st.DrawFn, name: str, longest: int = 35) -> Part:
    steps = draw(st.lists(st.tuples(st.integers(1, 15), SHARES), max_size=2))
    return Part(
        name=name,
        minutes=draw(st.integers(0 if name == "recovery" else 1, longest)),
        nurse=tuple(steps),
        pump=draw(st.sampled_from([0, 0, 0, 1, 2])),
        monitor=draw(st.sampled_from([0, 0, 1])),
        provider=draw(st.sampled_from([False, False, True])),
        bay=name in ("recovery", "discharge") and draw(st.sampled_from([True, True, False])),
    )


@st.composite
def shapes(draw: st.DrawFn) -> VisitShape:
    chosen = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    checkin = Part(name="checkin", minutes=draw(st.integers(0, 20)), chair=False)
    in_chair = tuple(draw(parts(name)) for name in sorted(chosen, key=NAMES.index))
    return VisitShape(
        parts=(checkin, *in_chair), sedating=draw(st.sampled_from([False, False, True]))
    )


@st.composite
def resting(draw: st.DrawFn) -> VisitShape:
    """A long last part that may be spent in a bay, and little else."""
    infusion, turnaround = draw(parts("infusion")), draw(parts("turnaround", 12))
    recovery = Part(name="recovery", minutes=draw(st.integers(20, 60)), bay=True)
    discharge = draw(parts("discharge", 8))
    return VisitShape(parts=(infusion, recovery, discharge, turnaround))


ANY_SHAPE = st.one_of(shapes(), resting())


def spans_from(dawn: datetime) -> st.SearchStrategy[Interval]:
    return st.tuples(MINUTE, st.integers(1, 200)).map(
        lambda s: Interval(dawn + timedelta(minutes=s[0]), dawn + timedelta(minutes=s[0] + s[1]))
    )


@st.composite
def counts(draw: st.DrawFn, whole: Interval, spans: st.SearchStrategy[Interval]) -> Counts:
    """Some all day, some for a while, some away for a while: often none in the middle of it."""
    changes = draw(st.lists(st.tuples(spans, st.integers(-2, 2)), max_size=3))
    return (*changes, (whole, draw(st.integers(0, 2))))


@st.composite
def chairs_of_a_day(
    draw: st.DrawFn, whole: Interval, spans: st.SearchStrategy[Interval]
) -> tuple[ChairFacts, ...]:
    hours = draw(st.lists(spans, max_size=2))
    early = [
        Interval(whole.starts_at, whole.ends_at - timedelta(minutes=draw(st.integers(20, 90))))
    ]
    opened = st.sampled_from([[whole], early, hours])
    numbers = CHAIRS[: draw(st.integers(1, 3))] + BAYS[: draw(st.sampled_from([0, 1, 1, 2]))]
    return tuple(
        ChairFacts(
            chair_id=number,
            name=f"Chair {number}",
            open=tuple([whole] if number == BAYS[0] else draw(opened)),
            kind="bay" if number in BAYS else draw(st.sampled_from(["chair", "chair", "room"])),
        )
        for number in numbers
    )


@st.composite
def day_facts(draw: st.DrawFn) -> DayFacts:
    """A short day around the hours in which clocks change, with off-grid edges and visits."""
    zone, on = draw(st.sampled_from(DAYS))
    dawn = instant(zone, on, time(0, 30))
    spans = spans_from(dawn)
    whole = Interval(dawn, dawn + timedelta(minutes=draw(st.integers(180, 300))))
    plenty: st.SearchStrategy[Counts] = st.just(((whole, 9),))
    some = plenty if draw(st.booleans()) else counts(whole, spans)
    quarter = instant(zone, on, time())
    limits = [
        (Interval(quarter + n * QUARTER, quarter + (n + 1) * QUARTER), draw(st.integers(0, 2)))
        for n in range(draw(st.integers(0, 20)))
    ]
    return DayFacts(
        on=on,
        zone=zone,
        chairs=draw(chairs_of_a_day(whole, spans)),
        cover=draw(some),
        held=tuple(draw(st.lists(visits(dawn), min_size=draw(st.integers(0, 3)), max_size=5))),
        hours=draw(st.sampled_from([(), (whole,)])),
        grid_minutes=draw(st.sampled_from([1, 4, 5, 5, 5, 7, 10, 15])),
        start_step_minutes=draw(st.sampled_from([5, 5, 10, 15])),
        starts_per_nurse=draw(st.sampled_from([1, 1, 2])),
        shortest_chair_minutes=draw(st.sampled_from([0, 30, 60])),
        providers=draw(some),
        patients_per_provider=draw(st.sampled_from([1, 2, 4])),
        pumps=draw(st.one_of(st.none(), some)),
        monitors=draw(st.one_of(st.none(), some)),
        max_sedating_per_nurse=draw(st.sampled_from([None, 0, 1, 2])),
        latest_start=draw(st.sampled_from([None, time(), time(1, 30), time(2, 30), time(3, 40)])),
        loads=tuple(draw(st.lists(loads(spans), max_size=2))),
        start_limits=draw(st.sampled_from([None, None, tuple(limits)])),
    )


@st.composite
def bay_days(draw: st.DrawFn) -> DayFacts:
    """Staff for everybody; chairs that close early or are taken, beside a bay that stays open."""
    facts = draw(day_facts())
    dawn = instant(facts.zone, facts.on, time(0, 30))
    whole = Interval(dawn, dawn + timedelta(minutes=300))
    early = Interval(dawn, whole.ends_at - timedelta(minutes=draw(st.integers(0, 60))))
    chairs = tuple(
        ChairFacts(chair_id=number, name=f"Chair {number}", open=(early,)) for number in (1, 2)
    )
    bay = ChairFacts(chair_id=BAYS[0], name="Bay", open=(whole,), kind="bay")
    plenty = ((whole, 20),)
    return DayFacts(
        on=facts.on,
        zone=facts.zone,
        chairs=(*chairs, bay),
        cover=plenty,
        held=facts.held[:3],
        hours=(whole,),
        grid_minutes=facts.grid_minutes,
        start_step_minutes=5,
        starts_per_nurse=2,
        shortest_chair_minutes=facts.shortest_chair_minutes,
        providers=plenty,
    )


ANY_DAY = st.one_of(day_facts(), day_facts(), bay_days())
QUARTER = timedelta(minutes=15)


def visits(dawn: datetime) -> st.SearchStrategy[Held]:
    return st.builds(
        Held,
        chair_id=st.sampled_from([None, *CHAIRS, 8]),
        starts_at=MINUTE.map(lambda minute: dawn + timedelta(minutes=minute)),
        shape=ANY_SHAPE,
        bay_id=st.sampled_from([None, None, 8, 9]),
    )


def loads(spans: st.SearchStrategy[Interval]) -> st.SearchStrategy[Load]:
    return st.builds(
        Load, resource=st.sampled_from(RESOURCES), span=spans, hundredths=st.sampled_from([30, 100])
    )


KINDS = st.sampled_from([None, None, "chair", "room", "bay"])
many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
some = settings(many, max_examples=60)


@many
@given(facts=ANY_DAY, shape=ANY_SHAPE, kind=KINDS, bay_id=st.sampled_from([None, None, 8, 9]))
def test_a_start_is_offered_exactly_when_the_plain_loops_allow_it_and_else_the_same_rules_are_named(
    facts: DayFacts, shape: VisitShape, kind: str | None, bay_id: int | None
) -> None:
    """Every minute on every chair: what is refused is refused by the same rules, seats agree."""
    day, plain = Day.build(facts), Minutes(facts)
    offered = {(one.starts_at, one.chair_id): one for one in day.free(shape, kind)}
    for starts_at in starts_to_try(facts):
        start = minute_of(facts, starts_at)
        for chair in facts.chairs:
            broken = plain.broken(shape, chair.chair_id, start, kind)
            refusals = day.refusals(shape, chair.chair_id, starts_at, kind)
            assert {one_rule(refusal.rule) for refusal in refusals} == broken
            assert all(refusal.sentence.endswith(".") for refusal in refusals)
            assert ((starts_at, chair.chair_id) in offered) == (not broken)
            if not broken:
                seat = plain.seat(shape, chair, start, None, taken=True)
                assert offered[starts_at, chair.chair_id][1:] == seat
                named = plain.seat(shape, chair, start, bay_id, taken=True)
                assert day.seat(shape, chair.chair_id, starts_at, bay_id) == named
                assert day.fits(shape, chair.chair_id, starts_at, kind, bay_id) == bool(named)


def one_rule(rule: str) -> str:
    """Whether the site or the chair is closed (H3, H4) is a matter of words."""
    return "H3" if rule == "H4" else rule


@many
@given(facts=ANY_DAY, shape=ANY_SHAPE)
def test_each_rule_alone_takes_away_the_starts_that_break_it_and_no_others(
    facts: DayFacts, shape: VisitShape
) -> None:
    day, plain = Day.build(facts), Minutes(facts)
    print_ = day.footprint(shape)
    alone = {rule: day.starts(print_, CAPACITY_RULES - {rule}) for rule in CAPACITY_RULES}
    for slot in range(day.grid.slots):
        for chair in facts.chairs:
            broken = plain.broken(shape, chair.chair_id, day.grid.minute(slot))
            bit = slot + day.places[chair.chair_id] * day.width
            for rule, plane in alone.items():
                assert (plane >> bit & 1) == (not broken & {rule, "H3", "grid", "chair"}), rule


@some
@given(facts=ANY_DAY, shape=ANY_SHAPE, pick=st.integers(0, 10_000))
def test_an_offered_start_keeps_every_minute_within_chairs_hours_staff_and_equipment(
    facts: DayFacts, shape: VisitShape, pick: int
) -> None:
    day, plain = Day.build(facts), Minutes(facts)
    offered = day.free(shape)
    if not offered:
        return
    starts_at, chair_id, bay_id = offered[pick % len(offered)]
    own = Held(chair_id=chair_id, starts_at=starts_at, shape=shape, bay_id=bay_id)
    for one in facts.chairs:
        for span in own.spans_on(one.chair_id):
            assert (
                set(plain.minutes(span)) <= plain.opened[one.chair_id] - plain.taken[one.chair_id]
            )
    start = minute_of(facts, starts_at)
    for minute in range(shape.chair_minutes):
        for resource, there in _there(facts, start + minute).items():
            share = share_at(shape, minute, resource)
            used = sum(
                share_at(held.shape, start + minute - minute_of(facts, held.starts_at), resource)
                for held in facts.held
            )
            assert not share or used + share <= there


def _there(facts: DayFacts, minute: int) -> dict[str, int]:
    """Hundredths in this minute, of what is counted."""
    all_counts = {
        "nurse": (facts.cover, 1),
        "provider": (facts.providers, facts.patients_per_provider),
        "pump": (facts.pumps, 1),
        "monitor": (facts.monitors, 1),
    }
    return {
        name: 100 * each * number_at(facts, counts, minute)
        for name, (counts, each) in all_counts.items()
        if counts is not None
    }


@some
@given(facts=ANY_DAY, shape=ANY_SHAPE, picks=st.lists(st.integers(0, 10_000), max_size=5))
def test_booking_one_by_one_and_giving_back_leads_to_the_same_day_as_building_it_afresh(
    facts: DayFacts, shape: VisitShape, picks: list[int]
) -> None:
    day, before = Day.build(facts), Day.build(facts).free(shape)
    booked = []
    for pick in picks:
        offered = day.free(shape)
        if offered:
            start = offered[pick % len(offered)]
            seat = day.book(shape, start.chair_id, start.starts_at)
            assert seat == start[1:]
            booked.append(start)
    held = tuple(Held(chair_id=c, starts_at=s, shape=shape, bay_id=b) for s, c, b in booked)
    afresh = Day.build(DayFacts(**{**vars(facts), "held": facts.held + held}))
    assert day.free(shape) == afresh.free(shape)
    for start in booked:
        day.unbook(shape, start.chair_id, start.starts_at, start.bay_id)
    assert day.free(shape) == before


@some
@given(facts=ANY_DAY, shape=ANY_SHAPE)
def test_a_sliver_is_a_hole_beside_the_time_the_chair_is_held_too_short_for_the_shortest_visit(
    facts: DayFacts, shape: VisitShape
) -> None:
    day, expected = Day.build(facts), PlainDay(facts).starts(shape)
    assert [(minute_of(facts, one.starts_at), one.chair_id) for one in day.free(shape)] == sorted(
        ((one.minute, one.chair_id) for one in expected),
        key=lambda one: (one[0], day.places[one[1]]),
    )
    left, right = day.slivers(day.footprint(shape))
    for one in expected:
        at = day.grid.midnight + timedelta(minutes=one.minute)
        assert day.slivers_at(shape, one.chair_id, at) == one.slivers
        slot = (one.minute - day.grid.first) // facts.grid_minutes
        bit = day.places[one.chair_id] * day.width + slot
        assert (left >> bit & 1) + (right >> bit & 1) == one.slivers

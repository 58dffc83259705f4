"""Random series templates, each of them valid, from every corner of the model."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from scheduler.planning.phase import MISSED_POLICIES, MISSED_THEN
from scheduler.planning.schedules import UNITS, WEEKDAYS
from scheduler.planning.visit import PART_NAMES

Plain = dict[str, Any]
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_+-]{0,11}", fullmatch=True)
HIDDEN = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=HIDDEN)
TEXTS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=40),
    st.sampled_from(
        ["no", "3", "0.5", "null", "~", "- a", "a: b", "#x", "'", '"', "{}", "*a", "&a"]
    ),
)
NOTES = st.dictionaries(NAMES, st.lists(TEXTS, min_size=1, max_size=2), max_size=2)


def _given(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Plain]:
    """Some of the optional keys."""
    return st.fixed_dictionaries({}, optional=parts)


@st.composite
def gaps(draw: st.DrawFn, least: int = 1) -> Plain:
    steps = sorted(draw(st.lists(st.integers(least, least + 60), min_size=5, max_size=5)))
    gap = dict(zip(("hard_min", "target", "soft_max"), steps[:3], strict=True))
    extra = {"hard_max": steps[3], "recall_after": steps[4]}
    kept = draw(st.sets(st.sampled_from(sorted(extra))))
    return gap | {name: extra[name] for name in sorted(kept)}


@st.composite
def counts(draw: st.DrawFn, *, may_be_open: bool) -> Any:
    low, usual, high = sorted(draw(st.lists(st.integers(1, 30), min_size=3, max_size=3)))
    forms: list[Any] = [usual, {"min": low, "default": usual, "max": high}]
    return draw(st.sampled_from([*forms, "open"] if may_be_open else forms))


TOLERANCES = st.fixed_dictionaries({"before": st.integers(0, 9), "after": st.integers(0, 9)})
SETS = st.lists(
    st.sets(st.sampled_from(WEEKDAYS), min_size=1, max_size=6).map(sorted),
    max_size=3,
    unique_by=tuple,
)


@st.composite
def quotas(draw: st.DrawFn) -> Plain:
    sets: list[Any] = draw(SETS)
    ending = ["any"] if draw(st.booleans()) else []
    return {
        "type": "quota",
        "per_week": draw(st.integers(1, 7)),
        "count": draw(counts(may_be_open=True)),
        "weekday_sets": [*sets, *ending],
        "gap": draw(gaps()),
        **draw(_given(max_per_7d=st.integers(1, 7))),
    }


@st.composite
def everys(draw: st.DrawFn) -> Plain:
    options = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=3)))
    choice: Any = {"choice": options, "default": draw(st.sampled_from(options))}
    unit = draw(st.sampled_from(UNITS))
    relative = draw(st.booleans())
    gap = {"gap_rel": draw(gaps(least=0))} if relative else {"gap": draw(gaps())}
    count = draw(counts(may_be_open=True))
    return {"type": "every", "n": choice, "unit": unit, "count": count, **gap}


RISING = st.sets(st.integers(0, 400), min_size=1, max_size=6).map(sorted)


@st.composite
def fixed_days(draw: st.DrawFn) -> Plain:
    days = draw(RISING)
    extra = [day for day in draw(RISING) if day not in days and day > 0]
    ref = draw(st.sampled_from(["series_start", "phase_start"]))
    return {
        "type": "offsets",
        "days": days,
        "optional_days": extra,
        "ref": ref,
        "tol": draw(TOLERANCES),
    }


@st.composite
def runs(draw: st.DrawFn) -> Plain:
    cycle = st.fixed_dictionaries(
        {
            "n": st.integers(1, 12),
            "unit": st.sampled_from(UNITS),
            "times": counts(may_be_open=True),
        },
        optional={"tol": TOLERANCES},
    )
    return {
        "type": "daily_run",
        "count": draw(counts(may_be_open=False)),
        "run_on": draw(st.sampled_from(["clinic_days", "calendar_days"])),
        "max_break_days": draw(st.integers(1, 14)),
        **draw(_given(gap=gaps(), cycle=cycle)),
    }


@st.composite
def spreads(draw: st.DrawFn) -> Plain:
    return {
        "type": "spread",
        "count": draw(counts(may_be_open=False)),
        "within_days": draw(st.integers(1, 90)),
        "gap": draw(gaps()),
        **draw(_given(max_per_7d=st.integers(1, 7))),
    }


SCHEDULES = st.one_of(
    quotas(),
    everys(),
    fixed_days(),
    runs(),
    spreads(),
    gaps().map(lambda gap: {"type": "on_demand", "gap": gap}),
)


@st.composite
def phases(draw: st.DrawFn, name: str) -> Plain:
    schedule = draw(SCHEDULES)
    renew = _given(every_sessions=st.integers(1, 20), or_days=st.integers(1, 400)).filter(bool)
    missed = st.fixed_dictionaries(
        {"policy": st.sampled_from(MISSED_POLICIES), "then": st.sampled_from(MISSED_THEN)},
        optional={"if_gap_over": st.integers(1, 90), "if_span_over": st.integers(1, 90)},
    )
    found = draw(_given(title=TEXTS, optional=st.booleans(), missed=missed, renew=renew, src=NOTES))
    if schedule.get("count") == "open":
        found["renew"] = draw(renew)
    if "cycle" not in schedule:
        found |= draw(_given(span=st.just({"max_days": 40, "soft_max_days": 20})))
    reviews = st.lists(
        st.fixed_dictionaries({"at_week": st.integers(1, 50), "ask": TEXTS}), max_size=2
    )
    return {"id": name, "schedule": schedule, "reviews": draw(reviews), **found}


@st.composite
def profiles(draw: st.DrawFn) -> Plain:
    parts = draw(st.dictionaries(st.sampled_from(PART_NAMES), st.integers(5, 240), min_size=2))
    parts["infusion"] = draw(st.integers(5, 240))
    ranged = draw(st.sets(st.sampled_from(sorted(parts))))
    floors = draw(st.sets(st.sampled_from(sorted(parts))))
    return {
        "parts": parts,
        "range": {part: [parts[part], parts[part] + 10] for part in sorted(ranged)},
        "floors": {part: parts[part] for part in sorted(floors)},
        **draw(_given(title=TEXTS, src=NOTES, needs=st.sampled_from(["provider", "nurse"]))),
    }


ASKS = st.one_of(
    st.builds(
        lambda subject, word, value: {subject: {word: value}},
        st.sampled_from(["session_no", "session_no_in_phase", "days_since_last"]),
        st.sampled_from(["lt", "lte", "gt", "gte", "eq"]),
        st.integers(0, 400),
    ),
    st.builds(
        lambda subject, value: {subject: {"eq": value}}, st.sampled_from(["phase", "flag"]), NAMES
    ),
)
CONDITIONS = st.recursive(
    ASKS,
    lambda inner: st.builds(
        lambda word, several: {word: several},
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=4,
)
PREPS = _given(
    fasting_solids_h=st.integers(0, 96).map(lambda quarters: quarters / 4),
    limit_fluids_min=st.integers(0, 600),
    driver_required=st.sampled_from([True, False, "recommended"]),
    clothing=st.just("comfortable_arm_access"),
    arrive_early_min=st.integers(0, 60),
    hydrate=st.booleans(),
    src=NOTES,
)
SHARES = st.integers(0, 200).map(lambda hundredths: hundredths / 100)
NEEDS = st.dictionaries(
    st.sampled_from([part for part in PART_NAMES if part != "checkin"]),
    st.fixed_dictionaries(
        {
            "nurse": st.one_of(
                SHARES, SHARES.map(lambda one: [{"minutes": 10, "nurse": 1.0}, {"nurse": one}])
            )
        },
        optional={"pump": st.integers(0, 2), "provider_on_site": st.booleans()},
    ),
)


def _with_bay(needs: dict[str, dict[str, object]], bay: bool) -> dict[str, dict[str, object]]:
    """Recovery may be in a bay, and no part before it."""
    return {part: {**one, "bay": bay} if part == "recovery" else one for part, one in needs.items()}


NEEDS_AND_BAY = st.builds(_with_bay, NEEDS, st.booleans())
RUNGS = st.one_of(
    st.tuples(st.sampled_from(["R0", "R8"]), st.sampled_from([{"event": "booked"}])),
    st.tuples(st.sampled_from(["R2", "X1"]), st.sampled_from([{"local": "D-7 10:00"}])),
)
REMINDERS = st.lists(
    st.builds(
        lambda rung, rest: {"id": rung[0], "at": rung[1], **rest},
        RUNGS,
        st.fixed_dictionaries(
            {
                "channels": st.sampled_from([[], ["sms"], ["email", "sms"]]),
            },
            optional={
                "when": ASKS,
                "escalate": st.just({"after_h": 48, "to": "desk"}),
                "text": st.just("Bring your list."),
            },
        ),
    ),
    unique_by=lambda rule: str(rule["id"]),
    max_size=4,
)


@st.composite
def documents(draw: st.DrawFn) -> Plain:
    """A valid template as plain data."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    shapes = draw(st.dictionaries(NAMES, profiles(), min_size=1, max_size=2))
    rules = draw(
        st.lists(
            st.builds(lambda when: {"when": when, "use": next(iter(shapes))}, CONDITIONS),
            max_size=2,
        )
    )
    return {
        "id": draw(NAMES),
        "title": {"internal": draw(TEXTS)},
        "class": draw(st.sampled_from(["sedating", "non_sedating"])),
        "requires": draw(st.lists(NAMES, max_size=2, unique=True)),
        "prep": draw(PREPS),
        "reminders": draw(REMINDERS),
        "resources": draw(NEEDS_AND_BAY),
        "profiles": shapes,
        "profile_rules": [*rules, {"else": next(iter(shapes))}] if rules else [],
        "tasks": draw(st.lists(st.fixed_dictionaries({"at": TEXTS, "do": TEXTS}), max_size=2)),
        "phases": [draw(phases(name)) for name in names],
        "sources": {"S1": {"kind": "invented", "ref": draw(TEXTS)}},
    }

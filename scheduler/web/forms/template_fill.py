"""A template -> the texts in the editor's fields. `template_document` is the way back."""

from __future__ import annotations

from scheduler.planning.phase import Phase
from scheduler.planning.protocol import Protocol
from scheduler.planning.schedules import (
    ANY_DAY,
    WEEKDAYS,
    Count,
    DailyRun,
    Every,
    Gap,
    Offsets,
    Quota,
    Schedule,
    Spread,
    Tolerance,
)
from scheduler.planning.visit_profile import (
    Ask,
    Combined,
    Condition,
    PartNeeds,
    ProfileRule,
    VisitProfile,
)
from scheduler.planning.words.protocol import hours_words
from scheduler.web.forms import rung_fields
from scheduler.web.forms.template_values import Values

FOLLOWING = "@following"
"""As `next` of a phase: whichever phase stands after it."""


def filled(protocol: Protocol) -> Values:
    """Every field of the editor for this template."""
    values = Values()
    values.put("title.internal", protocol.title)
    values.put("title.public", protocol.public_title)
    values.put("class", "sedating" if protocol.sedating else "non_sedating")
    values.put("requires", ", ".join(protocol.requires))
    _prep(values, protocol)
    values.put("reminder", *[rule.id for rule in protocol.reminders])
    for rule in protocol.reminders:
        rung_fields.fill(values, rule, on=True)
    for needs in protocol.needs:
        _needs(values, needs)
    values.put("profile", *[profile.name for profile in protocol.profiles])
    for profile in protocol.profiles:
        fill_profile(values, profile)
    _rules(values, protocol.profile_rules)
    values.put("phase", *[phase.id for phase in protocol.phases])
    for place, phase in enumerate(protocol.phases):
        after = protocol.phases[place + 1].id if place + 1 < len(protocol.phases) else None
        fill_phase(values, phase, after)
    return values


def fill_phase(values: Values, phase: Phase, after: str | None) -> None:
    """`after` is the id of the phase that stands behind it, None at the end."""
    at = f"phases.{phase.id}"
    values.put(f"{at}.title", phase.label)
    values.put(f"{at}.optional", phase.optional)
    values.put(f"{at}.profile", phase.profile or "")
    values.put(f"{at}.next", FOLLOWING if phase.next == after else phase.next or "")
    values.put(f"{at}.span.soft_max_days", phase.span.soft_max_days)
    values.put(f"{at}.span.max_days", phase.span.max_days)
    values.put(f"{at}.reviews", *range(len(phase.reviews)))
    for place, review in enumerate(phase.reviews):
        values.put(f"{at}.reviews.{place}.when", "after" if review.after else "week")
        values.put(f"{at}.reviews.{place}.number", review.after or review.at_week)
        values.put(f"{at}.reviews.{place}.ask", review.ask)
    if phase.extend:
        values.put(f"{at}.extend.by", ", ".join(map(str, phase.extend.by)))
        values.put(f"{at}.extend.max_count", phase.extend.max_count)
        values.put(f"{at}.extend.needs", phase.extend.needs)
    if phase.missed:
        values.put(f"{at}.missed.policy", phase.missed.policy)
        values.put(f"{at}.missed.if_gap_over", phase.missed.if_gap_over)
        values.put(f"{at}.missed.if_span_over", phase.missed.if_span_over)
        values.put(f"{at}.missed.then", phase.missed.then or "")
    if phase.renew:
        values.put(f"{at}.renew.every_sessions", phase.renew.every_sessions)
        values.put(f"{at}.renew.or_days", phase.renew.or_days)
        values.put(f"{at}.renew.needs", phase.renew.needs)
    _schedule(values, f"{at}.schedule", phase.schedule)


def _schedule(values: Values, at: str, schedule: Schedule) -> None:
    values.put(f"{at}.type", schedule.kind)
    if isinstance(schedule, Quota):
        values.put(f"{at}.per_week", schedule.per_week)
        _sets(values, at, schedule.weekday_sets)
    if isinstance(schedule, Quota | Spread):
        values.put(f"{at}.max_per_7d", schedule.max_per_7d)
    if isinstance(schedule, Spread):
        values.put(f"{at}.within_days", schedule.within_days)
    if isinstance(schedule, Every):
        _every(values, at, schedule)
    if isinstance(schedule, Offsets):
        values.put(f"{at}.days", ", ".join(map(str, schedule.days)))
        values.put(f"{at}.optional_days", ", ".join(map(str, schedule.optional_days)))
        values.put(f"{at}.ref", schedule.ref)
        _tolerance(values, f"{at}.tol", schedule.tol)
    if isinstance(schedule, DailyRun):
        _run(values, at, schedule)
    if isinstance(schedule, Quota | Spread | Every | DailyRun):
        _count(values, f"{at}.count", schedule.count)
    _gap(values, at, schedule)


def _every(values: Values, at: str, schedule: Every) -> None:
    values.put(f"{at}.n", ", ".join(map(str, schedule.n.options)))
    values.put(f"{at}.n_default", schedule.n.default if len(schedule.n.options) > 1 else None)
    values.put(f"{at}.unit", schedule.unit)
    values.put(f"{at}.first_ref", schedule.first_ref or "")


def _run(values: Values, at: str, run: DailyRun) -> None:
    values.put(f"{at}.run_on", run.run_on)
    values.put(f"{at}.max_break_days", run.max_break_days)
    values.put(f"{at}.repeats", run.cycle is not None)
    if run.cycle:
        values.put(f"{at}.cycle.n", run.cycle.n)
        values.put(f"{at}.cycle.unit", run.cycle.unit)
        _tolerance(values, f"{at}.cycle.tol", run.cycle.tol)
        _count(values, f"{at}.cycle.times", run.cycle.times)


def _gap(values: Values, at: str, schedule: Schedule) -> None:
    relative = isinstance(schedule, Every) and schedule.gap_rel is not None
    if isinstance(schedule, Offsets):
        return
    gap: Gap | None = schedule.gap_rel if isinstance(schedule, Every) and relative else schedule.gap
    values.put(f"{at}.gap_kind", "gap_rel" if relative else "gap")
    if gap:
        for name in ("hard_min", "target", "soft_max", "hard_max", "recall_after"):
            values.put(f"{at}.gap.{name}", getattr(gap, name))


def _count(values: Values, at: str, count: Count) -> None:
    values.put(f"{at}.open", count.is_open)
    values.put(f"{at}.default", count.default)
    if not count.is_fixed and not count.is_open:
        values.put(f"{at}.min", count.minimum)
        values.put(f"{at}.max", count.maximum)


def _tolerance(values: Values, at: str, tol: Tolerance) -> None:
    values.put(f"{at}.before", tol.before)
    values.put(f"{at}.after", tol.after)


def _sets(values: Values, at: str, sets: tuple[frozenset[int], ...]) -> None:
    listed = [one for one in sets if one != ANY_DAY]
    values.put(f"{at}.any", sets[-1] == ANY_DAY)
    values.put(f"{at}.sets", *range(len(listed)))
    for place, days in enumerate(listed):
        values.put(f"{at}.sets.{place}", *[WEEKDAYS[day] for day in sorted(days)])


def fill_profile(values: Values, profile: VisitProfile) -> None:
    at = f"profiles.{profile.name}"
    values.put(f"{at}.title", profile.label)
    values.put(f"{at}.needs", profile.needs or "")
    for part, minutes in profile.parts:
        values.put(f"{at}.parts.{part}", minutes)
    for part, low, high in profile.ranges:
        values.put(f"{at}.low.{part}", low)
        values.put(f"{at}.high.{part}", high)
    for part, floor in profile.floors:
        values.put(f"{at}.floors.{part}", floor)


def _rules(values: Values, rules: tuple[ProfileRule, ...]) -> None:
    """The last one, else, is a field of its own; conditions that rows cannot show are kept
    whole."""
    conditional = [rule for rule in rules if rule.when is not None]
    values.put("rule", *range(len(conditional)))
    values.put("rules.else", next((rule.use for rule in rules if rule.when is None), ""))
    for place, rule in enumerate(conditional):
        at = f"rules.{place}"
        values.put(f"{at}.use", rule.use)
        asks = _asks(rule.when)
        if asks is None:
            values.put(f"{at}.kept", place)
            continue
        values.put(f"{at}.join", "any" if _is_any(rule.when) else "all")
        values.put(f"{at}.tests", *range(len(asks)))
        for number, ask in enumerate(asks):
            values.put(f"{at}.tests.{number}.subject", ask.subject)
            values.put(f"{at}.tests.{number}.op", ask.tests[0][0])
            values.put(f"{at}.tests.{number}.value", ask.tests[0][1])


def _is_any(condition: Condition | None) -> bool:
    return isinstance(condition, Combined) and not condition.every


def _asks(condition: Condition | None) -> list[Ask] | None:
    """The questions of a condition that is one question, or several joined once."""
    if isinstance(condition, Ask):
        return [condition] if len(condition.tests) == 1 else None
    inner = condition.conditions if condition else ()
    asks = [one for one in inner if isinstance(one, Ask) and len(one.tests) == 1]
    return asks if len(asks) == len(inner) and len(asks) > 1 else None


def _needs(values: Values, needs: PartNeeds) -> None:
    at = f"resources.{needs.name}"
    steps = [f"{share / 100:g} for {minutes} min" for minutes, share in needs.nurse[:-1]]
    last = needs.nurse[-1][1] / 100 if needs.nurse else 0
    values.put(f"{at}.nurse", ", then ".join([*steps, f"{last:g}"]))
    values.put(f"{at}.pump", needs.pump or None)
    values.put(f"{at}.monitor", needs.monitor or None)
    values.put(f"{at}.provider_on_site", needs.provider_on_site)
    values.put(f"{at}.bay", needs.bay)


def _prep(values: Values, protocol: Protocol) -> None:
    prep = protocol.prep
    for name, minutes in (
        ("fasting_solids", prep.fasting_solids_minutes),
        ("limit_fluids", prep.limit_fluids_minutes),
        ("nasal_products_gap", prep.nasal_products_gap_minutes),
        ("alcohol_before", prep.alcohol_before_minutes),
        ("alcohol_after", prep.alcohol_after_minutes),
    ):
        values.put(f"prep.{name}", hours_words(minutes).removesuffix(" h") if minutes else None)
    values.put("prep.driver", prep.driver)
    values.put("prep.arrive_early", prep.arrive_early_minutes or None)
    for name in ("no_driving_until", "clothing", "medicines", "hydrate", "infection_check"):
        values.put(f"prep.{name}", bool(getattr(prep, name)))

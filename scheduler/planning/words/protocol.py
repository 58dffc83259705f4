"""A template in plain words: sections of rows, and what differs between two versions of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scheduler.planning.phase import Missed, Phase, Renew
from scheduler.planning.preparation import PrepSet
from scheduler.planning.protocol import PART_LABELS, Protocol
from scheduler.planning.schedules import Offsets, Quota, Spread
from scheduler.planning.visit_profile import Ask, Condition, PartNeeds, VisitProfile
from scheduler.planning.words.cadence import gap_words, pattern, weekday_words
from scheduler.planning.words.reminder import channel_words, occasion

POLICIES = {
    "reflow": "move the rest, keep the number of visits",
    "reanchor_prev": "count on from the actual date",
    "asap_then_reanchor": "as soon as possible, then count on from there",
    "append_day": "add a day at the end",
    "keep_grid": "keep the other dates",
}
THEN = {
    "provider_review": "a provider decides",
    "provider_review_may_return_to_previous_phase": (
        "a provider decides, also about going back to the phase before"
    ),
    "provider_review_may_reload": "a provider decides, also about starting again",
}
OPERATOR_WORDS = {
    "lt": "under",
    "lte": "up to",
    "gt": "over",
    "gte": "from",
    "eq": "is",
}
SUBJECT_WORDS = {
    "session_no": "number in the series",
    "session_no_in_phase": "number in the phase",
    "days_since_last": "days since the visit before",
    "phase": "phase",
    "flag": "patient's flag",
}


@dataclass(frozen=True)
class Row:
    """One line: `before` is what another version says there (None: the same, "": nothing)."""

    label: str
    value: str
    before: str | None = None


@dataclass(frozen=True)
class Section:
    """`key` is the same in every version of a template."""

    key: str
    title: str
    rows: tuple[Row, ...]

    @property
    def changes(self) -> int:
        return sum(row.before is not None for row in self.rows)


def sections(protocol: Protocol) -> tuple[Section, ...]:
    """Everything that the template says, in the order in which people read it."""
    return (
        Section("about", "About", tuple(_about(protocol))),
        *(_phase_section(phase, protocol) for phase in protocol.phases),
        *(_profile_section(profile, protocol) for profile in protocol.profiles),
        Section("prep", "Preparation", tuple(prep_rows(protocol.prep))),
        Section("reminders", "Reminders", tuple(_reminders(protocol))),
        Section("resources", "What the parts of a visit need", tuple(_resources(protocol))),
    )


def compared(new: Protocol, old: Protocol | None) -> tuple[Section, ...]:
    """The new one's sections, each row marked where the old one says something else."""
    if old is None:
        return sections(new)
    before = {section.key: section for section in sections(old)}
    found = [_marked(section, before.pop(section.key, None)) for section in sections(new)]
    gone = (
        replace(one, rows=tuple(Row(r.label, "", r.value) for r in one.rows))
        for one in before.values()
    )
    return (*found, *(replace(one, title=f"{one.title} (removed)") for one in gone))


def _marked(section: Section, old: Section | None) -> Section:
    """A label may stand several times (two reviews in one week): the first is held against the
    first."""
    said = _numbered(old.rows) if old else {}
    rows = [
        row if before == row.value else replace(row, before=before)
        for place, row in _numbered(section.rows).items()
        for before in [said.pop(place).value if place in said else ""]
    ]
    rows += [Row(row.label, "", row.value) for row in said.values()]
    return replace(section, rows=tuple(rows))


def _numbered(rows: Iterable[Row]) -> dict[tuple[str, int], Row]:
    """Rows by label and how often the label stood before, in order."""
    found: dict[tuple[str, int], Row] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        found[row.label, seen[row.label]] = row
        seen[row.label] += 1
    return found


def _about(protocol: Protocol) -> Iterator[Row]:
    yield Row("Title", protocol.title)
    yield Row("Patients read", protocol.public_title)
    yield Row("Kind", "sedating" if protocol.sedating else "not sedating")
    if protocol.requires:
        yield Row("Needs enrolment", ", ".join(one.replace("_", " ") for one in protocol.requires))
    for task in protocol.tasks:
        yield Row(f"Task, {task.at}", task.do.replace("_", " "))


def _phase_section(phase: Phase, protocol: Protocol) -> Section:
    return Section(f"phase:{phase.id}", phase.label, tuple(_phase(phase, protocol)))


def _phase(phase: Phase, protocol: Protocol) -> Iterator[Row]:
    schedule = phase.schedule
    yield Row("Pattern", pattern(phase))
    if not isinstance(schedule, Offsets):
        yield Row("Days between visits", gap_words(phase))
    if isinstance(schedule, Quota):
        yield Row("Weekday sets, best first", weekday_words(schedule.weekday_sets))
    if isinstance(schedule, Quota | Spread) and schedule.max_per_7d:
        yield Row("At most in any 7 days", str(schedule.max_per_7d))
    yield from _limits(phase)
    if phase.missed:
        yield Row("When a visit is missed", _missed(phase.missed))
    if phase.renew:
        yield Row("Order is renewed", _renew(phase.renew))
    if phase.optional:
        yield Row("Optional", "yes")
    if phase.profile:
        yield Row("Visit profile", protocol.profile(phase.profile).label)
    yield Row("After it", protocol.phase(phase.next).label if phase.next else "the series ends")


def _limits(phase: Phase) -> Iterator[Row]:
    if phase.span.max_days is not None:
        yield Row("Whole phase within", f"{phase.span.max_days} days, first to last visit")
    if phase.span.soft_max_days is not None:
        yield Row("Flagged when longer than", f"{phase.span.soft_max_days} days")
    for review in phase.reviews:
        when = f"after visit {review.after}" if review.after else f"in week {review.at_week}"
        yield Row(f"Review {when}", review.ask)
    if phase.extend:
        by = ", ".join(str(number) for number in phase.extend.by)
        yield Row(
            "An order may add", f"{by} visits at a time, up to {phase.extend.max_count} in all"
        )


def _missed(missed: Missed) -> str:
    text = POLICIES[missed.policy]
    if missed.if_gap_over and missed.then:
        text += f"; over {missed.if_gap_over} days between visits {THEN[missed.then]}"
    if missed.if_span_over and missed.then:
        text += f"; if the phase takes over {missed.if_span_over} days {THEN[missed.then]}"
    return text


def _renew(renew: Renew) -> str:
    parts = [f"every {renew.every_sessions} visits"] if renew.every_sessions else []
    parts += [f"every {renew.or_days} days"] if renew.or_days else []
    return " or ".join(parts)


def _profile_section(profile: VisitProfile, protocol: Protocol) -> Section:
    rows = [Row(PART_LABELS[part], _minutes(profile, part)) for part, _ in profile.parts]
    used = [*_rules_for(profile, protocol)]
    rows += [Row("Used", "; ".join(used))] if used else []
    rows += [Row("Needs", profile.needs)] if profile.needs else []
    rows += [Row(f"Task, {task.at}", task.do.replace("_", " ")) for task in profile.tasks]
    return Section(f"profile:{profile.name}", profile.label, tuple(rows))


def _minutes(profile: VisitProfile, part: str) -> str:
    low, high = profile.limits(part)
    text = f"{profile.minutes(part)} min"
    text += f", {low} to {high} possible" if low != high else ""
    floor = dict(profile.floors).get(part)
    return text + (f", never under {floor}" if floor else "")


def _rules_for(profile: VisitProfile, protocol: Protocol) -> Iterator[str]:
    for rule in protocol.profile_rules:
        if rule.use == profile.name:
            yield condition_words(rule.when) if rule.when else "in all other cases"


def condition_words(condition: Condition) -> str:
    """ "number in the series up to 1" """
    if isinstance(condition, Ask):
        tests = (f"{OPERATOR_WORDS[word]} {value}" for word, value in condition.tests)
        return f"{SUBJECT_WORDS[condition.subject]} {' and '.join(tests)}"
    word = " and " if condition.every else " or "
    return word.join(condition_words(one) for one in condition.conditions)


def prep_rows(prep: PrepSet) -> Iterator[Row]:
    yield from _elapsed(
        ("No food before", prep.fasting_solids_minutes),
        ("No drinks before", prep.limit_fluids_minutes),
        ("No nose sprays before", prep.nasal_products_gap_minutes),
        ("No alcohol before", prep.alcohol_before_minutes),
        ("No alcohol after", prep.alcohol_after_minutes),
    )
    yield Row(
        "Driver",
        {"required": "needed", "recommended": "better with one"}.get(prep.driver, "not needed"),
    )
    said = (
        ("No driving until", "next morning, after a night's sleep", prep.no_driving_until),
        ("Clothing", "loose sleeves", prep.clothing),
        ("Medicines", "the list of the order", prep.medicines),
        ("Water", "drink plenty before", prep.hydrate),
        ("Fever or infection", "call before coming", prep.infection_check),
    )
    for label, words, holds in said:
        if holds:
            yield Row(label, words)
    early = prep.arrive_early_minutes
    yield Row("Arrive early", f"{early} min" if early else "by check-in")


def _elapsed(*rules: tuple[str, int]) -> Iterator[Row]:
    for label, minutes in rules:
        if minutes:
            yield Row(label, hours_words(minutes))


def hours_words(minutes: int) -> str:
    """ "4 h", "0.5 h", "20 min" """
    return f"{minutes / 60:g} h" if minutes % 15 == 0 else f"{minutes} min"


def _reminders(protocol: Protocol) -> Iterator[Row]:
    for rule in protocol.reminders:
        yield Row(f"{occasion(rule)} ({rule.id})", channel_words(rule.channels))


def _resources(protocol: Protocol) -> Iterator[Row]:
    for needs in protocol.needs:
        if words := list(_needed(needs)):
            yield Row(PART_LABELS[needs.name], ", ".join(words))


def _needed(needs: PartNeeds) -> Iterable[str]:
    shares = [*needs.nurse]
    for minutes, share in shares[:-1]:
        yield f"{share / 100:g} of a nurse for {minutes} min"
    if shares and shares[-1][1]:
        yield f"{'then ' if len(shares) > 1 else ''}{shares[-1][1] / 100:g} of a nurse"
    for number, name in ((needs.pump, "pump"), (needs.monitor, "monitor")):
        if number:
            yield f"a {name}" if number == 1 else f"{number} {name}s"
    if needs.provider_on_site:
        yield "provider on site"
    if needs.bay:
        yield "may go on in a recovery bay"

"""A protocol -> self-contained plain data in the words of domain E, keys in a fixed order."""

from __future__ import annotations

from typing import Any

from scheduler.planning.phase import Phase
from scheduler.planning.preparation import PrepSet
from scheduler.planning.protocol import Protocol
from scheduler.planning.rung import ReminderRule
from scheduler.planning.visit_profile import (
    Ask,
    Condition,
    Duty,
    Notes,
    PartNeeds,
    ProfileRule,
    VisitProfile,
)
from scheduler.planning.writing.schedule import Plain, given, schedule_to_plain

DRIVER_WORDS: dict[str, bool | str] = {
    "none": False,
    "recommended": "recommended",
    "required": True,
}
HOURS = {  # field of PrepSet -> its name without the unit
    "fasting_solids_minutes": "fasting_solids",
    "limit_fluids_minutes": "limit_fluids",
    "alcohol_before_minutes": "alcohol_before",
    "alcohol_after_minutes": "alcohol_after",
    "nasal_products_gap_minutes": "nasal_products_gap",
}


def to_plain(protocol: Protocol) -> Plain:
    """`from_plain` gives the same protocol back."""
    return {
        "id": protocol.id,
        "title": {"internal": protocol.title, "public": protocol.public_title},
        "class": "sedating" if protocol.sedating else "non_sedating",
        **given(requires=list(protocol.requires)),
        "prep": prep_to_plain(protocol.prep, protocol.prep_src),
        **given(reminders=[reminder_to_plain(rule) for rule in protocol.reminders]),
        "resources": {needs.name: needs_to_plain(needs) for needs in protocol.needs},
        "profiles": {profile.name: profile_to_plain(profile) for profile in protocol.profiles},
        **given(
            profile_rules=[_rule(rule) for rule in protocol.profile_rules],
            tasks=_duties(protocol.tasks),
            tasks_src=notes_to_plain(protocol.tasks_src),
        ),
        "phases": [phase_to_plain(phase) for phase in protocol.phases],
        **given(sources={one.key: {"kind": one.kind, "ref": one.ref} for one in protocol.sources}),
    }


def prep_to_plain(prep: PrepSet, src: Notes = ()) -> Plain:
    """Hours where they are quarters of an hour, else minutes; nothing for what is not asked of the
    patient."""
    plain: Plain = {}
    for field, name in HOURS.items():
        if minutes := getattr(prep, field):
            quarters, rest = divmod(minutes, 15)
            whole_hours, part = divmod(quarters, 4)
            hours = whole_hours if part == 0 else quarters / 4
            plain |= {f"{name}_min": minutes} if rest else {f"{name}_h": hours}
    return plain | given(
        driver_required=DRIVER_WORDS[prep.driver],
        no_driving_until=prep.no_driving_until,
        clothing=prep.clothing,
        medicines=prep.medicines,
        arrive_early_min=prep.arrive_early_minutes or None,
        hydrate=prep.hydrate,
        infection_check=prep.infection_check,
        src=notes_to_plain(src),
    )


def reminder_to_plain(rule: ReminderRule) -> Plain:
    return {"id": rule.id, "at": rule.at} | given(
        when=rule.when,
        channels=list(rule.channels),
        action=rule.action,
        escalate=rule.escalate,
        optional=rule.optional,
        text=rule.text,
    )


def needs_to_plain(needs: PartNeeds) -> Plain:
    steps = [{"minutes": minutes, "nurse": _share(share)} for minutes, share in needs.nurse[:-1]]
    last = needs.nurse[-1][1] if needs.nurse else 0
    nurse = [*steps, {"nurse": _share(last)}] if steps else _share(last)
    return {"chair": needs.chair, "nurse": nurse} | given(
        pump=needs.pump or None,
        monitor=needs.monitor or None,
        provider_on_site=needs.provider_on_site,
        bay=needs.bay,
    )


def _share(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def profile_to_plain(profile: VisitProfile) -> Plain:
    return given(
        title=profile.title,
        parts=dict(profile.parts),
        range={name: [low, high] for name, low, high in profile.ranges},
        floors=dict(profile.floors),
        tasks=_duties(profile.tasks),
        needs=profile.needs,
        src=notes_to_plain(profile.src),
    )


def phase_to_plain(phase: Phase) -> Plain:
    extend, missed, renew = phase.extend, phase.missed, phase.renew
    return {
        "id": phase.id,
        **given(title=phase.title, optional=phase.optional, profile=phase.profile),
    } | given(
        schedule=schedule_to_plain(phase.schedule),
        span=given(soft_max_days=phase.span.soft_max_days, max_days=phase.span.max_days),
        reviews=[given(after=one.after, at_week=one.at_week, ask=one.ask) for one in phase.reviews],
        extend=extend
        and {"by": list(extend.by), "max_count": extend.max_count, "needs": extend.needs},
        missed=missed
        and given(
            policy=missed.policy,
            if_gap_over=missed.if_gap_over,
            if_span_over=missed.if_span_over,
            then=missed.then,
        ),
        renew=renew
        and given(every_sessions=renew.every_sessions, or_days=renew.or_days, needs=renew.needs),
        next=phase.next,
        src=notes_to_plain(phase.src),
    )


def condition_to_plain(condition: Condition) -> Plain:
    if isinstance(condition, Ask):
        return {condition.subject: dict(condition.tests)}
    word = "all" if condition.every else "any"
    return {word: [condition_to_plain(one) for one in condition.conditions]}


def _rule(rule: ProfileRule) -> Plain:
    return (
        {"else": rule.use}
        if rule.when is None
        else {"when": condition_to_plain(rule.when), "use": rule.use}
    )


def _duties(tasks: tuple[Duty, ...]) -> list[dict[str, Any]]:
    return [{"at": task.at, "do": task.do} for task in tasks]


def notes_to_plain(notes: Notes) -> Plain:
    return {field: list(words) for field, words in notes}

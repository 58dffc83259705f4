"""What each field of the template editor is called, for the list of what needs the person."""

from __future__ import annotations

from scheduler.planning.protocol import PART_LABELS
from scheduler.planning.visit_profile import spoken
from scheduler.web.forms.template_values import Values

FIELDS = {
    "title.internal": "Name for staff",
    "title.public": "What patients read",
    "class": "Kind",
    "requires": "Needs enrolment in",
    "note": "What changed",
    "prep.fasting_solids": "No food before",
    "prep.limit_fluids": "No drinks before",
    "prep.alcohol_before": "No alcohol before",
    "prep.alcohol_after": "No alcohol after",
    "prep.nasal_products_gap": "No nose sprays before",
    "prep.arrive_early": "Arrive early by",
    "prep.driver": "Someone takes the patient home",
    "rules.else": "In all other cases",
}
OF_PHASE = {
    "title": "name",
    "profile": "visits look like",
    "next": "after it",
    "span.max_days": "whole phase within",
    "span.soft_max_days": "flag it when longer than",
    "extend.by": "an order may add",
    "extend.max_count": "never more than",
    "missed.policy": "when a visit is missed",
    "missed.then": "then",
    "missed.if_gap_over": "if a gap is over",
    "missed.if_span_over": "if it all takes over",
    "renew.every_sessions": "order is renewed every",
    "renew.or_days": "or every",
    "schedule.type": "pattern",
    "schedule.per_week": "a week",
    "schedule.max_per_7d": "in any 7 days",
    "schedule.any": "weekday sets",
    "schedule.count.default": "visits",
    "schedule.count.min": "at least",
    "schedule.count.max": "at most",
    "schedule.n": "every",
    "schedule.n_default": "usually",
    "schedule.unit": "unit",
    "schedule.first_ref": "first one counted from",
    "schedule.gap.hard_min": "least gap",
    "schedule.gap.target": "best gap",
    "schedule.gap.soft_max": "gap good up to",
    "schedule.gap.hard_max": "gap limit",
    "schedule.gap.recall_after": "recall after",
    "schedule.days": "days",
    "schedule.optional_days": "further days",
    "schedule.ref": "day 0",
    "schedule.tol.before": "may be earlier by",
    "schedule.tol.after": "may be later by",
    "schedule.run_on": "counted in",
    "schedule.max_break_days": "longest break inside",
    "schedule.cycle.n": "again every",
    "schedule.cycle.unit": "unit of the cycle",
    "schedule.cycle.tol.before": "may start earlier by",
    "schedule.cycle.tol.after": "may start later by",
    "schedule.cycle.times.default": "runs",
    "schedule.within_days": "within",
}
OF_REMINDER = {
    "days": "days before",
    "else.time": "usual time",
    "offset": "minutes before",
    "working": "working days before",
    "list": "days",
    "pause": "days without a visit",
    "second.days": "second way, days before",
    "second.time": "second way, time",
    "call.days": "call, days before",
    "call.time": "call, time",
    "call.hours": "call, hours after",
    "call.before": "call, days before",
    "call.offset": "call, minutes before",
    "text": "what it says",
}
OF_PROFILE = {
    "parts": "minutes of",
    "low": "from, for",
    "high": "to, for",
    "floors": "never under, for",
}


def field_label(values: Values, name: str) -> str:
    """ "Induction: least gap", "Standard visit: minutes of Infusion", "No food before" """
    if name in FIELDS:
        return FIELDS[name]
    group, _, rest = name.partition(".")
    owner, _, field = rest.partition(".")
    if group == "phases":
        return f"{values.one(f'phases.{owner}.title') or 'Phase'}: {_of_phase(field)}"
    if group == "profiles":
        return f"{values.one(f'profiles.{owner}.title') or 'Visit'}: {_of_profile(field)}"
    if group == "resources":
        return f"{PART_LABELS.get(owner, owner)}: {_last(field)}"
    if group == "reminders":
        return f"Reminder {owner}: {OF_REMINDER.get(field, _last(field))}"
    return "Which visit looks like which" if group == "rules" else spoken(name)


def _of_phase(field: str) -> str:
    if field in OF_PHASE:
        return OF_PHASE[field]
    return "weekday sets" if field.startswith("schedule.sets") else field.split(".")[0]


def _of_profile(field: str) -> str:
    kind, _, part = field.partition(".")
    return f"{OF_PROFILE[kind]} {PART_LABELS.get(part, part)}" if kind in OF_PROFILE else "name"


def _last(field: str) -> str:
    return field.rpartition(".")[2].replace("_", " ")

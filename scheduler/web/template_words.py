"""Words, lists and small figures that the templates of the template pages ask for."""

from __future__ import annotations

from typing import Any

from scheduler.planning.phase import counts
from scheduler.planning.protocol import PART_LABELS
from scheduler.planning.visit import PART_NAMES
from scheduler.planning.visit_profile import BAY_PARTS
from scheduler.planning.words.cadence import KIND_HELP, KIND_LABELS, REFS, short
from scheduler.planning.words.protocol import (
    OPERATOR_WORDS,
    POLICIES,
    SUBJECT_WORDS,
    THEN,
    condition_words,
)
from scheduler.planning.words.reminder import CHANNELS, about, channel_words, occasion
from scheduler.planning.words.source import source_rows
from scheduler.web.filters import length_text
from scheduler.web.forms.protocols import TemplateForm
from scheduler.web.rung_words import reminder_title
from scheduler.web.template_labels import field_label

Pairs = list[tuple[str, str]]
MOST_NAMED = 10


def context() -> dict[str, Any]:
    """For render_template of every page about templates."""
    return {
        "kinds": KIND_LABELS,
        "kind_help": KIND_HELP,
        "refs": REFS,
        "policies": POLICIES,
        "then_words": THEN,
        "subjects": SUBJECT_WORDS,
        "operators": OPERATOR_WORDS,
        "channels": CHANNELS,
        "part_labels": PART_LABELS,
        "bay_parts": BAY_PARTS,
        **{one.__name__: one for one in HELPERS},
    }


def opened(form: TemplateForm, at: str, *parts: str) -> bool:
    """A folded part opens by itself where something in it needs the person or has the focus."""
    names = [name for name, messages in form.errors.items() if messages]
    inside = tuple(f"{at}.{part}" for part in parts)
    return any(name.startswith(inside) for name in (*names, form.focus)) or (
        form.focus.startswith("add-review-") and form.focus.endswith(at.rpartition(".")[2])
    )


def has_errors(form: TemplateForm, at: str) -> bool:
    return any(name == at or name.startswith(f"{at}.") for name in form.errors)


def phase_names(form: TemplateForm, but: str = "") -> Pairs:
    """(id, title) of every phase but one."""
    ids = [one for one in form.values.many("phase") if one != but]
    return [(one, form.values.one(f"phases.{one}.title") or one) for one in ids]


def named_visits(form: TemplateForm, phase_id: str) -> Pairs:
    """("induction#1", "visit 1 of Induction") for the first visits of each earlier phase."""
    found: Pairs = []
    for phase in form.template.phases:
        if phase.id == phase_id:
            break
        numbers = range(1, min(counts(phase).default, MOST_NAMED) + 1)
        found += [
            (f"{phase.id}#{number}", f"visit {number} of {phase.label}") for number in numbers
        ]
    return found


def profile_names(form: TemplateForm) -> Pairs:
    names = form.values.many("profile")
    return [(one, form.values.one(f"profiles.{one}.title") or one) for one in names]


def phase_short(form: TemplateForm, phase_id: str) -> str:
    """ "6 visits" for the tab, as far as the phase can be understood."""
    for phase in form.template.phases:
        if phase.id == phase_id:
            return f"{'optional, ' if phase.optional else ''}{short(phase)}"
    return ""


def minutes_of(form: TemplateForm, profile: str) -> list[tuple[str, int]]:
    """What the bar shows; a part that is no number yet is left out."""
    typed = ((part, form.values.one(f"profiles.{profile}.parts.{part}")) for part in PART_NAMES)
    return [(part, int(text)) for part, text in typed if text.isdecimal() and 0 < int(text) <= 1440]


def totals(form: TemplateForm, profile: str) -> str:
    """ "patient 1 h 40, chair 1 h 45" """
    parts = minutes_of(form, profile)
    stay = sum(minutes for part, minutes in parts if part != "turnaround")
    chair = sum(minutes for part, minutes in parts if part != "checkin")
    return f"patient {length_text(stay)}, chair {length_text(chair)}"


def kept_condition(form: TemplateForm, number: str) -> str:
    """A condition that rows cannot show, in words."""
    rules = [rule for rule in form.base.profile_rules if rule.when is not None]
    kept = form.values.one(f"rules.{number}.kept")
    place = int(kept) if kept.isdecimal() else len(rules)
    when = rules[place].when if place < len(rules) else None
    return f"If {condition_words(when)}" if when else "If nothing"


HELPERS = (
    opened,
    has_errors,
    field_label,
    named_visits,
    phase_names,
    profile_names,
    phase_short,
    minutes_of,
    totals,
    kept_condition,
    reminder_title,
    occasion,
    about,
    channel_words,
    source_rows,
)

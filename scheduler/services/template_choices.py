"""The templates and phases that the desk may book, with the limits of what may be set
differently."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import ProtocolVersion
from scheduler.planning.phase import CountLimits, Phase, counts
from scheduler.planning.phase_rules import rules_of
from scheduler.planning.protocol import PART_LABELS, Protocol
from scheduler.planning.schedules import DailyRun, Every, Offsets
from scheduler.planning.spacing import Spacing
from scheduler.planning.words.cadence import pattern
from scheduler.services.actor import Actor
from scheduler.services.course_rules import is_single_only, rule_sentence, run_limits
from scheduler.services.protocol_files import parsed


@dataclass(frozen=True, kw_only=True)
class PartLimits:
    """Least, usual and most minutes of a part that may be changed."""

    part: str
    label: str
    least: int
    usual: int
    most: int


@dataclass(frozen=True, kw_only=True)
class CadenceChoices:
    """What a cadence leaves to choose for one patient: one of several intervals in `unit`s, how
    many runs of a cycle, visits on optional days; `is_open` goes on after the visits planned now.
    """

    intervals: tuple[int, ...] = ()
    interval: int | None = None
    unit: str = ""
    runs: CountLimits | None = None
    optional_days: tuple[int, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class PhaseChoice:
    """`single`: one visit at a time. `counts` are visits, of one run where runs repeat. Limits of
    gaps, of visits in 7 days and of days from first to last: None is no limit."""

    id: str
    title: str
    cadence: str
    single: bool
    counts: CountLimits
    gap_least: int
    gap_most: int | None
    per_week_most: int | None
    days_most: int | None
    parts: tuple[PartLimits, ...]
    rule_sentence: str
    choices: CadenceChoices


@dataclass(frozen=True, kw_only=True)
class TemplateChoice:
    version_id: int
    title: str
    number: int
    phases: tuple[PhaseChoice, ...]


def template_choices(actor: Actor) -> list[TemplateChoice]:
    """The newest approved version of every template, in the order in which they were added."""
    actor.require("book")
    rows = db.session.scalars(
        select(ProtocolVersion)
        .where(
            ProtocolVersion.organisation_id == actor.organisation_id,
            ProtocolVersion.status == "approved",
        )
        .order_by(ProtocolVersion.protocol_id, ProtocolVersion.number)
    )
    newest = {row.protocol_id: row for row in rows}
    return [
        TemplateChoice(
            version_id=row.id,
            title=row.title,
            number=row.number,
            phases=_phases(parsed(row.document)),
        )
        for row in newest.values()
    ]


def _phases(protocol: Protocol) -> tuple[PhaseChoice, ...]:
    return tuple(_phase(protocol, phase) for phase in protocol.phases)


def _phase(protocol: Protocol, phase: Phase) -> PhaseChoice:
    rules, limits = rules_of(phase), counts(phase)
    return PhaseChoice(
        id=phase.id,
        title=phase.label,
        cadence=phase.schedule.kind,
        single=is_single_only(phase),
        counts=limits,
        gap_least=rules.gap.hard_min,
        gap_most=rules.gap.hard_max,
        per_week_most=rules.max_per_7d,
        days_most=rules.span_max_days,
        parts=_parts(protocol),
        rule_sentence=_sentence(phase),
        choices=_choices(phase),
    )


def _sentence(phase: Phase) -> str:
    if isinstance(phase.schedule, Every | Offsets | DailyRun):
        words = pattern(phase)
        return f"{words[:1].upper()}{words[1:]}."
    rules = rules_of(phase)
    spacing = Spacing(gap=rules.gap, max_per_7d=rules.max_per_7d, max_days=rules.span_max_days)
    return rule_sentence(counts(phase).default, spacing)


def _choices(phase: Phase) -> CadenceChoices:
    schedule = phase.schedule
    if isinstance(schedule, Every):
        options = schedule.n.options if len(schedule.n.options) > 1 else ()
        return CadenceChoices(
            intervals=options,
            interval=schedule.n.default,
            unit=schedule.unit,
            is_open=schedule.count.is_open,
        )
    if isinstance(schedule, DailyRun) and schedule.cycle is not None:
        return CadenceChoices(runs=run_limits(phase))
    if isinstance(schedule, Offsets):
        return CadenceChoices(optional_days=schedule.optional_days)
    return CadenceChoices()


def _parts(protocol: Protocol) -> tuple[PartLimits, ...]:
    """Parts that at least one profile lets somebody change, with the widest limits of the
    profiles."""
    found: dict[str, PartLimits] = {}
    for profile in protocol.profiles:
        for part, usual in profile.parts:
            least, most = profile.limits(part)
            if least < most and part not in found:
                label = PART_LABELS[part]
                found[part] = PartLimits(
                    part=part, label=label, least=least, usual=usual, most=most
                )
    return tuple(found.values())

"""Moves running series to a newer approved version of their template, one by one, on a provider's
word (domain F "Template edits never alter running series", story 23)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import joinedload

from scheduler.errors import IllegalChange, NotFound
from scheduler.extensions import db
from scheduler.models import ProtocolVersion, Series, Visit
from scheduler.planning.phase_rules import PhaseChoice, rules_of, step_of
from scheduler.planning.protocol import Protocol
from scheduler.planning.spacing import Spacing
from scheduler.planning.visit import VisitShape
from scheduler.planning.words.protocol import Section, compared
from scheduler.services import audit, preparation, protocol_pages, scope, series_rules
from scheduler.services.outgoing import outbox
from scheduler.services.prep_changes import Changed
from scheduler.services.preparation import Setting
from scheduler.services.protocol_files import parsed
from scheduler.services.protocol_pages import ENDED, Versions
from scheduler.transaction import retried, transaction

RULES = ("gap", "max_per_7d", "max_days", "soft_max_days")
TOLD_APART = ("about", "resources")
"""Sections that say nothing about visits that are booked already."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """One running series. `coming` visits lie ahead, `other_length` of them are not as long as the
    new version says and stay so; `why_not` says why it cannot be moved."""

    series: Series
    coming: int
    other_length: int
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class MigrationPage:
    """Series on one version and what the version in use says otherwise. `to` None: none is."""

    versions: Versions
    version: ProtocolVersion
    to: ProtocolVersion | None
    changes: tuple[Section, ...]
    running: tuple[Running, ...]


@dataclass(frozen=True, kw_only=True)
class Migrated:
    series: int
    visits: int
    mails: int


def page(protocol_id: int, number: int, setting: Setting) -> MigrationPage:
    """Raises NotFound, NotAllowed."""
    setting.actor.require("see_protocols")
    versions = protocol_pages.one_template(protocol_id, setting.actor)
    version, to = versions.numbered(number), versions.in_use
    rows = _running(version, setting)
    if to is None or to.id == version.id:
        running = tuple(_as_it_is(one, setting) for one in rows)
        return MigrationPage(
            versions=versions, version=version, to=None, changes=(), running=running
        )
    old, new = parsed(version.document), parsed(to.document)
    return MigrationPage(
        versions=versions,
        version=version,
        to=to,
        changes=_changes(old, new),
        running=tuple(_judged(one, new, setting) for one in rows),
    )


def migrate(
    protocol_id: int, number: int, series_ids: Collection[int], setting: Setting
) -> Migrated:
    """Each series in a transaction of its own; one that was moved by somebody else is passed over.
    A patient is told once what changed. Raises NotFound, NotAllowed, IllegalChange."""
    setting.actor.require("approve_protocol")
    shown = page(protocol_id, number, setting)
    if shown.to is None:
        raise IllegalChange("No newer version is in use.")
    chosen = [one.series.id for one in shown.running if one.series.id in set(series_ids)]
    to_id, from_id = shown.to.id, shown.version.id
    done = [_migrate(series_id, from_id, to_id, setting) for series_id in chosen]
    moved = [one for one in done if one is not None]
    return Migrated(
        series=len(moved),
        visits=sum(one.visits for one in moved),
        mails=sum(one.leaving.mails for one in moved),
    )


def _running(version: ProtocolVersion, setting: Setting) -> Sequence[Series]:
    rows = scope.scoped(Series, setting.actor).where(
        Series.protocol_version_id == version.id, Series.status.not_in(ENDED)
    )
    rows = rows.options(joinedload(Series.patient)).order_by(Series.id)
    return db.session.scalars(rows).all()


def _changes(old: Protocol, new: Protocol) -> tuple[Section, ...]:
    """Only rows that differ, of sections that concern running series."""
    found = []
    for section in compared(new, old):
        rows = tuple(row for row in section.rows if row.before is not None)
        if rows and section.key not in TOLD_APART:
            found.append(replace(section, rows=rows))
    return tuple(found)


def _ahead(series: Series, setting: Setting) -> list[Visit]:
    coming = preparation.coming(series.patient, setting.now)
    return [visit for visit in coming if visit.series_id == series.id]


def _as_it_is(series: Series, setting: Setting) -> Running:
    return Running(series=series, coming=len(_ahead(series, setting)), other_length=0)


def _judged(series: Series, new: Protocol, setting: Setting) -> Running:
    ahead = _ahead(series, setting)
    return Running(
        series=series,
        coming=len(ahead),
        other_length=sum(not _as_long(visit, new) for visit in ahead),
        why_not=why_not(series, ahead, new),
    )


def why_not(series: Series, ahead: Sequence[Visit], new: Protocol) -> str:
    """What the series is made of must exist in the new version."""
    if series.phase not in {phase.id for phase in new.phases}:
        return f"It has no phase {series.phase.replace('_', ' ')} any more."
    profiles = {profile.name for profile in new.profiles}
    used = {VisitShape.from_plain(visit.shape).profile or new.profiles[0].name for visit in ahead}
    return "It has other kinds of visits." if used - profiles else ""


def _as_long(visit: Visit, new: Protocol) -> bool:
    shape = VisitShape.from_plain(visit.shape)
    try:
        there = new.shape_of(new.profile(shape.profile)) if shape.profile else shape
    except NotFound:
        return False
    return [(p.name, p.minutes) for p in shape.parts] == [(p.name, p.minutes) for p in there.parts]


@retried
def _migrate(series_id: int, from_id: int, to_id: int, setting: Setting) -> Changed | None:
    actor, now = setting.actor, setting.now
    with transaction():
        series = scope.find(Series, series_id, actor)
        preparation.lock(series.patient, now)
        db.session.refresh(series, with_for_update={"key_share": True, "of": Series})
        to = scope.find(ProtocolVersion, to_id, actor)
        new, ahead = parsed(to.document), _ahead(series, setting)
        moved = series.protocol_version_id != from_id or to.status != "approved"
        if moved or why_not(series, ahead, new):
            return None
        series.rules = _rules(series, new)
        series.protocol_version_id = to.id
        series.version += 1
        for visit in ahead:
            visit.protocol_version_id = to.id
        reason = f"to version {to.number}"
        audit.note(actor, "migrate_series", f"series:{series.id}", now=now, reason=reason)
        changed = preparation.resolve(series.patient, setting)
        outbox.refresh(series.patient_id, now=now)
        return changed


def _rules(series: Series, new: Protocol) -> dict[str, Any]:
    """The new phase's limits, but what was ordered otherwise for this series stays so."""
    kept = series_rules.spacing_of(series)
    old = parsed(series.protocol_version.document)
    was, now = (_limits(one, series) for one in (old, new))
    fields = {name: now[name] for name in RULES if getattr(kept, name) == was[name]}
    changed: Spacing = replace(kept, **fields)
    return changed.to_plain()


def _limits(protocol: Protocol, series: Series) -> dict[str, Any]:
    phase = protocol.phase(series.phase)
    rules, (gap, _) = rules_of(phase, PhaseChoice(count=series.count)), step_of(phase, None)
    return {
        "gap": gap,
        "max_per_7d": rules.max_per_7d,
        "max_days": rules.span_max_days,
        "soft_max_days": rules.span_soft_max_days,
    }

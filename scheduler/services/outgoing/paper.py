"""The letter that is printed: a patient's coming dates, or what holds after a visit, in their
language (domain G, story 9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.models import Patient, Site, Visit
from scheduler.planning.preparation import PrepTimes
from scheduler.planning.wording import Block, Wording, shipped
from scheduler.planning.words import preparation as words
from scheduler.planning.words.clock import city, clock, long_date, moment_seen_from
from scheduler.services import preparation, scope, sites
from scheduler.services.actor import Actor
from scheduler.services.outgoing import outbox_rows, texts
from scheduler.services.outgoing.message_values import when

NOBODY = "The clinic"


@dataclass(frozen=True, kw_only=True)
class PaperVisit:
    """One date with what to do before and after it, by the clock."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Everything that stands on the sheet, in the patient's language; no drug, no diagnosis."""

    language: str
    sender: tuple[str, ...]
    title: str
    hello: str
    lead: str
    visits: tuple[PaperVisit, ...]
    always: PaperVisit | None
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


def letter(patient_id: int, actor: Actor, *, now: datetime) -> Paper:
    """All coming dates. Raises NotFound, NotAllowed."""
    actor.require("find_patient")
    patient = scope.find(Patient, patient_id, actor)
    visits = [one for one in preparation.coming(patient, now) if one.state != "held"]
    site = scope.find(Site, visits[0].site_id, actor) if visits else sites.first(actor)
    wording = _wording(site, patient)
    dated, always = _said_once([_dated(visit, actor, wording) for visit in visits], wording)
    return Paper(
        language=wording.language,
        sender=_sender(site),
        title=wording.line("paper.title"),
        hello=wording.line("paper.hello", {"first_name": patient.first_name}),
        lead=wording.line("paper.lead" if visits else "paper.empty"),
        visits=dated,
        always=always,
        blocks=(),
        notes=_notes(site, wording),
    )


def after(visit_id: int, actor: Actor, *, now: datetime) -> Paper:
    """R7 on paper: what holds until tomorrow, the next dates, whom to call. Raises NotFound."""
    actor.require("find_patient")
    visit = scope.find(Visit, visit_id, actor)
    patient, site = visit.patient, scope.find(Site, visit.site_id, actor)
    wording = _wording(site, patient)
    times = outbox_rows.told(visit, site).times
    ahead = [one for one in preparation.coming(patient, now) if one.state != "held"]
    dates = tuple(
        when(outbox_rows.told(one, scope.find(Site, one.site_id, actor)), wording) for one in ahead
    )
    values: dict[str, str | tuple[str, ...]] = {
        "first_name": patient.first_name,
        "clinic": site.public_name,
        "place": site.address,
        "phone": site.phone or site.public_name,
        "link": "",
        "dates": dates,
        "no_driving_until": _until(times, times.no_driving_until, wording),
        "no_alcohol_until": _until(times, times.no_alcohol_until, wording),
        "day": long_date(times.on, wording.language),
    }
    return Paper(
        language=wording.language,
        sender=_sender(site),
        title=wording.line("paper.after_title"),
        hello=wording.line("paper.hello", values),
        lead="",
        visits=(),
        always=None,
        blocks=wording.blocks("r7.body", values),
        notes=_notes(site, wording),
    )


def _wording(site: Site | None, patient: Patient) -> Wording:
    return shipped(patient.language) if site is None else texts.wording(site, patient.language)


def _sender(site: Site | None) -> tuple[str, ...]:
    if site is None:
        return (NOBODY,)
    return tuple(line for line in (site.public_name, site.address, site.phone) if line)


def _notes(site: Site | None, wording: Wording) -> tuple[str, ...]:
    if site is None:
        return ()
    values: dict[str, str | tuple[str, ...]] = {
        "clinic": site.public_name,
        "phone": site.phone or site.public_name,
        "place": site.address,
        "zone": city(site.zone, wording.language),
    }
    return tuple(
        line
        for key in ("paper.place", "paper.zone", "paper.call")
        if (line := wording.line(key, values))
    )


def _dated(visit: Visit, actor: Actor, wording: Wording) -> PaperVisit:
    site = scope.find(Site, visit.site_id, actor)
    times = outbox_rows.told(visit, site).times
    language = wording.language
    said = {
        "day": long_date(times.on, language),
        "arrive_at": clock(times.arrives_at, times.zone, language),
        "leave_at": clock(times.leaves_at, times.zone, language),
    }
    return PaperVisit(
        heading=wording.line("paper.visit", said),
        sentences=tuple(words.to_do(times, wording)),
    )


def _said_once(
    visits: list[PaperVisit], wording: Wording
) -> tuple[tuple[PaperVisit, ...], PaperVisit | None]:
    """What every visit asks for in the same words is said once, for all of them."""
    shared = [
        text
        for text in (visits[0].sentences if len(visits) > 1 else ())
        if all(text in one.sentences for one in visits)
    ]
    if not shared:
        return tuple(visits), None
    dated = tuple(
        replace(one, sentences=tuple(text for text in one.sentences if text not in shared))
        for one in visits
    )
    return dated, PaperVisit(heading=wording.line("paper.always"), sentences=tuple(shared))


def _until(times: PrepTimes, at: datetime | None, wording: Wording) -> str:
    if at is None:
        return ""
    return moment_seen_from(times.on, at, times.zone, wording.language)

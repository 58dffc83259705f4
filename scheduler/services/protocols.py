"""Series templates: every save is a new version, a named prescriber approves one, the rest stays
as it was.

A version's document never changes; a series keeps the version that it was booked with, to the
byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from scheduler.errors import IllegalChange, Invalid, NotAllowed, NotFound, SchedulerError, Stale
from scheduler.extensions import db
from scheduler.models import Organisation, Protocol, ProtocolVersion
from scheduler.planning.protocol import Protocol as Template
from scheduler.services import audit, form_tokens, protocol_files, protocol_library
from scheduler.services.actor import Actor
from scheduler.services.open_days import open_weekdays
from scheduler.services.protocol_check import refuse_impossible
from scheduler.services.scope import find, scoped
from scheduler.transaction import retried, transaction

LONGEST_KEY = 60


@dataclass(frozen=True, kw_only=True)
class Saved:
    """`number` is the newest version now; `is_new` is False where nothing had changed."""

    protocol_id: int
    number: int
    is_new: bool = True


@dataclass(frozen=True, kw_only=True)
class SaveRequest:
    """`base_number` is the version that the person was looking at (trust I6)."""

    template: Template
    base_number: int
    note: str = ""


class StaleVersion(Stale):
    """Somebody saved a newer version while you were working on this one. Nothing was saved."""

    def __init__(self, newest: int) -> None:
        super().__init__()
        self.newest = newest


def create_from_library(template_id: str, actor: Actor, *, now: datetime, token: str = "") -> Saved:
    """A draft of the clinic's own, equal to the built-in template. Raises NotFound, NotAllowed."""
    for template in protocol_library.templates():
        if template.id == template_id:
            return create(template, actor, now=now, token=token, built_in=True)
    raise NotFound


@retried
def create(
    template: Template, actor: Actor, *, now: datetime, token: str = "", built_in: bool = False
) -> Saved:
    """A new template with version 1, a draft; its id gets a number if the clinic has it already.

    The same token twice makes one template (trust I5).
    """
    actor.require("edit_protocol")
    with transaction():
        if token and (made := form_tokens.result_of(token, actor)):
            return Saved(protocol_id=int(made.split(":")[1]), number=1, is_new=False)
        _one_after_the_other(actor)
        named = replace(template, id=_free_key(template.id, actor))
        protocol = Protocol(
            organisation_id=actor.organisation_id,
            key=named.id,
            title=named.title,
            built_in=built_in,
            created_at=now,
        )
        db.session.add(protocol)
        db.session.flush()
        _add_version(protocol, named, "", actor, now)
        if token:
            form_tokens.use(token, f"protocol:{protocol.id}", actor, now=now)
        audit.note(actor, "create_template", f"protocol:{protocol.id}", now=now)
        return Saved(protocol_id=protocol.id, number=1)


@retried
def import_file(data: bytes, actor: Actor, *, now: datetime) -> Saved:
    """A template file becomes a draft: a new version where the clinic has its id, else a new
    template.

    Raises FileRefused with lines and fields, NotAllowed.
    """
    actor.require("edit_protocol")
    template = protocol_files.load(data)
    with transaction():
        _one_after_the_other(actor)
        known = scoped(Protocol, actor).where(Protocol.key == template.id)
        protocol = db.session.scalar(known.with_for_update(key_share=True))
        if protocol is None:
            protocol = Protocol(
                organisation_id=actor.organisation_id,
                key=template.id,
                title=template.title,
                created_at=now,
            )
            db.session.add(protocol)
            db.session.flush()
        return _save(protocol, template, "imported from a file", actor, now)


@retried
def save(protocol_id: int, request: SaveRequest, actor: Actor, *, now: datetime) -> Saved:
    """The next version, a draft. Saves nothing where nothing changed.

    Raises StaleVersion if a newer version than `base_number` exists, NotFound, NotAllowed.
    """
    actor.require("edit_protocol")
    with transaction():
        protocol = _locked(protocol_id, actor)
        newest = _newest(protocol)
        if newest.number != request.base_number:
            raise StaleVersion(newest.number)
        return _save(protocol, request.template, request.note, actor, now)


@retried
def submit(protocol_id: int, number: int, actor: Actor, *, now: datetime) -> None:
    """Ask a prescriber for approval.

    Raises Invalid if a phase can have no plan on the clinic's days (domain H16), IllegalChange.
    """
    actor.require("edit_protocol")
    with transaction():
        version = _newest_draft(protocol_id, number, actor)
        if version.submitted_at is not None:
            raise IllegalChange("Approval has been asked for already.")
        refuse_impossible(protocol_files.parsed(version.document), open_weekdays(actor))
        version.submitted_at = now
        audit.note(actor, "submit_template", f"protocol_version:{version.id}", now=now)


@retried
def approve(protocol_id: int, number: int, actor: Actor, *, now: datetime) -> None:
    """From now on new series use this version; the one before it is retired, running series keep
    it.

    Raises NotAllowed for one's own draft, Invalid if it can have no plan, IllegalChange.
    """
    actor.require("approve_protocol")
    with transaction():
        version = _newest_draft(protocol_id, number, actor)
        if version.submitted_at is None:
            raise IllegalChange("Nobody has asked for approval of this version yet.")
        if is_own(version, actor):
            raise NotAllowed("You made this draft. Somebody else must approve it.")
        refuse_impossible(protocol_files.parsed(version.document), open_weekdays(actor))
        for other in _of(version.protocol_id, "approved", actor):
            other.status, other.retired_at = "retired", now
        version.status, version.approved_at = "approved", now
        version.approved_by_id, version.approved_by_name = actor.user_id, actor.name
        audit.note(actor, "approve_template", f"protocol_version:{version.id}", now=now)


@retried
def send_back(protocol_id: int, number: int, reason: str, actor: Actor, *, now: datetime) -> None:
    """Not approved as it is: the draft stays, and the reason stands with it."""
    actor.require("approve_protocol")
    if not reason:
        raise Invalid("Say what should change.", field="reason")
    with transaction():
        version = _newest_draft(protocol_id, number, actor)
        if version.submitted_at is None:
            raise IllegalChange("Nobody has asked for approval of this version yet.")
        version.submitted_at = None
        version.note = f"{actor.name}: {reason}"[:500]
        audit.note(
            actor, "send_back_template", f"protocol_version:{version.id}", now=now, reason=reason
        )


@retried
def retire(protocol_id: int, number: int, actor: Actor, *, now: datetime) -> None:
    """No new series use this version; running ones keep it. Raises IllegalChange, NotFound."""
    actor.require("approve_protocol")
    with transaction():
        _locked(protocol_id, actor)
        version = _version(protocol_id, number, actor)
        if version.status != "approved":
            raise IllegalChange("Only a version that is in use can be taken out of use.")
        version.status, version.retired_at = "retired", now
        audit.note(actor, "retire_template", f"protocol_version:{version.id}", now=now)


def is_own(version: ProtocolVersion, actor: Actor) -> bool:
    """Nobody approves what they wrote. The command line is nobody."""
    return version.created_by_id is not None and version.created_by_id == actor.user_id


def _save(protocol: Protocol, template: Template, note: str, actor: Actor, now: datetime) -> Saved:
    """In a transaction: the next version, or the newest one where the text is the same."""
    named = replace(template, id=protocol.key)
    versions = protocol.versions
    if versions and versions[-1].document == protocol_files.dump(named):
        return Saved(protocol_id=protocol.id, number=versions[-1].number, is_new=False)
    number = _add_version(protocol, named, note, actor, now)
    protocol.title = named.title
    audit.note(actor, "save_template", f"protocol:{protocol.id}", now=now)
    return Saved(protocol_id=protocol.id, number=number)


def _add_version(
    protocol: Protocol, template: Template, note: str, actor: Actor, now: datetime
) -> int:
    """The new version's number."""
    document = protocol_files.dump(template)
    if protocol_files.load(document.encode()) != template:
        raise SchedulerError("The template did not come back as it was written. Nothing was saved.")
    versions = _of(protocol.id, None, actor)
    number = max((version.number for version in versions), default=0) + 1
    db.session.add(
        ProtocolVersion(
            organisation_id=actor.organisation_id,
            protocol_id=protocol.id,
            number=number,
            title=template.title,
            document=document,
            note=note[:500],
            created_by_id=actor.user_id,
            created_by_name=actor.name,
            created_at=now,
        )
    )
    db.session.flush()
    return number


def _one_after_the_other(actor: Actor) -> None:
    """Two new templates of a clinic cannot take the same id: its row is held until the commit."""
    row = select(Organisation).where(Organisation.id == actor.organisation_id)
    db.session.scalar(row.with_for_update(key_share=True))


def _free_key(key: str, actor: Actor) -> str:
    taken = {row.key for row in db.session.scalars(scoped(Protocol, actor))}
    for number in range(1, len(taken) + 2):
        candidate = key if number == 1 else f"{key[: LONGEST_KEY - 4]}-{number}"
        if candidate not in taken:
            return candidate
    raise Invalid("Choose another short name; this one is taken.", field="id")


def _locked(protocol_id: int, actor: Actor) -> Protocol:
    """The template's row, held until the commit, so that two saves come one after the other."""
    query = scoped(Protocol, actor).where(Protocol.id == protocol_id)
    protocol = db.session.scalar(query.with_for_update(key_share=True))
    if protocol is None:
        raise NotFound
    return protocol


def _newest(protocol: Protocol) -> ProtocolVersion:
    return protocol.versions[-1]


def _newest_draft(protocol_id: int, number: int, actor: Actor) -> ProtocolVersion:
    """Only the newest version can be submitted and approved; older drafts have been overtaken."""
    newest = _newest(_locked(protocol_id, actor))
    if newest.number != number:
        raise StaleVersion(newest.number)
    if newest.status != "draft":
        raise IllegalChange("This version is no draft any more.")
    return newest


def _version(protocol_id: int, number: int, actor: Actor) -> ProtocolVersion:
    protocol = find(Protocol, protocol_id, actor)
    for version in protocol.versions:
        if version.number == number:
            return version
    raise NotFound


def _of(protocol_id: int, status: str | None, actor: Actor) -> list[ProtocolVersion]:
    """Its versions with this status, or all of them."""
    rows = scoped(ProtocolVersion, actor).where(ProtocolVersion.protocol_id == protocol_id)
    if status is not None:
        rows = rows.where(ProtocolVersion.status == status)
    return list(db.session.scalars(rows))

"""What the pages about series templates show: the list, one template with its versions, who uses
which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Protocol, ProtocolVersion, Series, User
from scheduler.planning.protocol import Protocol as Template
from scheduler.services.actor import Actor
from scheduler.services.protocol_files import parsed
from scheduler.services.rights import RIGHTS
from scheduler.services.scope import scoped

ENDED = ("completed", "discontinued", "lost_to_follow_up", "transferred")


@dataclass(frozen=True, kw_only=True)
class Versions:
    """A template's versions with what they are for. `running` counts the running series of each
    number."""

    row: Protocol
    newest: ProtocolVersion
    in_use: ProtocolVersion | None
    running: dict[int, int]

    @property
    def is_draft(self) -> bool:
        return self.newest.status == "draft"

    @property
    def asked(self) -> bool:
        """A prescriber has been asked and has not answered."""
        return self.is_draft and self.newest.submitted_at is not None

    @property
    def template(self) -> Template:
        return parsed(self.newest.document)

    @property
    def listed(self) -> tuple[ProtocolVersion, ...]:
        """Newest first; drafts that were overtaken by a later save are left out."""
        rows = reversed(self.row.versions)
        return tuple(one for one in rows if one is self.newest or one.status != "draft")

    @property
    def overtaken(self) -> int:
        return len(self.row.versions) - len(self.listed)

    def numbered(self, number: int) -> ProtocolVersion:
        """Raises NotFound."""
        for version in self.row.versions:
            if version.number == number:
                return version
        raise NotFound


def all_templates(actor: Actor) -> list[Versions]:
    """Every template of the clinic, by title."""
    rows = scoped(Protocol, actor).options(selectinload(Protocol.versions)).order_by(Protocol.title)
    running = _running(actor)
    return [_versions(row, running) for row in db.session.scalars(rows)]


def one_template(protocol_id: int, actor: Actor) -> Versions:
    """Raises NotFound."""
    query = scoped(Protocol, actor).where(Protocol.id == protocol_id)
    row = db.session.scalar(query.options(selectinload(Protocol.versions)))
    if row is None:
        raise NotFound
    return _versions(row, _running(actor))


def prescribers(actor: Actor) -> list[str]:
    """Names of those who may approve a template."""
    roles = {role for role, rights in RIGHTS.items() if "approve_protocol" in rights}
    people = scoped(User, actor).order_by(User.name)
    return [
        user.name
        for user in db.session.scalars(people)
        if user.active and user.id != actor.user_id and roles & {role.name for role in user.roles}
    ]


def _versions(row: Protocol, running: dict[int, int]) -> Versions:
    in_use = next((one for one in reversed(row.versions) if one.status == "approved"), None)
    return Versions(
        row=row,
        newest=row.versions[-1],
        in_use=in_use,
        running=_by_number(row.versions, running),
    )


def _by_number(versions: Iterable[ProtocolVersion], running: dict[int, int]) -> dict[int, int]:
    return {one.number: running[one.id] for one in versions if one.id in running}


def _running(actor: Actor) -> dict[int, int]:
    """Running series by version id."""
    query = (
        select(Series.protocol_version_id, func.count())
        .where(Series.organisation_id == actor.organisation_id, Series.status.not_in(ENDED))
        .group_by(Series.protocol_version_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}

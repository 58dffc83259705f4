"""Which reminders hold for a visit: its template's ladder with the changes of its site."""

from __future__ import annotations

import json
from functools import cache, lru_cache

from scheduler.extensions import db
from scheduler.models import ProtocolVersion, Site, Visit
from scheduler.planning.ladder import Ladder, SiteLadder, resolved
from scheduler.planning.rung import ReminderRule
from scheduler.services import protocol_library
from scheduler.services.protocol_files import parsed

DOCUMENTS = "ladders.documents"


@cache
def shipped() -> dict[str, ReminderRule]:
    """Every rung of domain G by its id, as the program brings it."""
    return {rule.id: rule for rule in protocol_library.rungs()}


@cache
def standard(*, sedating: bool) -> tuple[ReminderRule, ...]:
    """The ladder of a template that names none."""
    name = "ladder_sedating" if sedating else "ladder_plain"
    ids = {rung["id"] for rung in protocol_library.library().ladders[name]}
    return tuple(rule for rule in protocol_library.rungs() if rule.id in ids)


def of_site(site: Site) -> SiteLadder:
    return SiteLadder.from_plain(site.ladder)


def of_visit(visit: Visit) -> Ladder:
    """The ladder of the visit's own template version at its site. Inside a session."""
    site = db.session.get_one(Site, visit.site_id)
    return of_document(_document(visit.protocol_version_id), site)


def _document(version_id: int) -> str:
    """Read once per session: documents never change, and a batch of messages asks for each."""
    known: dict[int, str] = db.session.info.setdefault(DOCUMENTS, {})
    if version_id not in known:
        known[version_id] = db.session.get_one(ProtocolVersion, version_id).document
    return known[version_id]


def of_document(document: str, site: Site) -> Ladder:
    """`document` is a template version's; documents never change."""
    return _ladder(document, json.dumps(site.ladder, sort_keys=True))


@lru_cache(maxsize=512)
def _ladder(document: str, changes: str) -> Ladder:
    template = parsed(document)
    rules = template.reminders or standard(sedating=template.sedating)
    return resolved(rules, shipped(), SiteLadder.from_plain(json.loads(changes)))

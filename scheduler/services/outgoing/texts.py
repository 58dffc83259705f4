"""A site's own texts over the shipped ones: read, saved as versions, never lost (trust fact 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Select, func, select

from scheduler.errors import NotFound, Stale
from scheduler.extensions import db
from scheduler.invites.clean_text import lines
from scheduler.models import MessageText, Site
from scheduler.planning.wording import LANGUAGES, Wording, shipped, topics
from scheduler.services import audit, scope
from scheduler.services.actor import Actor
from scheduler.services.outgoing import ladders, text_rules
from scheduler.services.outgoing.text_rules import (
    LONGEST_TEXT,
    OWN_RUNG,
    editable,
    fillable,
    part_of,
    shipped_key,
    table_of,
)
from scheduler.transaction import retried, transaction

PARTS = ("subject", "body", "sms", "voice")
"""Of a message, in the order of the form; other tables have parts of their own."""
NEWEST = 40
OWN_TOPIC = "own"


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One table of texts in the list: which languages are the clinic's own."""

    topic: str
    table: str
    own: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """One text of a table, such as the subject; `own` if the clinic wrote it."""

    key: str
    text: str
    shipped: str
    own: bool


@dataclass(frozen=True, kw_only=True)
class TextPage:
    """`version` rises with every change of this table; `history` is newest first."""

    site: Site
    language: str
    table: str
    parts: tuple[TextPart, ...]
    version: int
    history: Sequence[MessageText]


@dataclass(frozen=True, kw_only=True)
class TextRequest:
    """`texts` by key; an empty one means the shipped text again."""

    language: str
    table: str
    texts: Mapping[str, str]


class _Said(NamedTuple):
    language: str
    key: str
    text: str


def wording(site: Site, language: str) -> Wording:
    """What this site says: its own texts where there are some, read once for each version of it.

    A text of an older program that this one cannot fill is left alone: its message is the shipped
    one, and the editor shows what is wrong with it.
    """
    where = db.engine.url.render_as_string(hide_password=True)
    return _wording(where, site.id, site.messages_version, language)


@lru_cache(maxsize=256)
def _wording(_database: str, site_id: int, version: int, language: str) -> Wording:
    base = shipped(language if language in LANGUAGES else "en")
    rows = (
        row for row in _newest(site_id, base.language) if row.text and fillable(row.key, row.text)
    )
    own = {row.key: cleaned(row.text) for row in rows}
    if not own:
        return base
    rungs = {table_of(key) for key in own if key.startswith(OWN_RUNG)}
    parts = {key: base.text(shipped_key(key)) for table in rungs for key in _parts(table)}
    return Wording(base.language, {**base.texts, **parts, **own}, f"v{version}")


def cleaned(text: str) -> str:
    """Without controls, bidi marks and surrogates, whatever wrote it (trust fact 6)."""
    return lines(text, LONGEST_TEXT)


def index(site_id: int, actor: Actor) -> list[TextLine]:
    """Every table in its order. Raises NotFound, NotAllowed."""
    actor.require("edit_texts")
    site = scope.find(Site, site_id, actor)
    own: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for row in _newest(site_id, language):
            if row.text:
                own.setdefault(table_of(row.key), set()).add(language)
    found = [
        (topic, table)
        for topic, keys in topics().items()
        for table in dict.fromkeys(table_of(key) for key in keys if editable(key))
    ]
    found += [(OWN_TOPIC, f"{OWN_RUNG}{rule.id}") for rule in ladders.of_site(site).own]
    return [
        TextLine(topic=topic, table=table, own=frozenset(own.get(table, ())))
        for topic, table in found
    ]


def show(site_id: int, language: str, table: str, actor: Actor) -> TextPage:
    """Raises NotFound for a site, a language or a table that is not there; NotAllowed."""
    actor.require("edit_texts")
    return _page(scope.find(Site, site_id, actor), language, table)


def refusals(site_id: int, request: TextRequest, actor: Actor) -> dict[str, str]:
    """Why texts must not be so, by key; empty if all may. Raises NotFound, NotAllowed."""
    actor.require("edit_texts")
    site = scope.find(Site, site_id, actor)
    page = _page(site, request.language, request.table)
    found = {}
    for part in page.parts:
        said = request.texts.get(part.key, "")
        if (why := text_rules.refusal(part.key, said, site.discreet_words)) is not None:
            found[part.key] = why
    return found


@retried
def save(
    site_id: int, request: TextRequest, actor: Actor, *, version: int, now: datetime
) -> list[str]:
    """Adds a version of each text that differs; their keys.

    Raises Stale if the table was changed since `version` (trust I6), Invalid with the key as its
    field for a text that must not be, NotFound, NotAllowed.
    """
    actor.require("edit_texts")
    with transaction():
        site = _locked(site_id, actor)
        page = _page(site, request.language, request.table)
        if page.version != version:
            raise Stale
        changed = [part for part in page.parts if _differs(part, request.texts)]
        for part in changed:
            said = request.texts[part.key]
            text_rules.check(part.key, said, site.discreet_words)
            _add(site, _Said(request.language, part.key, said), actor, now)
        if changed:
            _changed(site, f"text:{site.id}:{request.language}:{request.table}", actor, now)
        return [part.key for part in changed]


@retried
def restore(site_id: int, row_id: int, actor: Actor, *, now: datetime) -> MessageText:
    """The text of an older version becomes the newest one. Raises as `save` does."""
    actor.require("edit_texts")
    with transaction():
        site = _locked(site_id, actor)
        old = scope.find(MessageText, row_id, actor)
        if old.site_id != site.id:
            raise NotFound
        text_rules.check(old.key, old.text, site.discreet_words)
        _add(site, _Said(old.language, old.key, old.text), actor, now)
        _changed(site, f"text:{site.id}:{old.language}:{table_of(old.key)}", actor, now)
        return old


@retried
def save_words(
    site_id: int, words: Sequence[str], actor: Actor, *, version: int, now: datetime
) -> None:
    """The site's own discreet words, beside those that never may leave (trust I17).

    Raises Invalid for a word that stands in what patients read now, Stale, NotFound, NotAllowed.
    """
    actor.require("edit_texts")
    with transaction():
        site = _locked(site_id, actor)
        if site.messages_version != version:
            raise Stale
        told = [("the public name", site.public_name), ("the address", site.address)]
        for language in LANGUAGES:
            texts = _all_texts(site, language).items()
            told += [(f'the text "{key}"', text) for key, text in texts if _in_the_clear(key)]
        text_rules.check_words(words, told)
        site.discreet_words = list(words)
        _changed(site, f"words:{site.id}", actor, now)


def _page(site: Site, language: str, table: str) -> TextPage:
    if language not in LANGUAGES:
        raise NotFound
    texts, keys = shipped(language).texts, _keys(site, table)
    if not keys:
        raise NotFound
    own = {row.key: row.text for row in _newest(site.id, language)}
    parts = tuple(
        TextPart(
            key=key,
            text=own.get(key) or texts[shipped_key(key)],
            shipped=texts[shipped_key(key)],
            own=bool(own.get(key)),
        )
        for key in sorted(keys, key=_order)
    )
    rows = _oftable_of(site.id, language, keys)
    history = db.session.scalars(rows.order_by(MessageText.id.desc()).limit(NEWEST)).all()
    return TextPage(
        site=site,
        language=language,
        table=table,
        parts=parts,
        version=history[0].id if history else 0,
        history=history,
    )


def _keys(site: Site, table: str) -> list[str]:
    """The texts of a table; a clinic's own rung has those of every other."""
    if table.startswith(OWN_RUNG):
        known = {rule.id for rule in ladders.of_site(site).own}
        return _parts(table) if table.removeprefix(OWN_RUNG) in known else []
    return [key for key in shipped("en").texts if table_of(key) == table and editable(key)]


def _parts(table: str) -> list[str]:
    return [f"{table}.{part}" for part in PARTS]


def _order(key: str) -> int:
    """Parts of a message first and in their order; others as they stand in the file (stable)."""
    part = part_of(key)
    return PARTS.index(part) if part in PARTS else len(PARTS)


def _differs(part: TextPart, texts: Mapping[str, str]) -> bool:
    """An empty text, or the shipped one word for word, is no text of the clinic's own."""
    if part.key not in texts:
        return False
    said = texts[part.key]
    return part.own if said in ("", part.shipped) else said != part.text


def _add(site: Site, said: _Said, actor: Actor, now: datetime) -> None:
    last = select(func.max(MessageText.version)).where(
        MessageText.site_id == site.id,
        MessageText.language == said.language,
        MessageText.key == said.key,
    )
    same = said.text == shipped(said.language).text(shipped_key(said.key))
    db.session.add(
        MessageText(
            organisation_id=site.organisation_id,
            site_id=site.id,
            language=said.language,
            key=said.key,
            version=(db.session.scalar(last) or 0) + 1,
            text="" if same else said.text,
            by_name=actor.name,
            created_at=now,
        )
    )


def _changed(site: Site, subject: str, actor: Actor, now: datetime) -> None:
    site.messages_version += 1
    audit.note(actor, "change_texts", subject, now=now)


def _in_the_clear(key: str) -> bool:
    return editable(key) and table_of(key) != text_rules.BEHIND_THE_GATE


def _locked(site_id: int, actor: Actor) -> Site:
    site = scope.find(Site, site_id, actor)
    db.session.refresh(site, with_for_update=True)
    return site


def _newest(site_id: int, language: str) -> Sequence[MessageText]:
    """The row that holds for each key."""
    rows = select(MessageText).where(
        MessageText.site_id == site_id, MessageText.language == language
    )
    found = {row.key: row for row in db.session.scalars(rows.order_by(MessageText.version))}
    return list(found.values())


def _oftable_of(site_id: int, language: str, keys: Sequence[str]) -> Select[MessageText]:
    return select(MessageText).where(
        MessageText.site_id == site_id,
        MessageText.language == language,
        MessageText.key.in_(keys),
    )


def _all_texts(site: Site, language: str) -> Mapping[str, str]:
    own = {row.key: row.text for row in _newest(site.id, language) if row.text}
    return {**shipped(language).texts, **own}

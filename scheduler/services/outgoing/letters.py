"""The words of each message, made from the texts: mail, short message, call, calendar entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scheduler.planning import sms
from scheduler.planning.wording import Block, Values, topics
from scheduler.planning.words import preparation
from scheduler.planning.words.clock import city
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.outgoing.message_values import cleaned, values

VARIANTS = (
    "letter",
    "digest_one",
    "moved",
    "changed",
    "calendar_off",
    "hold_invite",
    "hold_cancel",
)
"""Texts of a kind under certain facts; `text_key` chooses."""
_TOPICS = ("mail", "hold", "driver", "after")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a person reads. `subject` stands on lock screens: a day, nothing more (calendar M8).

    `link` is the address that stands in the words; `footer` says how to get no more of them.
    """

    subject: str
    greeting: str
    blocks: tuple[Block, ...]
    signature: tuple[str, ...] = ()
    footer: str = ""
    links: tuple[str, ...] = ()
    language: str = "en"


def kinds() -> tuple[str, ...]:
    """Everything that can be written, as outbox.kind names it."""
    found = topics()
    keys = [key for topic in _TOPICS for key in found.get(topic, ())]
    tables = [key.removesuffix(".subject") for key in keys if key.endswith(".subject")]
    return tuple(one for one in tables if one not in VARIANTS)


def text_key(facts: MessageFacts) -> str:
    """The table of texts that holds for these facts."""
    kind = facts.kind
    if kind in ("invite", "update", "cancel"):
        return _calendar_key(facts)
    if kind == "digest":
        if facts.moved:
            return "moved"
        return "digest" if len(facts.visits) > 1 else "digest_one"
    if kind == "answer":
        return f"answer.{facts.rule_id}"
    own = f"own-{facts.rule_id}"
    if kind == "own" and (facts.wording.has(f"{own}.body") or facts.wording.has(f"{own}.sms")):
        return own
    return kind


def _calendar_key(facts: MessageFacts) -> str:
    cancels = facts.kind == "cancel"
    if facts.tentative:
        return "hold_cancel" if cancels else "hold_invite"
    if cancels:
        return "calendar_off" if facts.stays else "cancel"
    return "changed" if facts.kind == "update" and not _moved(facts) else facts.kind


def _moved(facts: MessageFacts) -> bool:
    before = facts.before
    return before is not None and before.times.arrives_at != facts.visit.times.arrives_at


def letter(facts: MessageFacts) -> Letter:
    """Raises KeyError for a kind that has no text by mail."""
    facts = cleaned(facts)
    key, wording, given = text_key(facts), facts.wording, values(facts)
    sender = facts.sender
    greeting = "letter.greeting" if facts.first_name else "letter.hello"
    off = {"off_link": facts.off_link}
    blocks = wording.blocks(f"{key}.body", given)
    return Letter(
        subject=wording.line(f"{key}.subject", given),
        greeting=wording.line(greeting, given),
        blocks=_with_also(blocks, facts, given),
        signature=tuple(line for line in (sender.name, sender.place, sender.phone) if line),
        footer="" if facts.method else wording.line("letter.off", off),
        links=tuple(link for link in (facts.link, facts.off_link) if link),
        language=wording.language,
    )


def words(facts: MessageFacts, channel: str) -> str:
    """One line for "sms" or "voice". Raises KeyError for a kind that is not told that way."""
    facts = cleaned(facts)
    parts = (facts, *facts.others)
    said = [part.wording.line(f"{text_key(part)}.{channel}", values(part)) for part in parts]
    text = " ".join(dict.fromkeys(said))
    return sms.short(text) if channel == "sms" else text


def short(facts: MessageFacts) -> str:
    """The words of a message that goes by phone, by its own channel."""
    return words(facts, facts.channel)


def calendar_words(facts: MessageFacts) -> str:
    """The preparation as the calendar entry carries it: one paragraph, by clock (calendar R3)."""
    facts = cleaned(facts)
    times, wording = facts.visit.times, facts.wording
    phone = facts.sender.phone or facts.sender.name
    ends = wording.line("say.calendar", {"zone": city(times.zone, facts.language), "phone": phone})
    return " ".join([*preparation.sentences(times, wording), ends])


def _with_also(blocks: tuple[Block, ...], facts: MessageFacts, given: Values) -> tuple[Block, ...]:
    """What the message takes along stands before its last words, and nothing is said twice."""
    more = tuple(_more(blocks, facts, given))
    return (*blocks[:-1], *more, *blocks[-1:])


def _more(blocks: tuple[Block, ...], facts: MessageFacts, given: Values) -> Iterator[Block]:
    said = {line for block in blocks for line in block.lines}
    for kind in facts.also:
        if not facts.wording.has(f"{kind}.also"):
            continue
        yield from _news(facts.wording.blocks(f"{kind}.also", given), said)
    for other in facts.others:
        given = values(other)
        about = other.wording.line(f"{text_key(other)}.subject", given)
        news = _news(other.wording.blocks(f"{text_key(other)}.body", given), said)
        for place, block in enumerate(news):
            headed = place == 0 and other.visits != facts.visits
            yield replace(block, heading=about) if headed else block


def _news(blocks: tuple[Block, ...], said: set[str]) -> Iterator[Block]:
    """What is not said yet; `said` grows."""
    for block in blocks:
        paragraphs = tuple(line for line in block.paragraphs if line not in said)
        items = tuple(line for line in block.items if line not in said)
        said.update(block.lines)
        if paragraphs or items:
            yield replace(block, paragraphs=paragraphs, items=items)

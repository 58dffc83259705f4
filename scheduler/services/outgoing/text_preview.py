"""What a text looks like with invented data, before anybody is sent it (trust fact 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from scheduler.models import Site
from scheduler.planning import sms
from scheduler.planning.wording import Block, Wording, filled, placeholders, shipped
from scheduler.services.outgoing import texts
from scheduler.services.outgoing.letters import Letter, letter, words
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.outgoing.message_values import cleaned, values
from scheduler.services.outgoing.sample_facts import PAGE_PATH, SAMPLES, sample, sender_of
from scheduler.services.outgoing.text_rules import OWN_RUNG, allowed, refusal, shipped_key, table_of


class When(NamedTuple):
    """`on` is today at the site; links of the sample begin with `public_url`."""

    on: date
    public_url: str


@dataclass(frozen=True, kw_only=True)
class Short:
    """A text message or a call as it would be; `length` is of a text message."""

    text: str
    length: sms.Length | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`wrong` are parts that must not be, so nothing is shown; `hints` refuse nothing.

    `letter`, `sms`, `voice` are of a message; `plain` are the texts of other tables by part.
    """

    wrong: Mapping[str, str]
    hints: tuple[str, ...] = ()
    letter: Letter | None = None
    sms: Short | None = None
    voice: Short | None = None
    plain: Mapping[str, tuple[Block, ...]] | None = None


def preview(site: Site, request: texts.TextRequest, *, when: When) -> Preview:
    """An empty text shows the shipped one."""
    wrong = {
        key: why
        for key, said in request.texts.items()
        if (why := refusal(key, said, site.discreet_words)) is not None
    }
    if wrong:
        return Preview(wrong=wrong)
    wording = _with(texts.wording(site, request.language), request.table, request.texts)
    if not wording.has(f"{request.table}.subject"):
        return Preview(wrong={}, plain=_plain(site, wording, request))
    facts = _facts(site, request.table, wording, when)
    return _message(facts, request.table)


def known(site: Site, language: str, table: str, *, when: When) -> Mapping[str, str]:
    """Each placeholder that a text of this table may hold, with what it stands for as a sample."""
    wording = _with(texts.wording(site, language), table, {})
    keys = [key for key in wording.texts if table_of(key) == table]
    names = dict.fromkeys(name for key in keys for name in allowed(key))
    given = _invented(site, names, wording)
    if wording.has(f"{table}.subject"):
        given |= values(cleaned(_facts(site, table, wording, when)))
    return {name: said for name in names if (said := _shown(given[name]))}


def _message(facts: MessageFacts, table: str) -> Preview:
    wording = facts.wording
    body = f"{table}.body"
    answers = {"phone", "link"} & set(placeholders(wording.text(body)))
    hint = "The mail names neither {phone} nor {link}: nobody could answer it."
    text = words(facts, "sms") if wording.has(f"{table}.sms") else None
    said = words(facts, "voice") if wording.has(f"{table}.voice") else None
    return Preview(
        wrong={},
        hints=() if answers else (hint,),
        letter=letter(facts),
        sms=Short(text=text, length=sms.length(text)) if text is not None else None,
        voice=Short(text=said) if said is not None else None,
    )


def _plain(
    site: Site, wording: Wording, request: texts.TextRequest
) -> Mapping[str, tuple[Block, ...]]:
    found = {}
    for key in request.texts:
        text = wording.text(key)
        given = _invented(site, placeholders(text), wording)
        found[key] = filled(text, given, wording.language)
    return found


def _with(wording: Wording, table: str, typed: Mapping[str, str]) -> Wording:
    """What is typed over what holds; an empty text is the shipped one again."""
    base = shipped(wording.language)
    own = {key: text or base.text(shipped_key(key)) for key, text in typed.items()}
    if table.startswith(OWN_RUNG):
        parts = (f"{table}.{part}" for part in texts.PARTS)
        own = {**{key: base.text(shipped_key(key)) for key in parts}, **own}
        return Wording(wording.language, {**own, **wording.texts, **own})
    return Wording(wording.language, {**wording.texts, **own})


def _facts(site: Site, table: str, wording: Wording, when: When) -> MessageFacts:
    facts = sample(table, wording, sender_of(site), site.zone, when.on)
    return replace(facts, link=f"{when.public_url}/{PAGE_PATH}", off_link="")


def _invented(site: Site, names: Iterable[str], wording: Wording) -> dict[str, Any]:
    """Values for texts that are no messages; a name that nobody invented anything for is shown."""
    clinic = {"clinic": site.public_name, "phone": site.phone, "place": site.address}
    known_ones = {**SAMPLES[wording.language], **clinic}
    return {name: known_ones.get(name, f"[{name}]") for name in names}


def _shown(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    return (" " if value and value[0].endswith(".") else "; ").join(value)

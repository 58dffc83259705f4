"""The last look before a message leaves: no word in it says what somebody is treated for (I17)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from html import unescape

from scheduler.planning import discreet
from scheduler.services.outgoing.mail_facts import MessageFacts

READ = ("Subject", "From", "Reply-To")
_LINK = re.compile(r"https?://\S+")
_TAG = re.compile(r"<[^>]*>")
_FOLD = re.compile(r"\r?\n[ \t]")


def tell_tale(body: bytes | Message, facts: MessageFacts) -> str | None:
    """The first word that must not leave in these bytes, or None if all of it may. `body` is a
    Message if it has been read from its bytes already.

    Names and addresses of people are not words: the patient's, the driver's. Words that streets are
    called too ("Iron Street") are looked for in everything but the clinic's own name and address,
    which were read when they were saved. Links hold tokens, not words.
    """
    said = in_the_clear(body, facts.channel).casefold()
    for name in (facts.recipient, facts.first_name, *facts.driver.split(",")):
        said = _without(said, name)
    if found := discreet.plain_tales(said, facts.discreet):
        return found[0]
    for told in (facts.sender.name, facts.sender.place):
        said = _without(said, told)
    return next(iter(discreet.street_tales(said)), None)


def in_the_clear(body: bytes | Message, channel: str) -> str:
    """Everything that a stranger could read, in one text: headers, words, calendar, file names.

    Raises ValueError for bytes that are no message of that channel.
    """
    if isinstance(body, Message):
        parts = _of_mail(body)
    else:
        parts = _of_mail(message_from_bytes(body)) if channel == "email" else _of_phone(body)
    return _LINK.sub(" ", "\n".join(parts))


def _of_mail(message: Message) -> Iterator[str]:
    for name in READ:
        yield str(make_header(decode_header(message.get(name, ""))))
    seen = set()
    for part in message.walk():
        yield part.get_filename() or ""
        written = part.get_payload()
        if isinstance(written, str) and written not in seen:  # the calendar file stands twice
            seen.add(written)
            yield _words(part)


def _words(part: Message) -> str:
    payload = part.get_payload(decode=True)
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
    if part.get_content_type() == "text/html":
        return unescape(_TAG.sub(" ", text))
    return _FOLD.sub("", text).replace("\\n", " ").replace("\\", "")


def _of_phone(body: bytes) -> Iterator[str]:
    """What a provider is given: the words are read, numbers and addresses are not."""
    told = json.loads(body)
    yield str(told.get("text", ""))


def _without(said: str, name: str) -> str:
    """The text without this name, where it is no part of a word; `said` is casefolded. Not by a
    pattern: to compile one for every patient takes longer than all the reading."""
    known, kept, done = name.strip().casefold(), [], 0
    at = said.find(known) if known else -1
    while at >= 0:
        end = at + len(known)
        if _in_a_word(said[at - 1 : at]) or _in_a_word(said[end : end + 1]):
            at = said.find(known, at + 1)
            continue
        kept.append(said[done:at])
        done, at = end, said.find(known, end)
    return " ".join([*kept, said[done:]])


def _in_a_word(one: str) -> bool:
    return one == "_" or one.isalnum()

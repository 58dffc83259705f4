"""Facts to the bytes of one text message or call, as the provider takes it: JSON, once and kept."""

from __future__ import annotations

import json

from scheduler.planning import sms
from scheduler.services.outgoing.letters import short
from scheduler.services.outgoing.mail_facts import MessageFacts

CHANNELS = ("sms", "voice")
ASKS = ("r2", "r3", "r4")
"""Reminders that a patient answers with a word (domain G)."""


def build(facts: MessageFacts, *, callback: str) -> bytes:
    """The same facts give the same bytes; "id" is the message's own, so a repeat is known by it.

    `callback` is where the provider reports to. Raises ValueError for a message that does not go by
    phone, KeyError for a kind that is not told that way.
    """
    if facts.channel not in CHANNELS:
        raise ValueError(f"{facts.channel} does not go by phone")
    plain = {
        "id": facts.message_id.strip("<>").partition("@")[0],
        "kind": facts.channel,
        "to": facts.recipient,
        "text": _words(facts),
        "language": facts.language,
        "callback": callback,
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()


def _words(facts: MessageFacts) -> str:
    """A text message that asks says how to answer."""
    text = short(facts)
    if facts.channel != "sms" or facts.kind not in ASKS:
        return text
    stop = "" if text[-1:] in ".?!" or (facts.link and text.endswith(facts.link)) else "."
    return f"{text}{stop} {sms.short(facts.wording.line('menu.sms'))}"

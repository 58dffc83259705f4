"""Whatever a name or a text holds: no extra header, no broken calendar line (trust facts 3, 6)."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from scheduler.mail.messages import build
from scheduler.phone import parcels
from scheduler.planning.wording import LANGUAGES, Wording
from scheduler.services.outgoing import texts
from scheduler.services.outgoing.letters import text_key
from scheduler.services.outgoing.mail_facts import MessageFacts
from tests.calendar_readers import event_of
from tests.unit.test_messages import HEADERS, SENDER, read, text_of
from tests.unit.test_texts import TABLES, full

HOSTILE = (
    "x\r\nBcc: eve@example.net",
    "x\nBcc: eve@example.net",
    "=?utf-8?q?x=0aBcc:_eve=40example.net?=",
    "=?utf-8?b?eApCY2M6IGV2ZUBleGFtcGxlLm5ldA==?=",
    "=\r?utf-8?q?x=0aBcc:_eve?=",
    '"quoted" <eve@example.net>, other',
    "nul\x00 esc\x1b vt\x0b nel\x85 ls\u2028 ps\u2029",
    "bidi \u202eevil\u2066",
    "\ud800",
    "<script>alert(1)</script>{{ 7 * 7 }}",
    "\U0001f600" * 50,
    "a" * 10_000,
    "",
)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MORE = ("List-Unsubscribe", "List-Unsubscribe-Post")


@pytest.mark.parametrize("turn", range(len(HOSTILE)))
def test_hostile_names_become_text_and_nothing_else(turn: int) -> None:
    """Every kind with every text; the languages take turns, so each kind is tried in both."""
    for number, table in enumerate(TABLES):
        facts = named(full(table, LANGUAGES[(number + turn) % 2]), HOSTILE[turn])
        if table == "r4":
            facts = replace(facts, others=(named(full("r3", facts.language), HOSTILE[turn]),))
        check_mail(facts)
        for channel in ("sms", "voice"):
            if facts.wording.has(f"{text_key(facts)}.{channel}"):
                check_phone(replace(facts, channel=channel))


@pytest.mark.parametrize("text", [one for one in HOSTILE if one])
def test_hostile_texts_become_text_and_nothing_else(text: str) -> None:
    """Cleaned as they are read, whatever a form let through or another program wrote."""
    facts = full("invite", "en")
    own = dict.fromkeys(("invite.subject", "invite.body", "say.calendar", "alarm.driver"), text)
    own = {key: texts.cleaned(said).replace("{{", "((") for key, said in own.items()}
    check_mail(replace(facts, wording=Wording("en", {**facts.wording.texts, **own})))


def named(facts: MessageFacts, text: str) -> MessageFacts:
    sender = replace(SENDER, name=text, place=text, phone=text)
    values = dict.fromkeys(facts.values, text)
    return replace(facts, first_name=text, driver=text, sender=sender, values=values)


def check_mail(facts: MessageFacts) -> None:
    data = build(facts)
    message = read(data)
    names = [name for name, _ in message.items()]
    assert [name for name in names if name not in MORE] == HEADERS
    assert sorted(set(names)) == sorted(names)
    assert [one.addr_spec for one in message["To"].addresses] == [facts.recipient]
    assert [one.addr_spec for one in message["From"].addresses] == [SENDER.address]
    assert "<script>" not in text_of(data, "html")
    assert "49" not in text_of(data).replace("2049", "")
    if facts.method is not None:
        (part,) = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
        status = "TENTATIVE" if facts.tentative else "CONFIRMED"
        event_of(bytes(part.get_payload(decode=True)), facts.method, status)


def check_phone(facts: MessageFacts) -> None:
    told = json.loads(parcels.build(facts, callback="https://clinic.example/hooks/phone"))
    assert not CONTROL.search(told["text"])
    assert len(told["text"]) < 2000

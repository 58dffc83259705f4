"""Every text, in every language and by every way: whole, discreet, answerable (trust fact 8)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from scheduler.mail.messages import build
from scheduler.planning import discreet, sms
from scheduler.planning.preparation import PrepSet
from scheduler.planning.wording import (
    LANGUAGES,
    Block,
    Values,
    filled,
    placeholders,
    shipped,
    topics,
)
from scheduler.services.outgoing import text_rules
from scheduler.services.outgoing.letters import VARIANTS, kinds, letter, text_key, words
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.outgoing.sample_facts import sample
from scheduler.services.outgoing.text_rules import editable
from tests.discreet import tell_tales
from tests.unit.test_messages import SENDER, text_of

NEW_YORK = ZoneInfo("America/New_York")
LINK = "https://appointments.example/p/0123456789abcdefABCDEF"
OFF = LINK.replace("/p/", "/u/")
TABLES = (*kinds(), *(one for one in VARIANTS if one != "letter"))
HOLE = re.compile(r"[{}]|\s[.,;:?!]|[,;:]\.|\.\.|: *$|: [A-Z][^:]*: *$|\(\)|  ", re.MULTILINE)
"""What a text looks like where something is missing."""


def full(table: str, language: str) -> MessageFacts:
    facts = sample(table, shipped(language), SENDER, NEW_YORK, date(2027, 1, 6))
    return replace(facts, link=LINK, off_link=OFF)


def bare(table: str, language: str) -> MessageFacts:
    """Nobody drives, nothing to prepare, no address, no phone, no link."""
    facts = full(table, language)
    plain = tuple(replace(one, prep=PrepSet()) for one in facts.visits)
    sender = replace(SENDER, place="", phone="")
    return replace(
        facts, visits=plain, sender=sender, driver="", first_name="", link="", off_link="",
        asks=False,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", TABLES)
def test_every_message_is_whole_and_discreet_by_every_way(table: str, language: str) -> None:
    for facts in (full(table, language), bare(table, language)):
        assert text_key(facts) == table
        said = [*_mail(facts), *_phone(facts)]
        assert said
        for text in said:
            assert not HOLE.search(text.replace("\n- ", "\n")), text
            assert tell_tales(text) == []
            assert discreet.tell_tales(text) == []


def _mail(facts: MessageFacts) -> list[str]:
    read = letter(facts)
    assert len(read.subject) <= 60
    assert "Anna" not in read.subject
    if facts.link:
        said = "\n".join(line for block in read.blocks for line in block.lines)
        assert SENDER.phone in said
        assert read.language == facts.language
    return [read.subject, text_of(build(facts)).replace(":\n", ".\n")]


def _phone(facts: MessageFacts) -> list[str]:
    found = []
    for channel in ("sms", "voice"):
        if facts.wording.has(f"{text_key(facts)}.{channel}"):
            text = words(facts, channel)
            assert (SENDER.phone if facts.link else SENDER.name) in text
            assert LINK not in text or channel == "sms"
            found.append(text)
            if channel == "sms":
                assert sms.length(text).plain
                assert sms.length(text).parts <= (2 if facts.kind == "r6" else 1), text
    return found


def test_both_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    english = {key for keys in topics("en").values() for key in keys if editable(key)}
    assert english == {key for keys in topics("es").values() for key in keys if editable(key)}
    for key in english:
        said = [set(placeholders(shipped(one).text(key))) for one in LANGUAGES]
        assert said[0] == said[1], key


def test_every_shipped_text_may_be_saved_as_it_is() -> None:
    for language in LANGUAGES:
        texts = shipped(language).texts
        refused = {k: text_rules.refusal(k, t, ()) for k, t in texts.items()}
        assert {k: why for k, why in refused.items() if why and editable(k)} == {}


def test_lines_with_nothing_to_say_are_left_out() -> None:
    text = "# Before\n{fast}\n{moved_in}:\n\nNews:\n{moved}\n\nWhere: {place}.\n- Arrive {at}."
    values: Values = {"fast": (), "moved": (), "place": "", "at": "8:45 am", "moved_in": ""}
    assert filled(text, values) == (Block("Before", (), ("Arrive 8:45 am.",)),)
    several = filled(text, {**values, "moved": ("a {b}", "c\n- d")})
    assert several[0] == Block("Before", ("News:",), ("a {b}", "c - d"))
    with pytest.raises(KeyError):
        filled("{unknown}", {})


def test_spanish_hours_and_full_stops_agree() -> None:
    at = {"at": "1:30 p. m."}
    assert filled("Llegue a las {at}.", at, "es") == (Block("", ("Llegue a la 1:30 p. m.",)),)
    assert sms.short("a las 8:45 a. m. Confirme el miércoles, ¿sí?") == (
        "a las 8:45 am. Confirme el miércoles, ¿si?"
    )


def test_a_short_message_is_counted_as_the_network_counts() -> None:
    assert (sms.length("x" * 160).parts, sms.length("x" * 161).parts) == (1, 2)
    assert sms.length("[€]").units == 6
    assert (sms.length("ж" * 70).parts, sms.length("ж" * 71).parts) == (1, 2)
    assert sms.short("“Zoë”") == '"Zoe"'
    assert sms.short("“Łódź”") == "“Łódź”"


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("r4.body", "Hello {nobody}", "{nobody} is not known here"),
        ("r4.body", "Hello {first_name", "stands alone"),
        ("r4.body", "Your ketamine day", "must not leave in the clear"),
        ("r4.body", "Su sesión", "must not leave in the clear"),
        ("r4.sms", "Serenity  House", "must not leave in the clear"),
        ("r4.subject", "For {first_name}", "is not known here"),
        ("r6.sms", "{food_stop}", "is not known here"),
        ("r4.voice", "{link}", "is not known here"),
        ("r4.subject", "x" * 101, "may have 100 characters"),
    ],
)
def test_a_text_that_must_not_be_is_refused_with_the_reason(key: str, text: str, why: str) -> None:
    found = text_rules.refusal(key, text, ["serenity house"])
    assert found is not None
    assert why in found


def test_what_stands_behind_the_birth_date_may_name_things() -> None:
    assert text_rules.refusal("expect.during", "The infusion takes an hour.", ()) is None

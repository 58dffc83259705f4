"""What leaves in the clear is read once more; a planted word is found wherever it stands (I17)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from scheduler.mail.messages import build
from scheduler.planning import discreet
from scheduler.planning.wording import LANGUAGES, Wording, shipped
from scheduler.services.outgoing.discreet_check import tell_tale
from scheduler.services.outgoing.letters import kinds
from tests.unit.test_messages import SENDER, facts
from tests.unit.test_texts import full


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shipped_leaves_by_mail(language: str) -> None:
    for kind in kinds():
        told = full("digest_one" if kind == "digest" else kind, language)
        assert tell_tale(build(told), told) is None, kind


def saying(key: str, text: str) -> Wording:
    return Wording("en", {**shipped("en").texts, key: text})


@pytest.mark.parametrize(
    ("where", "changes"),
    [
        ("subject", {"wording": saying("invite.subject", "Your KETAMINE day")}),
        ("body", {"wording": saying("invite.body", "About your infu\u00adsion.")}),
        ("calendar entry", {"wording": saying("say.calendar", "Ketamine " * 9)}),
        ("alarm", {"wording": saying("alarm.visit", "Mood visit"), "driver": ""}),
        ("From name", {"sender": replace(SENDER, name="Ketamina Zürich")}),
        ("place", {"sender": replace(SENDER, place="Depression Centre")}),
        ("own word", {"wording": saying("invite.body", "Welcome to Serenity  House.")}),
        ("accents", {"wording": saying("invite.body", "Welcome to sérenity house.")}),
    ],
)
def test_a_telling_word_is_found_in_every_part(where: str, changes: dict[str, object]) -> None:
    told = facts("invite", discreet=("Serenity House",), **changes)
    if where == "alarm":
        plain = replace(told.visit, prep=replace(told.visit.prep, driver="none"))
        told = replace(told, visits=(plain,))
    assert tell_tale(build(told), told) is not None, where


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Serenity", "discreet": ("Serenity",)},
        {"first_name": "Iv", "driver": "Jane Pain, 555-0188"},
        {"sender": replace(SENDER, place="12 Iron Street, Drip Falls")},
        {"link": "https://appointments.example/p/x-iv-pain-ketamine-012"},
        {"recipient": "ketamine.fan@example.net"},
        {"sender": replace(SENDER, place="Painter Street, Ironwood")},
        {"discreet": ("art",), "sender": replace(SENDER, place="Stuart Street")},
    ],
)
def test_names_streets_and_links_are_not_words(changes: dict[str, object]) -> None:
    told = facts("invite", **changes)
    assert tell_tale(build(told), told) is None


def test_short_messages_are_read_too() -> None:
    told = facts("r4", channel="sms")
    assert tell_tale(json.dumps({"text": "Your infusion is tomorrow"}).encode(), told) == "infusion"
    assert tell_tale(json.dumps({"text": "Tomorrow, 8:45 am", "id": "iv"}).encode(), told) is None


def test_a_word_of_the_clinics_own_is_a_whole_word() -> None:
    assert discreet.holds("The Spa.", "spa")
    assert not discreet.holds("Spacious", "spa")
    assert discreet.holds("serenity\n HOUSE", "Serenity House")
    assert not discreet.holds("anything", " ")

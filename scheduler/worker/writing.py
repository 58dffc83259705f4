"""From the facts of a leased message to its bytes, with links of its own (trust I23)."""

from __future__ import annotations

from dataclasses import replace
from email.message import Message

from scheduler.mail.messages import built
from scheduler.phone import parcels
from scheduler.services.outgoing.delivery import Written
from scheduler.services.outgoing.discreet_check import tell_tale
from scheduler.services.outgoing.leases import Lease
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.own import links

PATHS = {links.PAGE: "p", links.OFF: "u", links.DRIVER: "d"}
TO_DRIVERS = ("r6",)


class TellTale(Exception):
    """A word that says what somebody is treated for was about to leave (trust I17)."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.why = f"It says a word that must not leave: {word}"


def write(lease: Lease, public_url: str) -> Written:
    """The bytes of an earlier try, or new ones. Raises TellTale, and whatever a message that cannot
    be written raises."""
    if lease.body is not None:
        return Written(body=lease.body)
    return rendered(lease.facts, public_url)


def rendered(facts: MessageFacts, public_url: str) -> Written:
    """The message with new links of its own."""
    tokens = {purpose: links.new_token() for purpose in _purposes(facts)}
    urls = {purpose: f"{public_url}/{PATHS[purpose]}/{token}" for purpose, token in tokens.items()}
    facts = replace(
        facts,
        link=urls.get(links.PAGE) or urls.get(links.DRIVER, ""),
        off_link=urls.get(links.OFF, ""),
    )
    body, read = _bytes(facts, public_url)
    if (word := tell_tale(read, facts)) is not None:
        raise TellTale(word)
    return Written(body=body, tokens=tokens)


def _bytes(facts: MessageFacts, public_url: str) -> tuple[bytes, bytes | Message]:
    """And the same as it was read back, if it was."""
    if facts.channel == "email":
        return built(facts)
    body = parcels.build(facts, callback=f"{public_url}/hooks/phone")
    return body, body


def _purposes(facts: MessageFacts) -> tuple[str, ...]:
    if facts.kind in TO_DRIVERS:
        return (links.DRIVER,)
    return (links.PAGE, links.OFF) if facts.channel == "email" else (links.PAGE,)

"""From the facts of a leased message to its bytes, with links of its own (trust I23)."""

from __future__ import annotations

from dataclasses import replace

from scheduler.mail.messages import build
from scheduler.phone import parcels
from scheduler.services import links
from scheduler.services.delivery import Written
from scheduler.services.leases import Lease
from scheduler.services.mail_facts import MessageFacts

PATHS = {links.PAGE: "p", links.OFF: "u", links.DRIVER: "d"}
TO_DRIVERS = ("r6",)


def write(lease: Lease, public_url: str) -> Written:
    """The bytes of an earlier try, or new ones. Raises whatever a message that cannot be written
    raises."""
    if lease.body is not None:
        return Written(body=lease.body)
    tokens = {purpose: links.new_token() for purpose in _purposes(lease.facts)}
    urls = {purpose: f"{public_url}/{PATHS[purpose]}/{token}" for purpose, token in tokens.items()}
    facts = replace(
        lease.facts,
        link=urls.get(links.PAGE) or urls.get(links.DRIVER, ""),
        off_link=urls.get(links.OFF, ""),
    )
    if lease.channel == "email":
        return Written(body=build(facts), tokens=tokens)
    body = parcels.build(facts, callback=f"{public_url}/hooks/phone")
    return Written(body=body, tokens=tokens)


def _purposes(facts: MessageFacts) -> tuple[str, ...]:
    if facts.kind in TO_DRIVERS:
        return (links.DRIVER,)
    return (links.PAGE, links.OFF) if facts.channel == "email" else (links.PAGE,)

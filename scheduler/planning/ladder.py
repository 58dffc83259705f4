"""The ladder of a visit: the template's rungs with the changes of its site (domain G)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any, TypeVar

from scheduler.planning.rung import ReminderRule
from scheduler.planning.sending_window import USUAL, Window

Said = TypeVar("Said")
MOST_PER_WEEK = 3
"""Messages of the limited kinds to one patient in seven days, where the site says no other."""
LIMITED_KINDS = ("r2", "r8", "r9", "r10", "r11", "r12")
"""Preparation is never dropped; these may be (domain G)."""
PREFERRED = "preferred"
"""In a rung's channels: whichever way the patient wishes."""


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """What holds for the visits of one template at one site."""

    rules: tuple[ReminderRule, ...]
    window: Window = USUAL
    most_per_week: int = MOST_PER_WEEK

    def rule(self, rule_id: str) -> ReminderRule | None:
        """None: nothing of this kind leaves here."""
        return next((one for one in self.rules if one.id == rule_id), None)


@dataclass(frozen=True, kw_only=True)
class RungChange:
    """What a site does differently on one rung; None: as shipped. An optional rung is off until
    the site says on."""

    on: bool | None = None
    at: dict[str, Any] | None = None
    when: dict[str, Any] | None = None
    channels: tuple[str, ...] | None = None
    escalate: dict[str, Any] | None = None

    def to_plain(self) -> dict[str, Any]:
        channels = None if self.channels is None else list(self.channels)
        times = {"at": self.at, "when": self.when, "escalate": self.escalate}
        given = {"on": self.on, "channels": channels, **times}
        return {key: one for key, one in given.items() if one is not None}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> RungChange:
        channels = plain.get("channels")
        return cls(
            on=plain.get("on"),
            at=plain.get("at"),
            when=plain.get("when"),
            channels=None if channels is None else tuple(channels),
            escalate=plain.get("escalate"),
        )


@dataclass(frozen=True, kw_only=True)
class SiteLadder:
    """The site's own word on reminders, for all its templates; `own` are rungs that it adds."""

    window: Window = USUAL
    most_per_week: int = MOST_PER_WEEK
    changes: Mapping[str, RungChange] = field(default_factory=dict)
    own: tuple[ReminderRule, ...] = ()

    def is_on(self, rule_id: str) -> bool:
        """Not switched off here."""
        return self.changes.get(rule_id, RungChange()).on is not False

    def to_plain(self) -> dict[str, Any]:
        """For a JSON column; empty where all is as shipped."""
        changed = {name: one.to_plain() for name, one in self.changes.items()}
        rungs = {name: one for name, one in changed.items() if one}
        plain: dict[str, Any] = {"rungs": rungs} if rungs else {}
        if self.window != USUAL:
            plain["window"] = {
                "from": self.window.opens.isoformat("minutes"),
                "until": self.window.closes.isoformat("minutes"),
            }
        if self.most_per_week != MOST_PER_WEEK:
            plain["most_per_week"] = self.most_per_week
        if self.own:
            plain["own"] = [_own_to_plain(rule) for rule in self.own]
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> SiteLadder:
        """Raises KeyError, TypeError or ValueError for data that `to_plain` would not write."""
        hours = plain.get("window", {"from": "08:00", "until": "20:00"})
        opens, closes = time.fromisoformat(hours["from"]), time.fromisoformat(hours["until"])
        rungs = plain.get("rungs", {})
        own = (_own_from_plain(one) for one in plain.get("own", ()))
        return cls(
            window=Window(opens=opens, closes=closes),
            most_per_week=plain.get("most_per_week", MOST_PER_WEEK),
            changes={name: RungChange.from_plain(one) for name, one in rungs.items()},
            own=tuple(own),
        )


def resolved(
    template: Iterable[ReminderRule], shipped: Mapping[str, ReminderRule], site: SiteLadder
) -> Ladder:
    """The more special word wins: what the template says differently from the shipped rung, then
    the site's change, then the shipped rung. A rung that the site has switched off leaves for
    nobody; one that the template leaves out is not added."""
    rules = [_resolved(rule, shipped.get(rule.id), site.changes.get(rule.id)) for rule in template]
    there = [rule for rule in rules if rule is not None]
    taken = {rule.id for rule in there}
    there += [rule for rule in site.own if rule.id not in taken and site.is_on(rule.id)]
    return Ladder(rules=tuple(there), window=site.window, most_per_week=site.most_per_week)


def _resolved(
    rule: ReminderRule, shipped: ReminderRule | None, change: RungChange | None
) -> ReminderRule | None:
    change = change or RungChange()
    on = not rule.optional if change.on is None else change.on
    if not on:
        return None
    if shipped is None:  # a rung of the template alone: the site may only switch it off
        return rule
    return replace(
        rule,
        at=_word(rule.at, shipped.at, change.at),
        when=_word(rule.when, shipped.when, change.when),
        channels=_word(rule.channels, shipped.channels, change.channels),
        escalate=_word(rule.escalate, shipped.escalate, change.escalate),
    )


def _word(template: Said, shipped: Said, site: Said | None) -> Said:
    """The template's own word, or the site's where the template says what is shipped."""
    return site if site is not None and template == shipped else template


def _own_to_plain(rule: ReminderRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "at": rule.at,
        "channels": list(rule.channels),
        "action": rule.action,
        "text": rule.text,
    }


def _own_from_plain(plain: Mapping[str, Any]) -> ReminderRule:
    return ReminderRule(
        id=plain["id"],
        at=plain["at"],
        channels=tuple(plain["channels"]),
        action=plain.get("action", "none"),
        text=plain["text"],
    )


def channels_of(rule: ReminderRule, ways: tuple[str, ...]) -> tuple[str, ...]:
    """By which ways the rung can reach somebody with these, in the person's own order.

    The notice on the day itself (R5) is for a phone; who has none gets it by mail, where it may
    still help.
    """
    if PREFERRED in rule.channels or not rule.channels:
        return ways
    there = tuple(one for one in ways if one in rule.channels)
    if not there and rule.id == "R5":
        return tuple(one for one in ways if one == "email")
    return there

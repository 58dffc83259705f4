"""What one message is about: everything the mail room needs, read once, with no row behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.visit import VisitShape
from scheduler.planning.wording import ENGLISH, Wording


@dataclass(frozen=True, kw_only=True)
class ToldVisit:
    """One visit as a patient is told of it; `starts_at` is aware UTC."""

    starts_at: datetime
    shape: VisitShape
    prep: PrepSet
    zone: ZoneInfo

    @property
    def times(self) -> PrepTimes:
        return clock_times(self.prep, self.shape, self.starts_at, self.zone)

    def to_plain(self) -> dict[str, Any]:
        """For a JSON column; `from_plain` gives the same visit back."""
        return {
            "starts_at": self.starts_at.isoformat(),
            "shape": self.shape.to_plain(),
            "prep": self.prep.to_plain(),
            "zone": self.zone.key,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> ToldVisit:
        return cls(
            starts_at=datetime.fromisoformat(plain["starts_at"]),
            shape=VisitShape.from_plain(plain["shape"]),
            prep=PrepSet.from_plain(plain["prep"]),
            zone=ZoneInfo(plain["zone"]),
        )


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The site as patients see it: `address` is From and ORGANIZER, `name` its public name."""

    address: str
    name: str
    place: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class MessageFacts:
    """One message to one person (trust I15). Instants are aware UTC.

    `visits` holds one visit, or every visit of a digest; `before` is what the patient's calendar
    shows until now; `moved` are those of a digest's visits whose time is news. `asks` says that an
    evening reminder also asks what R3 would have asked. `tentative`: a time that is held, not
    booked, until `until`; `stays`: only the calendar's entry goes, the visit takes place;
    `subscribes`: the calendar is filled by the feed, not by mail (calendar F6). `values` are more
    placeholders of this kind; `also` are kinds whose matter this message takes along, `others` what
    it says about other visits; `discreet`
    are the site's own words that must not leave. The worker sets `link` (the patient's page) and
    `off_link` (no more of these) right before it writes.
    """

    kind: str  # as outbox.kind
    message_id: str
    stamped_at: datetime
    recipient: str
    sender: Sender
    first_name: str
    visits: tuple[ToldVisit, ...]
    before: ToldVisit | None = None
    moved: tuple[ToldVisit, ...] = ()
    uid: str | None = None
    sequence: int = 0
    driver: str = ""
    asks: bool = False
    neutral_alarms: bool = False
    tentative: bool = False
    stays: bool = False
    subscribes: bool = False
    until: datetime | None = None
    channel: str = "email"
    rule_id: str = ""
    wording: Wording = ENGLISH
    link: str = ""
    off_link: str = ""
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    others: tuple[MessageFacts, ...] = ()
    discreet: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        return self.wording.language

    @property
    def visit(self) -> ToldVisit:
        """Raises IndexError for a message that is not about a visit."""
        return self.visits[0]

    @property
    def method(self) -> str | None:
        """The iTIP method that this kind of message carries; none in a subscriber's plain mail."""
        methods = {"invite": "REQUEST", "update": "REQUEST", "cancel": "CANCEL"}
        return methods.get(self.kind) if self.uid is not None else None

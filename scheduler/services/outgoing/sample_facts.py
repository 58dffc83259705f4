"""Invented facts for each kind of message: what a text looks like before it is used (fact 8)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.models import Site
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepSet
from scheduler.planning.visit import Part, VisitShape
from scheduler.planning.wording import Values, Wording
from scheduler.planning.words.clock import day
from scheduler.services.outgoing.mail_facts import MessageFacts, Sender, ToldVisit
from scheduler.services.outgoing.message_values import when

SHAPE = VisitShape(
    parts=(
        Part(name="checkin", minutes=10, chair=False),
        Part(name="prep", minutes=15),
        Part(name="treatment", minutes=40),
        Part(name="recovery", minutes=30),
        Part(name="discharge", minutes=5),
    ),
    arrive_early_minutes=15,
    sedating=True,
)
PREP = PrepSet(
    fasting_solids_minutes=240,
    limit_fluids_minutes=120,
    driver="required",
    no_driving_until="next_day_after_sleep",
    alcohol_before_minutes=1440,
    alcohol_after_minutes=1440,
    clothing="comfortable_arm_access",
    arrive_early_minutes=15,
)
WEDNESDAY = 2
UID = "00000000-0000-4000-8000-000000000000@sample.example"
HOURS = (time(9), time(9), time(13, 30))
PAGE_PATH = "p/0123456789abcdefABCDEF"
"""As long as a real link's, and opens nothing."""
SAMPLES = {
    "en": {
        "first_name": "Anna",
        "driver": "Ben Okri, 555-0188",
        "moment": "5:00 am",
        "time": "10:00 am",
        "day": "Wed 13 Jan",
        "date": "Wednesday, 13 January 2027",
        "arrive_at": "8:45 am",
        "leave_at": "10:30 am",
        "until": "Thu 14 Jan",
        "due": "Mon 18 Jan",
        "year": "2027",
        "caller": "Dana",
        "zone": "New York",
        "sentences": "No food from 5:00 am.",
        "preparation": "No food from 5:00 am.",
        "was": "No food from 3:00 am.",
        "tries": "3",
    },
    "es": {
        "first_name": "Anna",
        "driver": "Ben Okri, 555-0188",
        "moment": "5:00 a. m.",
        "time": "10:00 a. m.",
        "day": "mié 13 ene",
        "date": "miércoles 13 de enero de 2027",
        "arrive_at": "8:45 a. m.",
        "leave_at": "10:30 a. m.",
        "until": "jue 14 ene",
        "due": "lun 18 ene",
        "year": "2027",
        "caller": "Dana",
        "zone": "Nueva York",
        "sentences": "No coma nada a partir de las 5:00 a. m.",
        "preparation": "No coma nada a partir de las 5:00 a. m.",
        "was": "No coma nada a partir de las 3:00 a. m.",
        "tries": "3",
    },
}
"""For texts that are no messages of their own."""
SEVERAL = ("digest", "moved", "prep", "hold", "hold_over", "r7")
HELD = ("hold", "hold_invite")
NO_VISIT = ("call_us", "r11", "r12")
KINDS = {
    **dict.fromkeys(("digest_one", "moved"), "digest"),
    **dict.fromkeys(("changed", "hold_invite"), "update"),
    **dict.fromkeys(("calendar_off", "hold_cancel"), "cancel"),
}
"""Tables that are a kind of message only under certain facts."""


def sample(table: str, wording: Wording, sender: Sender, zone: ZoneInfo, on: date) -> MessageFacts:
    """One message written with this table of texts, some days after `on`, a date of the site."""
    visits = _visits(zone, on)
    kind = "own" if table.startswith("own-") else KINDS.get(table, table)
    told = () if table in NO_VISIT else visits if table in SEVERAL else visits[:1]
    return MessageFacts(
        kind=kind,
        message_id="<sample@example>",
        stamped_at=instant(zone, on, time(8)),
        recipient="anna@example.net",
        sender=sender,
        first_name="" if table == "r6" else "Anna",
        visits=told,
        before=_before(table, visits),
        moved=visits[1:2] if table == "moved" else (),
        uid=UID if kind in ("invite", "update", "cancel") else None,
        driver="Ben Okri, 555-0188",
        asks=table == "r4",
        tentative=table in ("hold_invite", "hold_cancel"),
        stays=table == "calendar_off",
        until=_until(table, zone, on),
        rule_id=table.removeprefix("own-") if kind == "own" else "",
        wording=wording,
        values=_values(table, visits, wording),
    )


def sender_of(site: Site) -> Sender:
    return Sender(
        address=site.sender_address, name=site.public_name, place=site.address, phone=site.phone
    )


def _visits(zone: ZoneInfo, on: date) -> tuple[ToldVisit, ...]:
    first = on + timedelta(days=7 + (WEDNESDAY - on.weekday()) % 7)
    days = (first + timedelta(days=later) for later in (0, 2, 5))
    starts = (instant(zone, each, at) for each, at in zip(days, HOURS, strict=True))
    return tuple(ToldVisit(starts_at=at, shape=SHAPE, prep=PREP, zone=zone) for at in starts)


def _before(table: str, visits: tuple[ToldVisit, ...]) -> ToldVisit | None:
    if table == "update":
        return visits[1]
    return visits[0] if table == "changed" else None


def _until(table: str, zone: ZoneInfo, on: date) -> datetime | None:
    return instant(zone, on + timedelta(days=2), time(10)) if table in HELD else None


def _values(table: str, visits: tuple[ToldVisit, ...], wording: Wording) -> Values:
    """What beside the common placeholders some kinds say."""
    soon = day(visits[2].times.on, wording.language)
    own: dict[str, Values] = {
        "r7": {"dates": tuple(when(one, wording) for one in visits)},
        "r11": {"due": soon},
        "r12": {"until": soon},
    }
    return own.get(table, {})

"""Whatever the zone, the day, the fast and the text: times agree, hours are kept, lines hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.invites.ics import Invite, request
from scheduler.mail.messages import build
from scheduler.planning.alarms import Alarm, alarms
from scheduler.planning.ladder import Ladder
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.reminders import Occasion, reminders
from scheduler.planning.sending_window import USUAL
from scheduler.planning.visit import Part, VisitShape
from scheduler.services.outgoing.ladders import standard
from scheduler.services.outgoing.mail_facts import MessageFacts, Sender, ToldVisit
from tests.calendar_readers import event_of, parse, with_vobject

ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Phoenix", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico"),
    *("Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"),
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
starts = st.times(time(6), time(20)).map(lambda at: at.replace(second=0, microsecond=0))
zones = st.sampled_from(ZONES).map(ZoneInfo)
texts = st.text(st.characters(), max_size=200)
preps = st.builds(
    PrepSet,
    fasting_solids_minutes=st.integers(0, 12 * 60),
    limit_fluids_minutes=st.integers(0, 4 * 60),
    driver=st.sampled_from(["none", "recommended", "required"]),
    alcohol_before_minutes=st.sampled_from([0, 1440, 4320]),
    no_driving_until=st.sampled_from([None, "next_day_after_sleep"]),
    clothing=st.sampled_from([None, "comfortable_arm_access"]),
)
LADDER = Ladder(rules=standard(sedating=True))
SHAPE = VisitShape(parts=(Part(name="infusion", minutes=100),), arrive_early_minutes=15)


def times_of(zone: ZoneInfo, on: date, at: time, prep: PrepSet) -> PrepTimes:
    return clock_times(prep, SHAPE, instant(zone, on, at), zone)


@given(zones, days, starts, preps)
@example(ZoneInfo("America/New_York"), SPRING, time(8), PrepSet(fasting_solids_minutes=480))
@example(ZoneInfo("America/New_York"), AUTUMN, time(8), PrepSet(fasting_solids_minutes=480))
def test_reminders_leave_by_day_before_the_visit_and_before_the_stop(
    zone: ZoneInfo, on: date, at: time, prep: PrepSet
) -> None:
    times = times_of(zone, on, at, prep)
    found = reminders(LADDER, Occasion(times=times, booked_at=LONG_AGO))
    by_kind = {one.kind: one for one in found if not one.second}
    for one in found:
        assert USUAL.holds(one.due_at, zone)
        assert one.due_at < one.useless_at
        assert one.due_at < times.starts_at
    evening = by_kind["r4"].due_at
    assert times.local(evening).date() < times.on
    if times.first_stop_at is not None:
        assert evening <= times.first_stop_at - timedelta(minutes=60)
    if "r5" in by_kind and times.first_stop_at is not None:
        assert times.first_stop_at - by_kind["r5"].due_at == timedelta(minutes=60)


@given(zones, days, starts, preps, st.booleans())
def test_alarms_ring_the_evening_before_and_never_at_night(
    zone: ZoneInfo, on: date, at: time, prep: PrepSet, neutral: bool
) -> None:
    times = times_of(zone, on, at, prep)
    found = alarms(times, now=LONG_AGO, neutral=neutral)
    assert 1 <= len(found) <= 2
    for alarm in found:
        assert USUAL.holds(alarm.at, zone)
        assert times.local(alarm.at).date() < times.on


@given(zones, days, starts, preps)
@example(ZoneInfo("America/New_York"), AUTUMN, time(6), PrepSet())
def test_every_reader_finds_the_instant_that_was_meant(
    zone: ZoneInfo, on: date, at: time, prep: PrepSet
) -> None:
    times = times_of(zone, on, at, prep)
    data = request(invite(times, "No food, please"))
    event_of(data, "REQUEST")
    read = with_vobject(data)
    assert read.dtstart.value.astimezone(UTC) == times.arrives_at
    assert read.dtend.value.astimezone(UTC) == times.leaves_at
    expected = [one.at for one in alarms(times, now=LONG_AGO, neutral=False)]
    assert [times.arrives_at + one.trigger.value for one in read.valarm_list] == expected


def invite(times: PrepTimes, text: str) -> Invite:
    return Invite(
        uid="b7c1f0de-6a55-4b43-9f0e-2f7a1c9d0001@larkmoor.example",
        sequence=0,
        stamped_at=LONG_AGO,
        zone=times.zone,
        arrives_at=times.arrives_at,
        leaves_at=times.leaves_at,
        organizer="bookings@larkmoor.example",
        organizer_name=text,
        attendee="pat@example.net",
        location=text,
        description=text,
        alarms=tuple(
            Alarm(at=one.at, text=f"x{text}") for one in alarms(times, now=LONG_AGO, neutral=False)
        ),
    )


@given(texts)
@example("=?utf-8?q?x=0aBcc:_eve=40example.net?=")
@example("\r\nBcc: eve@example.net")
@example("\ud800\x00\u2028\u202e\u0085")
def test_no_text_becomes_a_line_or_a_header(text: str) -> None:
    zone = ZoneInfo("America/New_York")
    times = times_of(zone, date(2027, 1, 13), time(9), PrepSet(fasting_solids_minutes=240))
    event = event_of_any_text(request(invite(times, text)))
    assert len(event) == len(event_of_any_text(request(invite(times, "calm"))))
    data = build(facts(text))
    head = data.partition(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert len(names) == len(set(names)) == 9
    assert b"Bcc" not in names


def event_of_any_text(data: bytes) -> list[str]:
    """Names of properties in order; a text may be missing where nothing of it could be kept."""
    (event,) = parse(data).children("VEVENT")
    inner = [name for alarm in event.children("VALARM") for name, _, _ in alarm.lines]
    return [name for name, _, _ in event.lines if name != "LOCATION"] + inner


def facts(text: str) -> MessageFacts:
    visit = ToldVisit(
        starts_at=instant(ZoneInfo("America/New_York"), date(2027, 1, 13), time(9)),
        shape=SHAPE,
        prep=PrepSet(fasting_solids_minutes=240, driver="required"),
        zone=ZoneInfo("America/New_York"),
    )
    return MessageFacts(
        kind="r3",
        message_id="<c2f1@larkmoor.example>",
        stamped_at=LONG_AGO,
        recipient="pat@example.net",
        sender=Sender(address="bookings@larkmoor.example", name=text, place=text, phone=text),
        first_name=text,
        visits=(visit,),
        driver=text,
    )

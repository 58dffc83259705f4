"""Readers that are not `icalendar`, and our own checks of the bytes (calendar.md 9)."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import vobject
from ical.calendar_stream import IcsCalendarStream

from tests.discreet import tell_tales
from tests.machine import lacking

LINE_OCTETS = 75
ATTENDEE = {
    "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE",
}  # fmt: skip


@dataclass
class Component:
    """One BEGIN..END, read with nothing but string functions."""

    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    inner: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[tuple[dict[str, str], str]]:
        return [(params, value) for found, params, value in self.lines if found == name]

    def one(self, name: str) -> str:
        """The value of a property that stands exactly once."""
        ((_, value),) = self.all(name)
        return value

    def children(self, name: str) -> list[Component]:
        return [child for child in self.inner if child.name == name]


def parse(data: bytes) -> Component:
    """The VCALENDAR of well-formed bytes; asserts the form of RFC 5545 3.1 too (calendar O1)."""
    assert_lines(data)
    stack = [Component("")]
    for line in data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]:
        name, params, value = _content_line(line)
        if name == "BEGIN":
            stack.append(Component(value))
        elif name == "END":
            done = stack.pop()
            assert done.name == value
            stack[-1].inner.append(done)
        else:
            stack[-1].lines.append((name, params, value))
    (calendar,) = stack[0].inner
    assert calendar.name == "VCALENDAR"
    return calendar


def assert_lines(data: bytes) -> None:
    assert data.endswith(b"\r\n")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    for line in data.removesuffix(b"\r\n").split(b"\r\n"):
        assert 0 < len(line) <= LINE_OCTETS, line
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data)
    assert not re.search("[\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", data.decode())


def _content_line(line: str) -> tuple[str, dict[str, str], str]:
    match = re.fullmatch(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:]*))*):(.*)', line)
    assert match is not None, line
    params = re.findall(r';([A-Z-]+)=("[^"]*"|[^";:]*)', match[2])
    return match[1], {name: value.strip('"') for name, value in params}, match[3]


TITLES = ("Appointment", "Cita")


def event_of(data: bytes, method: str, status: str = "CONFIRMED") -> Component:
    """The one VEVENT of a REQUEST or CANCEL, after every check that the other readers leave out.

    `status` is a REQUEST's.
    """
    calendar = parse(data)
    assert calendar.one("METHOD") == method
    assert calendar.one("VERSION") == "2.0"
    assert not [name for name, _, _ in _everything(calendar) if name.startswith("X-")]
    assert tell_tales(data.replace(b"\r\n ", b"").decode()) == []
    (event,) = calendar.children("VEVENT")
    _check_people(event)
    _check_times(calendar, event)
    _check_alarms(event, method)
    assert event.one("STATUS") == {"REQUEST": status, "CANCEL": "CANCELLED"}[method]
    assert event.one("TRANSP") == {"REQUEST": "OPAQUE", "CANCEL": "TRANSPARENT"}[method]
    assert event.one("SUMMARY") in TITLES
    assert event.one("SEQUENCE").isdigit()
    return event


def _everything(component: Component) -> Iterator[tuple[str, dict[str, str], str]]:
    yield from component.lines
    for child in component.inner:
        yield from _everything(child)


def _check_people(event: Component) -> None:
    ((params, organizer),) = event.all("ORGANIZER")
    assert organizer.startswith("mailto:")
    assert set(params) <= {"CN"}
    ((params, attendee),) = event.all("ATTENDEE")
    assert attendee.startswith("mailto:")
    assert params == ATTENDEE
    assert organizer != attendee
    assert re.fullmatch(r"[0-9a-f-]{36}@[a-z0-9.-]+", event.one("UID"))


def _check_times(calendar: Component, event: Component) -> None:
    assert re.fullmatch(r"\d{8}T\d{6}Z", event.one("DTSTAMP"))
    assert not event.all("RRULE")
    zones = {child.one("TZID"): child for child in calendar.children("VTIMEZONE")}
    for name in ("DTSTART", "DTEND"):
        ((params, value),) = event.all(name)
        if "TZID" in params:
            assert params["TZID"] in zones
        else:
            assert value.endswith("Z"), "floating time"
    for zone in zones.values():
        _check_zone(zone)


def _check_zone(zone: Component) -> None:
    """Outlook's form (calendar Z2)."""
    assert len(zone.children("STANDARD")) == 1
    assert len(zone.children("DAYLIGHT")) <= 1
    for observance in zone.inner:
        assert not observance.all("RDATE")
        if zone.children("DAYLIGHT"):
            rule = r"FREQ=YEARLY;BYDAY=-?\d(SU|MO|TU|WE|TH|FR|SA);BYMONTH=\d{1,2}"
            assert re.fullmatch(rule, observance.one("RRULE"))


def _check_alarms(event: Component, method: str) -> None:
    alarms = event.children("VALARM")
    assert not (method == "CANCEL" and alarms)
    for alarm in alarms:
        assert alarm.one("ACTION") == "DISPLAY"
        assert alarm.one("DESCRIPTION")
        assert not alarm.all("ATTENDEE")
        assert re.fullmatch(r"-PT\d+H(\d+M)?|-PT\d+M", alarm.one("TRIGGER"))


def unescaped(value: str) -> str:
    """A TEXT value as a person reads it."""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def with_ical(data: bytes) -> Any:
    """The event as the `ical` package reads it; it refuses values that are not strict."""
    (event,) = IcsCalendarStream.calendar_from_ics(data.decode()).events
    return event


def with_vobject(data: bytes) -> Any:
    """The event as `vobject` reads it, with times computed from our own VTIMEZONE."""
    return vobject.readOne(data.decode()).vevent


def starts_of(data: bytes) -> set[datetime]:
    """When the event starts for each independent reader, in UTC: one value if they agree."""
    return {
        with_ical(data).dtstart.astimezone(UTC),
        with_vobject(data).dtstart.value.astimezone(UTC),
    }


def assert_libical_agrees(data: bytes) -> None:
    """The RFC 5546 tables of libical 3: what a REQUEST or a CANCEL must hold and must not."""
    library = _libical()
    component = library.icalparser_parse_string(data)
    assert component
    library.icalrestriction_check(component)
    text = library.icalcomponent_as_ical_string(component).decode()
    faults = [line for line in text.splitlines() if "X-LIC-ERROR" in line]
    library.icalcomponent_free(component)
    assert faults == []


def _libical() -> ctypes.CDLL:
    found = ctypes.util.find_library("ical")
    if found is None:
        lacking("libical 3", "apt-get install libical3")
    library = ctypes.CDLL(found)
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalcomponent_as_ical_string.restype = ctypes.c_char_p
    for name in ("icalrestriction_check", "icalcomponent_as_ical_string", "icalcomponent_free"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
    return library

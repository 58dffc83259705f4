"""Every file is read by four programs that are not ours, and all find the same (calendar.md 9)."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import vobject
from ical.calendar_stream import IcsCalendarStream
from playwright._impl._driver import compute_driver_executable

from scheduler import places
from tests.calendar_readers import assert_libical_agrees
from tests.machine import lacking

SCRIPT = Path(__file__).with_name("ical_js.cjs")
LIBRARY = Path(places.__file__).parent / "static" / "vendor" / "ical" / "ical.min.cjs"
Read = list[tuple[str, int, str, datetime, datetime]]
"""UID, SEQUENCE, STATUS, start and end in UTC of each event, in the file's order."""


@dataclass(frozen=True)
class Found:
    """What all readers agree that the file says."""

    method: str | None
    events: Read


def found_by_all(files: Sequence[bytes]) -> list[Found]:
    """Raises if one reader refuses a file, or two of them differ."""
    read = []
    for data, strict in zip(files, _with_ical_js(files), strict=True):
        assert_libical_agrees(data)
        events = _events(strict)
        assert _with_ical(data) == events, data.decode()
        assert _with_vobject(data) == events, data.decode()
        read.append(Found(strict["method"], events))
    return read


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _events(facts: dict[str, Any]) -> Read:
    return [
        (one["uid"], one["sequence"], one["status"], _at(one["starts"]), _at(one["ends"]))
        for one in facts["events"]
    ]


def _with_ical_js(files: Sequence[bytes]) -> list[dict[str, Any]]:
    """Thunderbird's parser; one program for all files. The Node of the browser driver serves."""
    if not LIBRARY.exists():
        lacking("ical.js", "python3 -m pip install -e . (it fetches the libraries with npm)")
    node = shutil.which("node") or compute_driver_executable()[0]
    run = subprocess.run(
        [node, str(SCRIPT), str(LIBRARY)],
        input=json.dumps([base64.b64encode(data).decode() for data in files]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return list(json.loads(run.stdout))


def _with_ical(data: bytes) -> Read:
    events = IcsCalendarStream.calendar_from_ics(data.decode()).events
    return [
        (
            str(one.uid),
            one.sequence or 0,
            str(one.status.value) if one.status else "",
            _utc(one.dtstart),
            _utc(one.dtend),
        )
        for one in events
    ]


def _with_vobject(data: bytes) -> Read:
    calendar = vobject.readOne(data.decode())
    return [
        (
            one.uid.value,
            int(one.sequence.value),
            one.status.value,
            _utc(one.dtstart.value),
            _utc(one.dtend.value),
        )
        for one in calendar.contents.get("vevent", [])
    ]


def _utc(at: Any) -> datetime:
    assert isinstance(at, datetime)
    return at.astimezone(UTC)

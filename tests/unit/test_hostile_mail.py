"""Mail that is made to hurt: no crash, nothing taken, under 2 s and 256 MB each (calendar I1)."""

from __future__ import annotations

import subprocess
import sys
from base64 import encodebytes

import pytest

from scheduler.mail import inbound
from scheduler.services.incoming.inbound_facts import PASSED
from tests.reply_mails import AUTHSERV, PATIENT, TOKEN, Mail, bounce
from tests.source import ROOT

GOOD = Mail(text="Hello")
DEEP = 9000


def _multipart(depth: int) -> bytes:
    levels = (f"Content-Type: multipart/mixed; boundary={n}\r\n\r\n--{n}\r\n" for n in range(depth))
    return GOOD.head + "".join(levels).encode()


def _in_base64(cut: int) -> bytes:
    part = encodebytes(GOOD.calendar)[:cut]
    head = b"Content-Type: text/calendar; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return GOOD.head + head + part


BEGIN = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n"
HOSTILE = {
    "a 3 MB line": GOOD.data(GOOD.calendar.replace(b"UID:", b"UID:" + b"x" * 3_000_000)),
    "a long line": GOOD.data(GOOD.calendar.replace(b"UID:", b"UID:" + b"x" * 200_000)),
    "nested parts": _multipart(DEEP),
    "nested parts that fit": _multipart(90),
    "nested messages": GOOD.head + b"Content-Type: message/rfc822\r\n\r\n" * DEEP,
    "nested events": GOOD.data(BEGIN + b"BEGIN:VEVENT\r\n" * DEEP + b"END:VEVENT\r\n" * DEEP),
    "many events": GOOD.data(BEGIN + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * DEEP),
    "many properties": GOOD.data(BEGIN + b"BEGIN:VEVENT\r\n" + b"COMMENT:x\r\n" * 6000),
    "many parameters": GOOD.data(b"BEGIN:VCALENDAR\r\nMETHOD" + b";A=b" * 15_000 + b":REPLY\r\n"),
    "a path": GOOD.data(b"/etc/passwd"),
    "truncated base64": _in_base64(301),
    "brackets in From": Mail(sender="(" * 100_000).data(),
    "words in Authentication-Results": Mail(proof="(" * 100_000).data(),
    "many words of a header": GOOD.head + b"Content-Type: text/calendar" + b";a=b" * 60_000,
    "a tag soup": GOOD.head + b"Content-Type: text/html\r\n\r\n" + b"<a <" * 60_000,
    "zeros": bytes(100_000),
    "nothing": b"",
}  # fmt: skip
LIMITS = """
import re, signal, sys
from pathlib import Path
from tests.unit.test_hostile_mail import AUTHSERV, HOSTILE
from scheduler.mail import inbound
for name, data in HOSTILE.items():
    signal.setitimer(signal.ITIMER_PROF, 2)  # ends the process: no handler
    inbound.read(data, authserv_id=AUTHSERV)
signal.setitimer(signal.ITIMER_PROF, 0)
status = Path("/proc/self/status").read_text()  # getrusage would tell the parent's peak
sys.exit(int(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1]) > 256 * 1024)
"""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_without_an_error_and_answers_nothing(name: str) -> None:
    found = inbound.read(HOSTILE[name], authserv_id=AUTHSERV)
    assert (
        found.calendar is None
        or not found.calendar.attendees
        or not found.sender
        or (found.proof != PASSED)
    )
    assert len(found.text) <= 1000


def test_hostile_mail_takes_neither_time_nor_memory() -> None:
    run = subprocess.run([sys.executable, "-c", LIMITS], cwd=ROOT, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()


def test_of_a_message_that_is_too_large_only_its_sender_is_known() -> None:
    found = inbound.read(HOSTILE["a 3 MB line"], authserv_id=AUTHSERV)
    assert (found.sender, set(found.tokens), found.text) == (PATIENT, {TOKEN}, "")
    assert "too large" in found.wrong


def test_the_text_of_a_file_stands_nowhere_in_what_was_read() -> None:
    assert "root:" not in repr(inbound.read(HOSTILE["a path"], authserv_id=AUTHSERV))


def test_an_invitation_inside_a_bounce_is_never_taken_for_an_answer() -> None:
    report = bounce("visits@larkspur.example", PATIENT, "<a@b>", "5.1.1")
    found = inbound.read(report.replace(b"METHOD:REQUEST", b"METHOD:REPLY"), authserv_id=AUTHSERV)
    assert found.calendar is None
    assert found.bounce is not None
    assert (found.bounce.status, found.bounce.message_ids) == ("5.1.1", ("<a@b>",))


def test_what_a_letter_quotes_or_hides_is_left_out() -> None:
    page = "<style>p{}</style><p>I have a <b>question</b></p><script>x()</script>"
    html = Mail().head + b"Content-Type: text/html\r\n\r\n" + page.encode()
    assert inbound.read(html, authserv_id="").text == "I have a question"
    plain = Mail(text="Can I come later?\r\n\r\nOn Monday the clinic wrote:\r\n> be there at 9")
    assert inbound.read(plain.letter(), authserv_id="").text == "Can I come later?"

"""Facts to the bytes of one e-mail: the skeleton of calendar.md M1 to M8, read back before use."""

from __future__ import annotations

from email.message import EmailMessage, Message
from email.utils import format_datetime

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from scheduler.invites import ics
from scheduler.invites.ics import Invite
from scheduler.mail.headers import POLICY, address, header_text
from scheduler.mail.mime import Content, assemble
from scheduler.mail.reading_back import refuse_if_different
from scheduler.places import TEMPLATES
from scheduler.planning.alarms import alarms
from scheduler.services.outgoing.letters import Letter, calendar_words, letter
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.outgoing.message_values import cleaned

_TEMPLATES = Environment(
    loader=FileSystemLoader(TEMPLATES / "mail"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEXT, _HTML = _TEMPLATES.get_template("letter.txt"), _TEMPLATES.get_template("letter.html")


def build(facts: MessageFacts) -> bytes:
    """The message as it goes to the server; the same facts give the same text and calendar bytes.

    Raises what `built` raises.
    """
    return built(facts)[0]


def built(facts: MessageFacts) -> tuple[bytes, Message]:
    """The bytes, and what was read from them.

    Raises BadAddress, ValueError (calendar A2), or NotWhatWeWrote if a header or a recipient
    changed between our hands and the bytes.
    """
    facts = cleaned(facts)
    words = letter(facts)
    message = EmailMessage(policy=POLICY)
    _set_headers(message, facts, words)
    content = Content(
        text=_TEXT.render(letter=words),
        html=_HTML.render(letter=words),
        calendar=calendar_file(facts),
        method=str(facts.method),
    )
    data = assemble(message, content)
    return data, refuse_if_different(data, message, content)


def calendar_file(facts: MessageFacts) -> bytes | None:
    """The iTIP object of this message; None for a kind that has none."""
    if facts.method is None:
        return None
    times = facts.visit.times
    invite = Invite(
        uid=str(facts.uid),
        sequence=facts.sequence,
        stamped_at=facts.stamped_at,
        zone=facts.visit.zone,
        arrives_at=times.arrives_at,
        leaves_at=times.leaves_at,
        organizer=facts.sender.address,
        organizer_name=facts.sender.name,
        attendee=facts.recipient,
        location=facts.sender.place,
        description=calendar_words(facts),
        alarms=()
        if facts.tentative
        else alarms(
            times, now=facts.stamped_at, neutral=facts.neutral_alarms, wording=facts.wording
        ),
        tentative=facts.tentative,
        title=facts.wording.line("say.title"),
    )
    return ics.request(invite) if facts.method == "REQUEST" else ics.cancel(invite)


def _set_headers(message: EmailMessage, facts: MessageFacts, words: Letter) -> None:
    """One recipient, no name beside it (O4, trust I15); asks machines not to answer."""
    message["From"] = address(facts.sender.address, facts.sender.name)
    message["To"] = address(facts.recipient)
    message["Subject"] = header_text(words.subject)
    message["Date"] = format_datetime(facts.stamped_at)
    message["Message-ID"] = header_text(facts.message_id)
    if facts.off_link:
        message["List-Unsubscribe"] = header_text(f"<{facts.off_link}>")
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"

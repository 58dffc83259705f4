"""What a caller says: number, voicemail rule, who is spoken to, and sentences in the patient's
language; made when the task is opened, so that the clock times are those of now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.extensions import db
from scheduler.models import Patient, Site, Task, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.wording import Wording
from scheduler.planning.words import preparation
from scheduler.planning.words.clock import clock, day, day_of
from scheduler.services import tasks
from scheduler.services.actor import Actor
from scheduler.services.outgoing import outbox_rows, texts
from scheduler.services.own import answer_rows

CONFIRMED, DRIVER, REACHED, PROBLEM, NO_ANSWER, WRONG_NUMBER, LETTER_SENT, OTHER = (
    "confirmed", "driver", "reached", "problem", "no_answer", "wrong_number", "letter_sent",
    "other",
)  # fmt: skip
LABELS = {
    CONFIRMED: "Confirmed",
    DRIVER: "Driver named",
    REACHED: "Reached and told",
    PROBLEM: "Problem",
    NO_ANSWER: "No answer",
    WRONG_NUMBER: "Wrong number",
    LETTER_SENT: "Letter printed and sent",
    OTHER: "Something else",
}
NEXT = {
    CONFIRMED: "writes down that the patient comes, and confirms the visit if nothing is missing.",
    DRIVER: "writes down who drives; the visit itself is not confirmed by it.",
    PROBLEM: "makes an urgent task with your note.",
    NO_ANSWER: "brings it back in 30 minutes, and counts the try.",
    WRONG_NUMBER: "marks the number: nothing leaves for it, and somebody looks for another.",
}
"""What an outcome does next; the others just end the task."""
TO_THE_DRIVER = "driver"
"""A task that calls not the patient but who drives."""
_LETTERS = (tasks.LETTER,)
_NOT_ASKED = ("attendance_call", "nurse_call", "review", "recall", tasks.CLOSED_OVER, "displaced")
"""Calls about something else than whether the patient comes."""


@dataclass(frozen=True)
class Try:
    """A call that reached nobody."""

    at: datetime
    by_name: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Script:
    """`say` are sentences in the patient's language, `language` names it; the rest is for staff.

    `number` is as it was typed, empty for a letter. `asks_driver`: the form asks who drives.
    """

    number: str
    voicemail: str
    check: str
    say: tuple[str, ...]
    language: str
    asks_driver: bool
    outcomes: tuple[str, ...]
    tried: tuple[Try, ...] = ()


def of(task: Task, actor: Actor, *, now: datetime) -> Script:
    """For an open task with its patient and visit. Sentences of a letter are none."""
    patient = task.patient
    if patient is None or task.kind in _LETTERS:
        return _silent(task)
    site = db.session.get_one(Site, task.site_id)
    wording = texts.wording(site, patient.language)
    if task.kind == TO_THE_DRIVER and task.visit is not None:
        return _to_the_driver(task, task.visit, _Speaking(site, patient, wording, actor))
    visit = task.visit if _lies_ahead(task.visit, now) else None
    asked = visit is not None and task.kind not in _NOT_ASKED
    return Script(
        number=patient.phone,
        voicemail=_voicemail(patient, site, wording, actor),
        check=_check(patient),
        say=tuple(_sentences(task, _Speaking(site, patient, wording, actor), visit)),
        language=patient.language,
        asks_driver=asked and visit is not None and answer_rows.needs_driver(visit),
        outcomes=_outcomes(asked, visit),
        tried=_tried(task),
    )


def _to_the_driver(task: Task, visit: Visit, speaking: _Speaking) -> Script:
    """Another person is called: place and time, no name and no reason (domain R6)."""
    when = _clock(visit, speaking)
    asked = speaking.line("driver_call", place=speaking.site.address, **when)
    name = visit.driver_name or speaking.patient.driver_name
    return Script(
        number=visit.driver_phone or speaking.patient.driver_phone,
        voicemail="Do not leave a voicemail.",
        check=f"Ask for {name}. Say no patient's name.",
        say=(asked, speaking.line("end")),
        language=speaking.patient.language,
        asks_driver=False,
        outcomes=(REACHED, NO_ANSWER, PROBLEM, OTHER),
        tried=_tried(task),
    )


def _check(patient: Patient) -> str:
    born = day(patient.birth_on).partition(" ")[2]
    return (
        f"Check the birth date: {born} {patient.birth_on.year}. If it is not "
        f'{patient.first_name}: "I will call again", nothing more.'
    )


def _tried(task: Task) -> tuple[Try, ...]:
    return tuple(
        Try(datetime.fromisoformat(one["at"]), one["by"], one["what"])
        for one in task.facts.get("tried", ())
    )


@dataclass(frozen=True)
class _Speaking:
    """Who speaks to whom, and in which words."""

    site: Site
    patient: Patient
    wording: Wording
    actor: Actor

    def line(self, key: str, **more: str) -> str:
        common = {
            "caller": self.actor.name,
            "clinic": self.site.public_name,
            "first_name": self.patient.first_name,
            "phone": self.site.phone,
        }
        return self.wording.line(f"call.{key}", {**common, **more})


def _sentences(task: Task, speaking: _Speaking, visit: Visit | None) -> list[str]:
    said = [speaking.line("greeting")]
    if speaking.wording.has(f"call.{task.kind}"):  # about something else than coming
        when = _clock(task.visit, speaking) if task.visit is not None else {}
        said.append(speaking.line(task.kind, **when))
    elif visit is not None:
        said += _about_the_visit(visit, speaking)
    elif task.visit is not None:
        said.append(speaking.line("gone", **_clock(task.visit, speaking)))
    return [*said, speaking.line("end")]


def _about_the_visit(visit: Visit, speaking: _Speaking) -> list[str]:
    """Nothing about preparation while an answer waits for a person (domain F)."""
    times = outbox_rows.told(visit, speaking.site).times
    said = [speaking.line("visit", **_clock(visit, speaking))]
    if speaking.patient.suspended_at is None:
        todo = " ".join(preparation.to_do(times, speaking.wording))
        said += [speaking.line("preparation", preparation=todo)] if todo else []
        said += _about_the_driver(visit, speaking)
        said.append(speaking.line("changed"))
    return [*said, speaking.line("coming")]


def _about_the_driver(visit: Visit, speaking: _Speaking) -> list[str]:
    if visit.prep.get("driver", "none") == "none":
        return []
    known = visit.driver_name or speaking.patient.driver_name
    if known:
        return [speaking.line("driver_known", driver=known)]
    return [speaking.line("driver_asked", leave_at=_clock(visit, speaking)["leave_at"])]


def _clock(visit: Visit, speaking: _Speaking) -> dict[str, str]:
    zone, language = speaking.site.zone, speaking.wording.language
    return {
        "day": day_of(visit.arrives_at, zone, language),
        "arrive_at": clock(visit.arrives_at, zone, language),
        "leave_at": clock(visit.leaves_at, zone, language),
    }


def _voicemail(patient: Patient, site: Site, wording: Wording, actor: Actor) -> str:
    """What a machine may hear: name and number, no more (domain G, wording)."""
    if patient.no_voicemail:
        return "Do not leave a voicemail."
    words = _Speaking(site, patient, wording, actor).line("voicemail")
    return f'Voicemail, nothing more than: "{words}"'


def _outcomes(asked: bool, visit: Visit | None) -> tuple[str, ...]:
    calls = (NO_ANSWER, WRONG_NUMBER, PROBLEM, OTHER)
    if not asked or visit is None:
        return (REACHED, *calls)
    driver = (DRIVER,) if answer_rows.needs_driver(visit) else ()
    return (CONFIRMED, *driver, *calls)


def _lies_ahead(visit: Visit | None, now: datetime) -> bool:
    return visit is not None and visit.state in PLANNED_STATES and visit.starts_at > now


def _silent(task: Task) -> Script:
    letter = task.kind in _LETTERS
    return Script(
        number="",
        voicemail="",
        check="",
        say=(),
        language="",
        asks_driver=False,
        outcomes=(LETTER_SENT, OTHER) if letter else (OTHER,),
    )

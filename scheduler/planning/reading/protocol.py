"""Plain data in the words of domain E -> a protocol; every problem is collected with its path."""

from __future__ import annotations

from typing import Any

from scheduler.planning.phase import (
    MISSED_POLICIES,
    MISSED_THEN,
    MOST_VISITS,
    ROLES,
    Extend,
    Missed,
    Phase,
    Renew,
    Review,
    Span,
)
from scheduler.planning.protocol import Protocol, Source
from scheduler.planning.reading.checks import check
from scheduler.planning.reading.ladder import read_reminders
from scheduler.planning.reading.notes import LONGEST_NOTE, read_notes
from scheduler.planning.reading.plain import Path, Problem, ProtocolInvalid, Reader, text_problem
from scheduler.planning.reading.prep import read_prep
from scheduler.planning.reading.profile import read_duties, read_needs, read_profiles, read_rules
from scheduler.planning.reading.schedule import MOST_DAYS, read_schedule
from scheduler.planning.visit_profile import spoken, usual_needs

LONGEST_TITLE = 120
LONGEST_PUBLIC_TITLE = 60
MOST_PHASES = 20


def from_plain(plain: Any) -> Protocol:
    """Raises ProtocolInvalid with every problem that was found."""
    protocol, problems = read(plain)
    if problems:
        raise ProtocolInvalid(problems)
    return protocol


def read(plain: Any) -> tuple[Protocol, tuple[Problem, ...]]:
    """The protocol as far as it can be understood, with stand-ins where it cannot, and the
    problems."""
    problems: list[Problem] = []
    reader = Reader(plain, (), problems)
    protocol = _read(reader)
    reader.finish()
    if not problems:
        problems += check(protocol)
    return protocol, tuple(problems)


def _read(reader: Reader) -> Protocol:
    title = reader.nested("title")
    internal = title.text("internal", longest=LONGEST_TITLE)
    public = title.text("public", longest=LONGEST_PUBLIC_TITLE, default="Appointment")
    title.finish()
    prep, prep_src = read_prep(reader.nested("prep"))
    sedating = reader.one_of("class", ("sedating", "non_sedating")) == "sedating"
    return Protocol(
        id=reader.slug("id"),
        title=internal,
        public_title=public,
        sedating=sedating,
        requires=reader.slugs("requires", most=20),
        prep=prep,
        prep_src=prep_src,
        reminders=read_reminders(reader),
        needs=read_needs(reader.nested("resources")) or usual_needs(sedating),
        profiles=read_profiles(reader),
        profile_rules=read_rules(reader),
        tasks=read_duties(reader, "tasks"),
        tasks_src=read_notes(reader, "tasks_src"),
        phases=tuple(
            read_phase(Reader(item, path, reader.problems)) for path, item in _phases(reader)
        ),
        sources=_sources(reader),
    )


def _phases(reader: Reader) -> list[tuple[Path, Any]]:
    return reader.items("phases", most=MOST_PHASES, least=1)


def read_phase(reader: Reader) -> Phase:
    phase_id = reader.slug("id")
    phase = Phase(
        id=phase_id,
        title=reader.title("title", usual=spoken(phase_id)),
        optional=reader.flag("optional"),
        profile=reader.slug("profile", default="") or None,
        schedule=read_schedule(reader.nested("schedule")),
        span=_span(reader.nested("span")),
        reviews=tuple(
            _review(Reader(one, path, reader.problems))
            for path, one in reader.items("reviews", most=20)
        ),
        extend=_extend(reader.nested("extend")) if reader.has("extend") else None,
        missed=_missed(reader.nested("missed")) if reader.has("missed") else None,
        renew=_renew(reader.nested("renew")) if reader.has("renew") else None,
        next=reader.slug("next", default="") or None,
        src=read_notes(reader, "src"),
    )
    reader.asked |= {"extend", "missed", "renew"}
    reader.finish()
    return phase


def _span(reader: Reader) -> Span:
    span = Span(
        soft_max_days=reader.optional_integer("soft_max_days", low=0, high=MOST_DAYS),
        max_days=reader.optional_integer("max_days", low=0, high=MOST_DAYS),
    )
    reader.finish()
    if (
        span.soft_max_days is not None
        and span.max_days is not None
        and span.max_days < span.soft_max_days
    ):
        reader.note(
            "The limit cannot be shorter than the days after which the phase is flagged.",
            "max_days",
        )
    return span


def _review(reader: Reader) -> Review:
    review = Review(
        ask=reader.text("ask", longest=LONGEST_NOTE, default="review"),
        after=reader.optional_integer("after", low=1, high=MOST_VISITS),
        at_week=reader.optional_integer("at_week", low=1, high=260),
    )
    reader.finish()
    if (review.after is None) == (review.at_week is None):
        reader.note("Say when: after a number of visits, or in a week.", "after")
    return review


def _extend(reader: Reader) -> Extend:
    extend = Extend(
        by=reader.integers("by", low=1, high=MOST_VISITS, most=20, least=1),
        max_count=reader.integer("max_count", low=1, high=MOST_VISITS),
        needs=reader.one_of("needs", ROLES, default="provider"),
    )
    reader.finish()
    return extend


def _missed(reader: Reader) -> Missed:
    missed = Missed(
        policy=reader.one_of("policy", MISSED_POLICIES),
        if_gap_over=reader.optional_integer("if_gap_over", low=1, high=MOST_DAYS),
        if_span_over=reader.optional_integer("if_span_over", low=1, high=MOST_DAYS),
        then=reader.one_of("then", ("", *MISSED_THEN), default="") or None,
    )
    reader.finish()
    if missed.then is None and (missed.if_gap_over or missed.if_span_over):
        reader.note("Say what happens then.", "then")
    return missed


def _renew(reader: Reader) -> Renew:
    renew = Renew(
        every_sessions=reader.optional_integer("every_sessions", low=1, high=MOST_VISITS),
        or_days=reader.optional_integer("or_days", low=1, high=MOST_DAYS),
        needs=reader.one_of("needs", ROLES, default="provider"),
    )
    reader.finish()
    if renew.every_sessions is None and renew.or_days is None:
        reader.note("Say after how many visits or days the order is renewed.", "every_sessions")
    return renew


def _sources(reader: Reader) -> tuple[Source, ...]:
    table = reader.nested("sources")
    found = []
    for key in list(table.given)[:200]:
        one = table.nested(key)
        if not isinstance(key, str) or not 0 < len(key) <= 20 or text_problem(key, 20):
            table.note("A source needs a short name, at most 20 characters.", str(key)[:40])
        kind, ref = one.text("kind", longest=80), one.text("ref", longest=LONGEST_NOTE)
        one.finish()
        found.append(Source(key=str(key), kind=kind, ref=ref))
    table.finish()
    return tuple(found)

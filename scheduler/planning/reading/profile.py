"""Plain data -> visit profiles, the rules that choose one, and what each part of a visit holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduler.planning.phase import ROLES
from scheduler.planning.reading.notes import read_notes
from scheduler.planning.reading.plain import SLUG, Reader
from scheduler.planning.visit import PART_NAMES
from scheduler.planning.visit_profile import (
    BAY_PARTS,
    OPERATORS,
    SUBJECTS,
    TEXT_SUBJECTS,
    USUAL_NAMES,
    Ask,
    Combined,
    Condition,
    Duty,
    PartNeeds,
    ProfileRule,
    VisitProfile,
    spoken,
)

LONGEST_PART = 720
MOST_PROFILES = 12
DEEPEST = 4


def read_profiles(reader: Reader) -> tuple[VisitProfile, ...]:
    table = reader.nested("profiles")
    if not 1 <= len(table.given) <= MOST_PROFILES:
        reader.note(f"A template has 1 to {MOST_PROFILES} visit profiles.", "profiles")
    found = []
    for name in list(table.given)[:MOST_PROFILES]:
        if not isinstance(name, str) or not SLUG.fullmatch(name):
            table.note("Use small letters, digits, - and _ only, at most 60.", str(name)[:40])
        found.append(_profile(table.nested(name), str(name)))
    table.asked |= set(table.given)
    return tuple(found)


def _profile(reader: Reader, name: str) -> VisitProfile:
    parts = _minutes(reader.nested("parts"), low=0)
    profile = VisitProfile(
        name=name,
        title=reader.title("title", usual=USUAL_NAMES.get(name) or spoken(name)),
        parts=tuple((part, minutes) for part, minutes in parts if minutes > 0),
        ranges=_ranges(reader.nested("range")),
        floors=_minutes(reader.nested("floors"), low=1),
        tasks=read_duties(reader, "tasks"),
        needs=reader.one_of("needs", ("", *ROLES), default="") or None,
        src=read_notes(reader, "src"),
    )
    reader.finish()
    _check_minutes(reader, profile)
    return profile


def _minutes(reader: Reader, *, low: int) -> tuple[tuple[str, int], ...]:
    found = [
        (part, reader.integer(part, low=low, high=LONGEST_PART))
        for part in PART_NAMES
        if reader.has(part)
    ]
    reader.asked |= set(PART_NAMES)
    reader.finish()
    return tuple(found)


def _ranges(reader: Reader) -> tuple[tuple[str, int, int], ...]:
    found = []
    for part in PART_NAMES:
        if reader.has(part):
            pair = reader.integers(part, low=0, high=LONGEST_PART, most=2, least=2)
            found.append((part, pair[0], pair[-1]) if len(pair) == 2 else (part, 0, LONGEST_PART))
    reader.asked |= set(PART_NAMES)
    reader.finish()
    return tuple(found)


def _check_minutes(reader: Reader, profile: VisitProfile) -> None:
    """The standard lies within the range and over the floor; the chair is held at least 5 minutes
    (domain H14)."""
    floors = dict(profile.floors)
    for part, low, high in profile.ranges:
        if not low <= profile.minutes(part) <= high:
            reader.note(
                f"The standard lies outside its own range of {low} to {high} minutes.",
                "parts",
                part,
            )
        if low < floors.get(part, 0):
            reader.note(
                f"Nobody may go under {floors[part]} minutes; the range starts lower.",
                "range",
                part,
            )
    for part, floor in profile.floors:
        if profile.minutes(part) < floor:
            reader.note(
                f"Nobody may go under {floor} minutes; the standard is shorter.", "parts", part
            )
    if not 5 <= profile.chair_minutes <= 1_440:
        reader.note("A visit holds its chair for 5 minutes to 24 hours.", "parts")


def read_needs(reader: Reader) -> tuple[PartNeeds, ...]:
    """{part: {chair, nurse, pump, monitor, provider_on_site, bay}}; an absent table means the
    usual of the class."""
    found = []
    for part in PART_NAMES:
        if reader.has(part):
            found.append(_part_needs(reader.nested(part), part))
    reader.asked |= set(PART_NAMES)
    reader.finish()
    return tuple(found)


def _part_needs(reader: Reader, part: str) -> PartNeeds:
    chair = reader.flag("chair", default=part != "checkin")
    if chair == (part == "checkin"):
        reader.note("Check-in is before the chair; every other part is in it.", "chair")
    needs = PartNeeds(
        name=part,
        chair=part != "checkin",
        nurse=_nurse(reader),
        pump=reader.optional_integer("pump", low=0, high=9, default=0) or 0,
        monitor=reader.optional_integer("monitor", low=0, high=9, default=0) or 0,
        provider_on_site=reader.flag("provider_on_site"),
        bay=reader.flag("bay"),
    )
    if needs.bay and part not in BAY_PARTS:
        reader.note("Only recovery, or discharge alone, can be spent in a recovery bay.", "bay")
    reader.finish()
    return needs


def _nurse(reader: Reader) -> tuple[tuple[int, int], ...]:
    """A share of one nurse, or steps [{minutes: 10, nurse: 1.0}, {nurse: 0.5}] (domain H8)."""
    value = reader.raw("nurse")
    if not isinstance(value, list | tuple):
        share = _share(reader, value, "nurse")
        return ((0, share),) if share else ()
    steps = []
    for path, item in reader.items("nurse", most=10, least=1):
        step = Reader(item, path, reader.problems)
        last = path[-1] == len(value) - 1
        minutes = 0 if last else step.integer("minutes", low=1, high=LONGEST_PART)
        steps.append((minutes, _share(step, step.raw("nurse"), "nurse")))
        step.finish()
    return tuple(steps) if len(steps) > 1 or (steps and steps[0][1]) else ()


def _share(reader: Reader, value: Any, key: str) -> int:
    """0 to 2 nurses in hundredths."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 2:
        reader.note("Use a share of one nurse from 0 to 2, such as 0.5.", key)
        return 0
    hundredths = round(value * 100)
    if abs(hundredths - value * 100) > 1e-6:
        reader.note("Use at most two decimals.", key)
    return hundredths


def read_duties(reader: Reader, key: str) -> tuple[Duty, ...]:
    found = []
    for path, item in reader.items(key, most=40):
        one = Reader(item, path, reader.problems)
        found.append(Duty(at=one.text("at", longest=80), do=one.text("do", longest=80)))
        one.finish()
    return tuple(found)


def read_rules(reader: Reader) -> tuple[ProfileRule, ...]:
    found = []
    for path, item in reader.items("profile_rules", most=20):
        one = Reader(item, path, reader.problems)
        if one.has("else"):
            found.append(ProfileRule(use=one.slug("else")))
        else:
            found.append(ProfileRule(use=one.slug("use"), when=read_condition(one, "when")))
        one.finish()
    return tuple(found)


def read_condition(reader: Reader, key: str) -> Condition:
    value = reader.raw(key)
    if value is None:
        reader.note("Say when the profile applies.", key)
    return _condition(
        Reader({} if value is None else value, (*reader.path, key), reader.problems), DEEPEST
    )


def _condition(reader: Reader, depth: int) -> Condition:
    if len(reader.given) != 1:
        reader.note("Give one condition; join several with all or any.")
        return Ask(subject="session_no", tests=(("gte", 1),))
    word = next(iter(reader.given))
    reader.asked.add(word)
    if word in ("all", "any"):
        return _combined(reader, word, depth)
    if word not in SUBJECTS:
        reader.note(f"Use one of: {', '.join(SUBJECTS)}, all, any.", str(word)[:40])
        return Ask(subject="session_no", tests=(("gte", 1),))
    return Ask(subject=word, tests=_tests(reader, word))


def _combined(reader: Reader, word: str, depth: int) -> Condition:
    if depth <= 0:
        reader.note("Conditions are nested too deeply.", word)
        return Combined(every=word == "all", conditions=())
    items = reader.items(word, most=10, least=1)
    inner = tuple(
        _condition(Reader(item, path, reader.problems), depth - 1) for path, item in items
    )
    return Combined(every=word == "all", conditions=inner)


def _tests(reader: Reader, subject: str) -> tuple[tuple[str, int | str], ...]:
    value = reader.given[subject]
    operators = ("eq",) if subject in TEXT_SUBJECTS else tuple(OPERATORS)
    if not isinstance(value, Mapping) or not value:
        reader.note(f"Compare with one of: {', '.join(operators)}.", subject)
        return (("eq", "" if subject in TEXT_SUBJECTS else 1),)
    inner = Reader(value, (*reader.path, subject), reader.problems)
    found: list[tuple[str, int | str]] = []
    for operator in operators:
        if inner.has(operator):
            text = subject in TEXT_SUBJECTS
            found.append(
                (
                    operator,
                    inner.slug(operator) if text else inner.integer(operator, low=0, high=9_999),
                )
            )
    inner.asked |= set(operators)
    inner.finish()
    if not found:  # an operator without a value asks nothing
        reader.note(f"Compare with one of: {', '.join(operators)}.", subject)
    return tuple(found)

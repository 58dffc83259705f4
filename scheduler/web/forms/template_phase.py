"""The editor's fields of one phase -> its part of the document. Only the fields of its pattern
count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scheduler.planning.reading.plain import Path
from scheduler.planning.visit_profile import spoken
from scheduler.web.forms.template_draft import Draft, Plain, number_list
from scheduler.web.forms.template_fill import FOLLOWING

GAP_FIELDS = ("hard_min", "target", "soft_max", "hard_max", "recall_after")


def phase_document(draft: Draft, phase_id: str, ids: list[str], old: Plain) -> Plain:
    """`old` is the phase as it was; its sources stay."""
    at, path = f"phases.{phase_id}", ("phases", ids.index(phase_id))
    values = draft.values
    phase: Plain = {"id": phase_id}
    draft.places[(*path, "id")] = draft.places[(*path, "title")] = f"{at}.title"
    title = values.one(f"{at}.title")
    if title and title != spoken(phase_id):
        phase["title"] = title
    if values.is_on(f"{at}.optional"):
        phase["optional"] = True
    draft.take(phase, "profile", path, f"{at}.profile", number=False)
    phase["schedule"] = _schedule(draft, f"{at}.schedule", (*path, "schedule"))
    phase["span"] = {}
    draft.numbers(phase["span"], ("soft_max_days", "max_days"), (*path, "span"), f"{at}.span")
    phase["reviews"] = _reviews(draft, at, path)
    _extend(draft, phase, path, at)
    _missed(draft, phase, path, at)
    _renew(draft, phase, path, at)
    draft.places[(*path, "next")] = f"{at}.next"
    phase["next"] = _following(draft, phase_id, ids)
    return phase | ({"src": old["src"]} if "src" in old else {})


def _schedule(draft: Draft, at: str, path: Path) -> Plain:
    kind = draft.values.one(f"{at}.type")
    schedule: Plain = {"type": kind}
    draft.places[path] = draft.places[(*path, "type")] = f"{at}.type"
    if fill := KINDS.get(kind):
        fill(draft, schedule, path, at)
    return schedule


def _quota(draft: Draft, schedule: Plain, path: Path, at: str) -> None:
    draft.numbers(schedule, ("per_week", "max_per_7d"), path, at)
    _count(draft, schedule, "count", path, at)
    _gap(draft, schedule, path, at)
    sets: list[Any] = []
    draft.places[(*path, "weekday_sets")] = f"{at}.any"
    for number in draft.values.many(f"{at}.sets"):
        draft.places[(*path, "weekday_sets", len(sets))] = f"{at}.sets.{number}"
        sets.append(draft.values.many(f"{at}.sets.{number}"))
    if sets and draft.values.is_on(f"{at}.any"):
        sets.append("any")
    schedule["weekday_sets"] = sets


def _every(draft: Draft, schedule: Plain, path: Path, at: str) -> None:
    options = number_list(draft.values.one(f"{at}.n"))
    draft.places[(*path, "n")] = draft.places[(*path, "n", "choice")] = f"{at}.n"
    if len(options) > 1:
        schedule["n"] = {"choice": options}
        draft.take(schedule["n"], "default", (*path, "n"), f"{at}.n_default")
    elif options:
        schedule["n"] = options[0]
    draft.take(schedule, "unit", path, f"{at}.unit", number=False)
    draft.take(schedule, "first_ref", path, f"{at}.first_ref", number=False)
    _count(draft, schedule, "count", path, at)
    _gap(draft, schedule, path, at)


def _offsets(draft: Draft, schedule: Plain, path: Path, at: str) -> None:
    for key in ("days", "optional_days"):
        draft.places[(*path, key)] = f"{at}.{key}"
        schedule[key] = number_list(draft.values.one(f"{at}.{key}"))
    draft.take(schedule, "ref", path, f"{at}.ref", number=False)
    schedule["tol"] = _tolerance(draft, (*path, "tol"), f"{at}.tol")


def _daily_run(draft: Draft, schedule: Plain, path: Path, at: str) -> None:
    draft.take(schedule, "run_on", path, f"{at}.run_on", number=False)
    draft.take(schedule, "max_break_days", path, f"{at}.max_break_days")
    _count(draft, schedule, "count", path, at)
    if any(draft.values.one(f"{at}.gap.{name}") for name in GAP_FIELDS):
        _gap(draft, schedule, path, at)
    if draft.values.is_on(f"{at}.repeats"):
        cycle: Plain = {}
        draft.take(cycle, "n", (*path, "cycle"), f"{at}.cycle.n")
        draft.take(cycle, "unit", (*path, "cycle"), f"{at}.cycle.unit", number=False)
        cycle["tol"] = _tolerance(draft, (*path, "cycle", "tol"), f"{at}.cycle.tol")
        _count(draft, cycle, "times", (*path, "cycle"), f"{at}.cycle")
        schedule["cycle"] = cycle


def _spread(draft: Draft, schedule: Plain, path: Path, at: str) -> None:
    draft.numbers(schedule, ("within_days", "max_per_7d"), path, at)
    _count(draft, schedule, "count", path, at)
    _gap(draft, schedule, path, at)


def _on_demand(draft: Draft, schedule: Plain, path: Path, at: str) -> None:
    _gap(draft, schedule, path, at)


KINDS: dict[str, Callable[[Draft, Plain, Path, str], None]] = {
    "quota": _quota,
    "every": _every,
    "offsets": _offsets,
    "daily_run": _daily_run,
    "spread": _spread,
    "on_demand": _on_demand,
}


def _count(draft: Draft, into: Plain, key: str, path: Path, at: str) -> None:
    """A number; a range where least or most is given; open where no end is planned."""
    name = f"{at}.{key}"
    draft.places[(*path, key)] = f"{name}.default"
    if draft.values.is_on(f"{name}.open"):
        into[key] = "open"
        return
    ends: Plain = {}
    for field in ("min", "default", "max"):
        draft.take(ends, field, (*path, key), f"{name}.{field}")
    if "min" in ends or "max" in ends:
        usual = ends.get("default")
        into[key] = {"min": usual, "max": usual} | ends
    elif "default" in ends:
        into[key] = ends["default"]


def _gap(draft: Draft, schedule: Plain, path: Path, at: str) -> None:
    key = "gap_rel" if draft.values.one(f"{at}.gap_kind") == "gap_rel" else "gap"
    gap: Plain = {}
    for name in GAP_FIELDS:
        draft.take(gap, name, (*path, key), f"{at}.gap.{name}")
    schedule[key] = gap


def _tolerance(draft: Draft, path: Path, at: str) -> Plain:
    tol: Plain = {}
    draft.numbers(tol, ("before", "after"), path, at)
    return tol


def _reviews(draft: Draft, at: str, path: Path) -> list[Plain]:
    reviews: list[Plain] = []
    for number in draft.values.many(f"{at}.reviews"):
        name, here = f"{at}.reviews.{number}", (*path, "reviews", len(reviews))
        review: Plain = {}
        key = "at_week" if draft.values.one(f"{name}.when") == "week" else "after"
        for place in ("after", "at_week"):
            draft.places[(*here, place)] = f"{name}.number"
        draft.take(review, key, here, f"{name}.number")
        draft.take(review, "ask", here, f"{name}.ask", number=False)
        reviews.append(review)
    return reviews


def _extend(draft: Draft, phase: Plain, path: Path, at: str) -> None:
    by = number_list(draft.values.one(f"{at}.extend.by"))
    extend: Plain = {"by": by} if by else {}
    draft.places[(*path, "extend", "by")] = f"{at}.extend.by"
    draft.take(extend, "max_count", (*path, "extend"), f"{at}.extend.max_count")
    if extend:
        draft.take(extend, "needs", (*path, "extend"), f"{at}.extend.needs", number=False)
        phase["extend"] = extend


def _missed(draft: Draft, phase: Plain, path: Path, at: str) -> None:
    missed: Plain = {}
    for name in ("policy", "then"):
        draft.take(missed, name, (*path, "missed"), f"{at}.missed.{name}", number=False)
    draft.numbers(missed, ("if_gap_over", "if_span_over"), (*path, "missed"), f"{at}.missed")
    if missed:
        phase["missed"] = missed


def _renew(draft: Draft, phase: Plain, path: Path, at: str) -> None:
    renew: Plain = {}
    draft.numbers(renew, ("every_sessions", "or_days"), (*path, "renew"), f"{at}.renew")
    draft.places[(*path, "renew")] = f"{at}.renew.every_sessions"
    if renew:
        draft.take(renew, "needs", (*path, "renew"), f"{at}.renew.needs", number=False)
        phase["renew"] = renew


def _following(draft: Draft, phase_id: str, ids: list[str]) -> str | None:
    """The id that `next` means."""
    chosen = draft.values.one(f"phases.{phase_id}.next")
    if chosen != FOLLOWING:
        return chosen or None
    place = ids.index(phase_id) + 1
    return ids[place] if place < len(ids) else None

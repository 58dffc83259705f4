"""Who is recalled for a next visit, and when it is due (domain F, R11; E `recall_after`)."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.planning.protocol import Protocol
from scheduler.planning.recall import due_after
from scheduler.services.protocol_library import templates

LAST = date(2027, 1, 22)
SHIPPED = {one.id: one for one in templates()}


def due(template: Protocol, phase: str, *, ends: bool) -> tuple[str, date, date] | None:
    found = due_after(template, phase, LAST, ends=ends)
    return None if found is None else (found.phase.id, found.on, found.overdue_on)


def test_the_last_visit_of_a_phase_calls_for_the_boosters_behind_it() -> None:
    mood = SHIPPED["ket-mood-3x2"]
    assert due(mood, "induction", ends=False) is None
    assert due(mood, "induction", ends=True) == ("booster", date(2027, 2, 19), date(2027, 3, 5))
    assert due(mood, "booster", ends=False) == ("booster", date(2027, 2, 19), date(2027, 3, 5))


def test_a_phase_without_end_calls_for_itself_once_nothing_more_is_booked() -> None:
    wean = SHIPPED["ket-crps-10d"]
    assert due(wean, "wean_d", ends=False) is None
    assert due(wean, "wean_d", ends=True) == ("wean_d", date(2027, 4, 23), date(2027, 5, 7))


@pytest.mark.parametrize(
    ("template", "phase"),
    [("consult", "consult"), ("infliximab-0-2-6-q8", "maintenance"), ("ket-crps-10d", "block")],
)
def test_where_the_template_has_no_recall_nobody_is_recalled(template: str, phase: str) -> None:
    assert due(SHIPPED[template], phase, ends=True) is None

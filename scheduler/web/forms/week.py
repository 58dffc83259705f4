"""Forms of a whole week: rows of weekdays with a span, for opening hours and for nurses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time
from itertools import combinations
from typing import Any

from wtforms import FieldList, FormField, HiddenField
from wtforms import Form as Inner

from scheduler.planning.opening import CoverSpan, OpeningSpan
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import WallTimeField, WeekdaysField, WholeNumberField
from scheduler.web.forms.wall import WEEKDAYS

MIDNIGHT = time()
MOST_ROWS = 40


class SpanRow(Inner):
    """One span on some weekdays. "12:00 am" as its end is the end of the day."""

    weekdays = WeekdaysField("Days")
    starts = WallTimeField("From")
    ends = WallTimeField("Until")

    @property
    def is_blank(self) -> bool:
        return not (self.weekdays.data or self.starts.typed or self.ends.typed)

    def check(self) -> None:
        """Say at the field what is missing or the wrong way round."""
        if not self.weekdays.data:
            _wrong(self.weekdays, "Choose at least one day.")
        if self.starts.data is None and not self.starts.errors:
            _wrong(self.starts, "When does it begin?")
        if self.ends.data is None and not self.ends.errors:
            _wrong(self.ends, "When does it end?")
        if self.is_backwards():
            _wrong(self.ends, "This is before it begins.")

    def is_backwards(self) -> bool:
        starts, ends = self.starts.data, self.ends.data
        return starts is not None and ends is not None and ends != MIDNIGHT and ends <= starts

    def overlaps(self, other: SpanRow) -> list[int]:
        """The weekdays on which both are there at the same time; touching is fine."""
        if None in (self.starts.data, self.ends.data, other.starts.data, other.ends.data):
            return []
        apart = _ends_before(self, other) or _ends_before(other, self)
        shared = set(self.weekdays.data or []) & set(other.weekdays.data or [])
        return [] if apart else sorted(shared)


class NurseRow(SpanRow):
    nurses = WholeNumberField("Nurses", least=0, most=99)

    def check(self) -> None:
        super().check()
        if self.nurses.data is None and not self.nurses.errors:
            _wrong(self.nurses, "How many?")


class ProviderRow(NurseRow):
    nurses = WholeNumberField("Providers", least=0, most=99)


class WeekForm(Form):
    """`was` is the fingerprint of the week that the form shows (trust I6)."""

    was = HiddenField()
    rows: Any

    def blank_row(self) -> Inner:
        """What the page clones for one row more."""
        row: Inner = self.row_kind(prefix="rows-__N__-")
        return row

    def first_row(self) -> Inner:
        """An empty row where there is none, so that the page works without script too."""
        row: Inner = self.row_kind(prefix="rows-0-")
        return row

    row_kind: type[SpanRow]

    def filled(self) -> list[SpanRow]:
        return [entry.form for entry in self.rows if not entry.form.is_blank]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        valid = super().validate(*args, **kwargs)
        for row in self.filled():
            row.check()
        self.check_together()
        return valid and not self.wrong()

    def check_together(self) -> None:
        """What only several rows can get wrong."""


class HoursForm(WeekForm):
    row_kind = SpanRow
    rows = FieldList(FormField(SpanRow), max_entries=MOST_ROWS)

    def check_together(self) -> None:
        for one, other in combinations(self.filled(), 2):
            if days := one.overlaps(other):
                names = ", ".join(WEEKDAYS[day] for day in days)
                _wrong(other.starts, f"{names}: this time is there already, in another row.")

    def spans(self) -> list[OpeningSpan]:
        return [OpeningSpan(day, row.starts.data, row.ends.data) for row, day in _days(self)]


class CoverForm(WeekForm):
    """Rows that overlap add up: a second row for the busy hours is the usual way."""

    noun = "nurse"
    row_kind: type[SpanRow] = NurseRow
    rows = FieldList(FormField(NurseRow), max_entries=MOST_ROWS)

    def spans(self) -> list[CoverSpan]:
        return [
            CoverSpan(day, row.starts.data, row.ends.data, row.nurses.data)
            for row, day in _days(self)
        ]


class ProviderForm(CoverForm):
    noun = "provider"
    row_kind = ProviderRow
    rows = FieldList(FormField(ProviderRow), max_entries=MOST_ROWS)


def rows_of(spans: Iterable[tuple[int, time, time, Any]]) -> list[dict[str, Any]]:
    """Equal spans of several weekdays as one row, in the order of the week."""
    rows: dict[tuple[Any, ...], list[int]] = {}
    for weekday, starts, ends, number in spans:
        days = rows.setdefault((starts, ends, number), [])
        if weekday in days:  # the same row twice on one day stays two rows
            rows.setdefault((starts, ends, number, len(rows)), []).append(weekday)
        else:
            days.append(weekday)
    return [
        {"weekdays": days, "starts": key[0], "ends": key[1], "nurses": key[2]}
        for key, days in rows.items()
    ]


def _days(form: WeekForm) -> Iterator[tuple[SpanRow, int]]:
    for row in form.filled():
        for day in row.weekdays.data or []:
            yield row, day


def _ends_before(one: SpanRow, other: SpanRow) -> bool:
    ends: time = one.ends.data
    return ends != MIDNIGHT and ends <= other.starts.data


def _wrong(field: Any, message: str) -> None:
    field.errors = [*field.errors, message]

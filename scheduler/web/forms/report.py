"""Which period, chair and slice a report is about, read from the address: a link keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import request
from wtforms import SelectChoice, SelectField

from scheduler.models import Chair
from scheduler.planning.utilisation import PRIME_HOURS, Slice
from scheduler.services.reports import Period
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import DayField
from scheduler.web.forms.wall import calendar_day

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
DEFAULT = "last-week"
PRESETS = {
    "last-week": "Last week",
    "this-week": "This week",
    "4-weeks": "4 weeks",
    "13-weeks": "13 weeks",
    "year": "Year",
    "next-4-weeks": "Next 4 weeks",
}
_WHOLE_WEEKS_BEFORE = {"last-week": 1, "4-weeks": 4, "13-weeks": 13, "year": 52}


class ReportForm(Form):
    """From and to, both included, and a chair; sent by GET, so there is nothing to forge."""

    class Meta:
        csrf = False

    first_on = DayField("From")
    last_on = DayField("To")
    chair = SelectField("Chairs", validate_choice=False)

    def offer_chairs(self, chairs: list[Chair]) -> None:
        named = [SelectChoice(str(one.id), one.name) for one in chairs]
        self.chair.choices = [SelectChoice("", "All chairs"), *named]

    def check_ends(self) -> None:
        """A period has two ends."""
        for here, there in ((self.first_on, self.last_on), (self.last_on, self.first_on)):
            if here.data is None and not here.errors and there.typed:
                here.errors = [*here.errors, "Say both days, or choose a period above."]


def preset_days(name: str, today: date) -> tuple[date, date]:
    """First and last day. Whole weeks from Monday; "next" begins today."""
    monday = today - timedelta(days=today.weekday())
    if name == "this-week":
        return monday, monday + 6 * DAY
    if name == "next-4-weeks":
        return today, today + 4 * WEEK - DAY
    return monday - _WHOLE_WEEKS_BEFORE[name] * WEEK, monday - DAY


def asked_period(form: ReportForm, site_id: int, today: date) -> tuple[Period, str | None]:
    """The period, and which preset it is. A form that cannot be read gives the default."""
    form.check_ends()
    if form.first_on.data and form.last_on.data and not form.wrong():
        first_on, last_on = form.first_on.data, form.last_on.data
        return Period(site_id=site_id, first_on=first_on, last_on=last_on), None
    name = request.args.get("period", DEFAULT)
    name = name if name in PRESETS else DEFAULT
    first_on, last_on = preset_days(name, today)
    return Period(site_id=site_id, first_on=first_on, last_on=last_on), name


def asked_slice(sent: Mapping[str, Any]) -> Slice:
    """Chair, date, weekday and hours of the address; what cannot be read is no limit."""
    hour = _number(sent.get("hour"), 23)
    hours = PRIME_HOURS if sent.get("prime") == "1" else None
    return Slice(
        chair_id=_number(sent.get("chair"), 2**31 - 1),
        on=_date(sent.get("day")),
        weekday=_number(sent.get("weekday"), 6),
        hours=hours if hour is None else frozenset({hour}),
    )


def _number(text: str | None, most: int) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return int(text) if int(text) <= most else None


def _date(text: str | None) -> date | None:
    try:
        return calendar_day(text[:40]) if text else None
    except ValueError:
        return None

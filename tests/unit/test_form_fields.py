"""Fields keep what was typed and say what to do."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from scheduler.web.forms.fields import (
    DayField,
    EmailField,
    LineField,
    PhoneField,
    Required,
    WallTimeField,
    WeekdaysField,
    WholeNumberField,
)


class Sample(Form):  # type: ignore[misc]
    name = LineField("Name", [Required("Who is it?")], most=20)
    at = WallTimeField("At", [Required()])
    on = DayField("On")
    phone = PhoneField("Phone")
    email = EmailField("E-mail")
    count = WholeNumberField("Count", least=1, most=9)
    days = WeekdaysField("Days")


GOOD = {"name": "Bea", "at": "9 am"}


def sent(**typed: Any) -> Sample:
    pairs = [(name, one) for name, given in {**GOOD, **typed}.items() for one in _each(given)]
    form = Sample(MultiDict(pairs))
    form.validate()
    return form


def _each(given: Any) -> list[str]:
    return given if isinstance(given, list) else [given]


def test_good_values_come_out_typed() -> None:
    form = sent(on="1/13/2027", phone="(415) 555-0123 x4", email="Bea@Exämple.org", count="3")
    assert not form.errors
    assert (form.at.data, form.on.data, form.count.data) == (time(9), date(2027, 1, 13), 3)
    assert form.email.data == "Bea@xn--exmple-cua.org"
    assert form.phone.data == "(415) 555-0123 x4"


def test_weekdays_come_sorted_and_once() -> None:
    assert sent(days=["4", "0", "4"]).days.data == [0, 4]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "x" * 10_000),
        ("at", "rubbish"),
        ("on", "30 Feb 2027"),
        ("phone", "555"),
        ("phone", "call me maybe 5550123"),
        ("phone", "1" * 16),
        ("email", "bea"),
        ("email", "a@b@c.org, d@e.org"),
        ("email", "bea@nodots"),
        ("email", "a..b@c.org"),
        ("email", "x" * 65 + "@c.org"),
        ("count", "1e3"),
        ("count", "0"),
        ("count", "٣"),
        ("on", "y" * 10_000),
    ],
)
def test_a_bad_value_is_refused_and_kept_as_typed(field: str, typed: str) -> None:
    form = sent(**{field: typed})
    assert len(form[field].errors) == 1
    assert typed in str(form[field]())


@pytest.mark.parametrize("typed", ["7", "-1", "Mo", "1 OR 1=1"])
def test_a_weekday_that_does_not_exist_is_refused(typed: str) -> None:
    assert sent(days=[typed]).days.errors


def test_an_empty_needed_value_is_asked_for_in_its_own_words() -> None:
    assert sent(name=" \u200b ").name.errors == ["Who is it?"]


def test_what_cannot_be_read_is_not_called_missing_as_well() -> None:
    assert sent(at="3:30").at.errors == ["Say am or pm, such as 3:30 pm."]


def test_an_address_cannot_carry_a_second_header_line() -> None:
    form = sent(email="a@b.org\r\nBcc: c@d.org")
    assert form.email.data is None
    assert form.email.errors

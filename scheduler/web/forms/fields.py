"""Fields that forms are made of: they clean what is typed, say what to do, and lose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Any, ClassVar

from wtforms import (
    Field,
    IntegerField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.utils import unset_value
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from scheduler.web.forms import text, wall

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_DIGITS = re.compile(r"[0-9]")
_PHONE = re.compile(r"\+?[\d\s().-]+(?:(?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE | re.ASCII)
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Required:
    """Refuses an empty value with a sentence; 0 and False are values."""

    field_flags: ClassVar[dict[str, Any]] = {"required": True}

    def __init__(self, message: str = "This is needed.") -> None:
        self.message = message

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data is None or field.data in ("", (), []):
            # what is wrong with the typed text has been said; "needed" beside it would confuse
            raise StopValidation() if field.errors else StopValidation(self.message)


class _Cleaned:
    """Cleans at the edge and refuses what is too long; the cleaned text stays in the form."""

    most: int

    def _take(self, cleaned: str) -> str:
        if len(cleaned) > self.most:
            raise ValueError(f"At most {self.most:,} characters; this has {len(cleaned):,}.")
        return cleaned


class LineField(_Cleaned, StringField):
    """One line: NFC, no controls, no bidi overrides, at most `most` characters. `data` is a str."""

    def __init__(self, label: str = "", *args: Any, most: int = 100, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.most = most

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = text.clean_line(str(valuelist[0])) if valuelist else ""
        self._take(self.data)

    def _value(self) -> str:
        return self.data or ""


class LinesField(_Cleaned, TextAreaField):
    """Several lines of text, cleaned like LineField. `data` is a str."""

    def __init__(self, label: str = "", *args: Any, most: int = 2000, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.most = most

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = text.clean_lines(str(valuelist[0])) if valuelist else ""
        self._take(self.data)

    def _value(self) -> str:
        return self.data or ""


class TypedField(StringField):
    """A value that is typed as text; what was typed comes back as it was when it cannot be read."""

    data: Any
    typed: str

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = text.clean_line(str(valuelist[0])) if valuelist else ""
        self.data = None
        if len(self.typed) > 200:
            raise ValueError(self.too_long)
        if self.typed:
            self.data = self.read(self.typed)

    too_long = "This is too long to be right."

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.typed = ""
        super().process(formdata, data, extra_filters)

    def read(self, typed: str) -> Any:
        """The value meant by the typed text; raises ValueError with a sentence."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        return str(value)

    def _value(self) -> str:
        if self.data is None:
            return self.typed
        return self.write(self.data)


class WallTimeField(TypedField):
    """A wall time without date, typed as "8:50 am". `data` is a naive `time` or None."""

    def read(self, typed: str) -> time:
        return wall.wall_time(typed)

    def write(self, value: time) -> str:
        return wall.clock_text(value)


class DayField(TypedField):
    """A date, typed as "Wed 13 Jan 2027", "1/13/2027" or ISO. `data` is a `date` or None."""

    def read(self, typed: str) -> date:
        return wall.calendar_day(typed)

    def write(self, value: date) -> str:
        return wall.day_text(value)


class PhoneField(TypedField):
    """A phone number as people write it, 7 to 15 digits. `data` is a str or None."""

    def read(self, typed: str) -> str:
        digits = len(_DIGITS.findall(re.split("x|ext", typed, flags=re.IGNORECASE)[0]))
        if digits < 7:
            raise ValueError("Too short. Example: 555-0123")
        if digits > 15 or not _PHONE.fullmatch(typed):
            raise ValueError("This is no phone number. Example: 555-0123")
        return typed


class EmailField(TypedField):
    """One e-mail address that an SMTP server without special powers takes. `data` is a str or None.

    The part after the @ may be typed in any alphabet; it is kept as ASCII (RFC 5891).
    """

    def read(self, typed: str) -> str:
        mailbox, at, domain = typed.rpartition("@")
        try:
            host = domain.encode("idna").decode("ascii").lower()
        except UnicodeError:
            host = ""
        labels = host.split(".")
        good_host = (
            len(labels) > 1 and len(host) <= 253 and all(_LABEL.fullmatch(one) for one in labels)
        )
        if not at or not good_host or len(mailbox) > 64 or not _MAILBOX.fullmatch(mailbox):
            raise ValueError("This is no e-mail address. Example: name@example.org")
        return f"{mailbox}@{host}"


class WholeNumberField(IntegerField):
    """A whole number from `least` to `most`. `data` is an int or None.

    Drawn as text: a browser's number field would throw away what it cannot read.
    """

    widget = TextInput()
    data: Any  # an int or None

    def __init__(
        self, label: str = "", *args: Any, least: int = 0, most: int = 1000, **kwargs: Any
    ) -> None:
        super().__init__(label, *args, **kwargs)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        typed = text.clean_line(str(valuelist[0])) if valuelist else ""
        self.raw_data = [typed]
        if not typed:
            return
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", typed):
            raise ValueError("Write a whole number.")
        number = int(typed)
        if not self.least <= number <= self.most:
            raise ValueError(f"From {self.least:,} to {self.most:,}.")
        self.data = number


class WeekdaysField(SelectMultipleField):
    """A set of weekdays as seven toggles. `data` is a sorted list of ints, Monday is 0."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    data: Any  # a list of ints

    def __init__(self, label: str = "", *args: Any, **kwargs: Any) -> None:
        choices = [SelectChoice(str(day), name) for day, name in enumerate(WEEKDAYS)]
        super().__init__(label, *args, coerce=int, choices=choices, **kwargs)

    def process_formdata(self, valuelist: Iterable[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = sorted(set(self.data or []))

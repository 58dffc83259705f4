"""Who takes a patient home, as they typed it on their page; errors are keys of the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.planning.find_text import digits
from scheduler.services.own.answer_rows import LONGEST_NAME, LONGEST_PHONE, Driver
from scheduler.web.forms.text import clean_line

FEWEST_DIGITS, MOST_DIGITS = 7, 15


@dataclass(frozen=True)
class DriverForm:
    """`driver` is None where nobody was named and nobody has to be."""

    name: str = ""
    phone: str = ""
    may_text: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def driver(self) -> Driver | None:
        if not self.name:
            return None
        return Driver(name=self.name, phone=self.phone, may_text=self.may_text)


def filled(driver: Driver) -> DriverForm:
    """The form as it is shown first."""
    return DriverForm(driver.name, driver.phone, driver.may_text)


def read(typed: Mapping[str, str], *, required: bool) -> DriverForm:
    """What was typed, cleaned, with what is wrong with it. `required`: the visit needs a driver,
    named and reachable (domain H18)."""
    name, phone = (
        clean_line(typed.get("driver_name", "")),
        clean_line(typed.get("driver_phone", "")),
    )
    found = {
        "driver_name": _name(name, phone, required),
        "driver_phone": _phone(name, phone, required),
    }
    errors = {field: key for field, key in found.items() if key}
    return DriverForm(name, phone, "driver_ok" in typed, errors)


def _name(name: str, phone: str, required: bool) -> str:
    if len(name) > LONGEST_NAME:
        return "too_long"
    return "name_missing" if not name and (required or phone) else ""


def _phone(name: str, phone: str, required: bool) -> str:
    if len(phone) > LONGEST_PHONE:
        return "too_long"
    if not phone:
        return "phone_missing" if required or name else ""
    return "" if FEWEST_DIGITS <= len(digits(phone)) <= MOST_DIGITS else "bad_phone"

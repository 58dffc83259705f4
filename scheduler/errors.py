"""What can go wrong, as facts; `web/errors.py` alone knows their HTTP numbers (house decision 7).

The default message is the docstring. Messages name times and chairs, never patients.
"""

from __future__ import annotations


class SchedulerError(Exception):
    """Something did not work; nothing was changed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((self.__doc__ or "").split()))

    @property
    def message(self) -> str:
        return str(self)


class NotFound(SchedulerError):
    """We cannot find this. It may have been removed, or the address is wrong."""


class NotAllowed(SchedulerError):
    """This is not open to your role."""


class Invalid(SchedulerError):
    """A value cannot be used. `field` is the name of the form field it belongs to, or None."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Stale(SchedulerError):
    """Somebody changed this while you were looking at it. Nothing was saved; look again."""


class IllegalChange(SchedulerError):
    """That step is not possible from the state it is in now. Nothing was changed."""


class PlaceTaken(SchedulerError):
    """That place is not free any more. Nothing was changed."""

    days_changed: bool | None = None
    """Whether the site's days are not those that the plans were made from; None: not known."""


class ChairTaken(PlaceTaken):
    """That time was taken a moment ago. Nothing was changed."""


class PatientBusy(PlaceTaken):
    """The patient has another visit at that time, or another one that day. Nothing was changed."""


class OutsideRule(PlaceTaken):
    """A rule refuses that place. `rule` is its id in scheduler/rules, such as "H8"."""

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class NeedsConfirmation(SchedulerError):
    """This would touch booked visits. `visit_ids` lists them, `why` says in sentences what they
    would lack; ask first, then say so."""

    def __init__(
        self, message: str, *, visit_ids: tuple[int, ...], why: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.visit_ids = visit_ids
        self.why = why


class PossibleDuplicate(SchedulerError):
    """Somebody like this is here already. Look first, then save anyway. Nothing was saved."""

    def __init__(self, *, patient_ids: tuple[int, ...]) -> None:
        super().__init__()
        self.patient_ids = patient_ids

"""The address of a report: its period, chair and slice, and every link that keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from scheduler.models import Site
from scheduler.planning.utilisation import Slice
from scheduler.services.reports import Period
from scheduler.web.forms.report import ReportForm


@dataclass(frozen=True, kw_only=True)
class ReportAsked:
    """The address. `preset` is None for days of one's own."""

    site: Site
    sites: Sequence[Site]
    period: Period
    preset: str | None
    only: Slice
    form: ReportForm
    wants_days: bool = False

    def url(self, endpoint: str = "utilisation.index", **changes: Any) -> str:
        """This period and chair, with something changed; None leaves a part out."""
        period: dict[str, Any] = {"period": self.preset}
        if self.preset is None:
            first, last = self.period.first_on, self.period.last_on
            period = {"first_on": first.isoformat(), "last_on": last.isoformat()}
        parts = {
            **period,
            "chair": self.only.chair_id,
            "site": self.site.id if len(self.sites) > 1 else None,
        }
        return url_for(endpoint, **{**parts, **changes})

    def rows(self, **changes: Any) -> str:
        return self.url("utilisation.rows", **changes)

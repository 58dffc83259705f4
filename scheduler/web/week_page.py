"""One page, two nouns: a whole week of hours, or of nurses, is shown and saved the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NeedsConfirmation, Stale
from scheduler.services import sites
from scheduler.services.actor import Actor
from scheduler.web import consent
from scheduler.web.auth import current_actor
from scheduler.web.forms.week import WeekForm, rows_of
from scheduler.web.notes import note


@dataclass(frozen=True, kw_only=True)
class WeekPage:
    """What hours and cover do differently. `why` is said in the tasks of visits that are left."""

    template: str
    form: type[Any]
    read: Callable[[int, Actor], Sequence[Any]]
    save: Callable[..., tuple[int, ...]]
    fingerprint: Callable[[Sequence[Any]], str]
    plain: Callable[[Any], tuple[Any, ...]]
    words: Callable[[Sequence[Any]], list[str]]
    why: str

    def show(self, site_id: int) -> str:
        spans = self.read(site_id, current_actor())
        rows = rows_of(self.plain(one) for one in spans)
        return self._render(site_id, self.form(rows=rows, was=self.fingerprint(spans)))

    def update(self, site_id: int) -> ResponseReturnValue:
        actor, form = current_actor(), self.form()
        sites.find(site_id, actor)
        if not form.validate():
            return self._render(site_id, form), 422
        given = consent.given(self.why, utcnow())
        try:
            hit = self.save(site_id, form.spans(), actor, was=form.was.data or "", consent=given)
        except Invalid as refused:
            form.refuse(refused)
            return self._render(site_id, form), 422
        except NeedsConfirmation as needs:
            return self._render(site_id, form, asks=consent.question(needs, actor)), 409
        except Stale:
            spans = self.read(site_id, actor)
            form.was.data = self.fingerprint(spans)
            return self._render(site_id, form, saved=self.words(spans) or ["nothing"]), 409
        note("ok", "Saved.", consent.told(hit))
        return redirect(url_for("setup.index"))

    def _render(self, site_id: int, form: WeekForm, **more: object) -> str:
        site = sites.find(site_id, current_actor())
        return render_template(self.template, site=site, form=form, **more)

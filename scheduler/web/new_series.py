"""What the page for a new series knows: the form, the patient, and the plans or why not."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from wtforms import SelectChoice

from scheduler.errors import Invalid, NotAllowed, NotFound, PlaceTaken
from scheduler.models import Chair, Patient, Site
from scheduler.planning.opening import local
from scheduler.services import chairs, courses, patients, proposals, sites
from scheduler.services.actor import Actor
from scheduler.services.proposals import Offer
from scheduler.services.template_choices import (
    CadenceChoices,
    PhaseChoice,
    TemplateChoice,
    template_choices,
)
from scheduler.web.forms.chair import KINDS
from scheduler.web.forms.series import SeriesForm, as_id

MOST_CHANGES = 20
MOST_FOUND = 8


@dataclass(kw_only=True)
class NewSeries:
    """One request's view of the page.

    `waits` says why no plan is shown: "site", "template", "patient", "fields", "later", or nothing.
    """

    form: SeriesForm
    actor: Actor
    now: datetime
    every_site: list[Site]
    chairs: list[Chair]
    templates: list[TemplateChoice]
    patient: Patient | None = None
    found: list[Patient] | None = None
    offer: Offer | None = None
    waits: str = "patient"
    message: str = ""
    lost: PlaceTaken | None = None

    @property
    def site(self) -> Site | None:
        chosen = self.form.site_id.number
        return next((one for one in self.every_site if one.id == chosen), None)

    @property
    def template(self) -> TemplateChoice | None:
        chosen = self.form.protocol_version_id.number
        return next((one for one in self.templates if one.version_id == chosen), None)

    @property
    def phase(self) -> PhaseChoice | None:
        phases = self.template.phases if self.template else ()
        return next((one for one in phases if one.id == self.form.phase.data), None)

    @property
    def is_single(self) -> bool:
        return bool(self.form.single.data or (self.phase and self.phase.single))

    @property
    def shown(self) -> str:
        """Which template and phase the depending boxes were drawn for."""
        return f"{self.form.protocol_version_id.data}/{self.form.phase.data}/{self.is_single}"

    @property
    def today(self) -> date:
        return local(self.site.zone, self.now).date() if self.site else self.now.date()

    def ready(self) -> bool:
        """Whether the form can be asked of the planner; else the fields say what they need."""
        valid = self.form.validate()
        self.form.refuse_past(self.today)
        if self.missing():
            self.waits = self.missing()
        elif not valid or self.form.wrong():
            self.waits = "fields"
        else:
            self.waits = ""
        return not self.waits

    def missing(self) -> str:
        """What no plan can do without."""
        needed = {"site": self.every_site, "template": self.templates, "patient": self.patient}
        return next((name for name, there in needed.items() if not there), "")

    def propose(self, *, explains_wait: bool = False) -> None:
        """Fill in the offer, or say in the patient's terms why there is none."""
        self.waits = self.missing()
        if self.waits:
            return
        try:
            self.offer = proposals.offer(
                self.form.to_query(), self.actor, now=self.now, explains_wait=explains_wait
            )
        except (Invalid, NotAllowed, NotFound) as refused:
            self.refuse(refused)

    def refuse(self, refused: Invalid | NotAllowed | NotFound) -> None:
        """What the service refuses stands at its field."""
        self.waits = "fields"
        if isinstance(refused, NotAllowed):
            refused = Invalid(refused.message, field="gap" if self.form.is_changed else None)
        elif isinstance(refused, NotFound):
            refused = Invalid("This is not there any more. Choose again.")
        self.form.refuse(refused)


def blank(actor: Actor, now: datetime, patient_id: int | None) -> NewSeries:
    """A new page: today, the first template, and what the patient is known to wish."""
    form = SeriesForm(formdata=None)
    form.token.data = secrets.token_hex(16)
    page = _page(form, actor, now)
    form.earliest_on.data = page.today
    if patient_id is not None:
        choose(page, patient_id)
    _usual_template(page)
    return page


def typed(actor: Actor, now: datetime, sent: MultiDict[str, str]) -> NewSeries:
    """The page as it was sent, with the changes of a pressed button on top."""
    page = _page(SeriesForm(formdata=_with_changes(sent)), actor, now)
    if "pick" in sent:
        choose(page, as_id(sent["pick"]))
    elif "change" in sent:
        page.form.patient_id.data = ""
    elif page.form.patient_id.data:
        _load(page, as_id(page.form.patient_id.data))
    elif page.form.who.data:
        search(page)
    return page


def choose(page: NewSeries, patient_id: int | None) -> None:
    """Take this patient, and the stored wishes where nothing was typed yet."""
    _load(page, patient_id)
    patient, form = page.patient, page.form
    if patient is None:
        return
    if not form.weekdays.data:
        form.weekdays.data = list(patient.weekdays)
    if not (form.starts_from.typed or form.starts_until.typed):
        form.starts_from.data, form.starts_until.data = patient.band_from, patient.band_until


def _usual_template(page: NewSeries) -> None:
    """What the patient had last, if it is still in use; else the first one."""
    had = courses.series_of_patient(page.patient.id, page.actor) if page.patient else []
    titles = [one.title for one in had[:1]]
    same = [one for one in page.templates if one.title in titles]
    for template in (same + page.templates)[:1]:
        page.form.protocol_version_id.data = str(template.version_id)
        _phases(page)
        _intervals(page)


def search(page: NewSeries) -> None:
    """Who is meant by what was typed; the only match is taken at once."""
    page.found = patients.search(page.form.who.data, page.actor, limit=MOST_FOUND)
    if len(page.found) == 1:
        choose(page, page.found[0].id)


def _load(page: NewSeries, patient_id: int | None) -> None:
    try:
        page.patient = patients.find(patient_id or 0, page.actor)
    except NotFound:
        page.form.note = "We cannot find this patient. Choose again."
    page.form.patient_id.data = str(page.patient.id) if page.patient else ""


def _with_changes(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """A way out changes fields of the form: they come urlencoded behind the "?" of its button."""
    merged = MultiDict(sent)
    _, _, encoded = (sent.get("plan") or sent.get("use") or "").partition("?")
    changes = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_CHANGES)
    names = {name for name, _ in changes if name not in ("token", "patient_id", "csrf_token")}
    for name in names:
        merged.setlist(name, [value for key, value in changes if key == name and value])
    return merged


def plan_key(sent: MultiDict[str, str]) -> str:
    """Which plan the pressed Book button stands for."""
    return sent.get("plan", "").partition("?")[0]


def _page(form: SeriesForm, actor: Actor, now: datetime) -> NewSeries:
    every_site, templates = sites.all_sites(actor), template_choices(actor)
    page = NewSeries(
        form=form, actor=actor, now=now, every_site=every_site, chairs=[], templates=templates
    )
    form.site_id.choices = [SelectChoice(str(one.id), one.name) for one in every_site]
    form.site_id.data = _one_of(form.site_id)
    form.protocol_version_id.choices = [
        SelectChoice(str(one.version_id), f"{one.title} (v{one.number})") for one in templates
    ]
    if not form.protocol_version_id.data:
        form.protocol_version_id.data = _one_of(form.protocol_version_id)
    _phases(page)
    _intervals(page)
    _chairs(page)
    return page


def _one_of(box: object) -> str:
    """What was chosen if it is in the list, else the first of the list."""
    values = [str(choice.value) for choice in box.choices]  # type: ignore[attr-defined]
    chosen = str(box.data or "")  # type: ignore[attr-defined]
    return chosen if chosen in values else (values or [""])[0]


def _phases(page: NewSeries) -> None:
    """The phases of the template; one of another template gives way to its first."""
    phases, box = page.template.phases if page.template else (), page.form.phase
    box.choices = [SelectChoice(one.id, one.title) for one in phases]
    if box.data not in [one.id for one in phases]:
        box.data = _one_of(box)


def _intervals(page: NewSeries) -> None:
    """How often, where the phase leaves a choice; what another phase had gives way to the usual."""
    box, choices = page.form.interval, page.phase.choices if page.phase else CadenceChoices()
    options = choices.intervals
    page.form.count_is_free = choices.is_open
    box.choices = [SelectChoice(str(n), interval_words(n, choices.unit)) for n in options]
    if not options:
        box.choices, box.data = [SelectChoice("", "As the template says")], ""
    elif box.number not in options:
        box.data = str(choices.interval)


def interval_words(number: int, unit: str) -> str:
    """ "every week", "every 8 weeks"."""
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def _chairs(page: NewSeries) -> None:
    site = page.site
    page.chairs = chairs.of_site(site.id, page.actor, in_service=True) if site else []
    starts = [one for one in page.chairs if not one.is_bay]
    named = [SelectChoice(str(one.id), one.name) for one in starts]
    page.form.wished_chair_id.choices = [SelectChoice("", "Any"), *named]
    kinds = {one.kind for one in starts}
    named_kinds = [one for one in KINDS if one.value in kinds]
    page.form.chair_kind.choices = [SelectChoice("", "Any"), *named_kinds]

"""The editor's fields -> the plain document of a template, and which field each part of it came
from.

Numbers that cannot be read stay text: reading the document then says what belongs there, at that
field.
"""

from __future__ import annotations

import re
from typing import Any

from scheduler.planning.reading.plain import Path
from scheduler.planning.reading.prep import CLOTHING, MEDICINES, NO_DRIVING
from scheduler.planning.visit import PART_NAMES
from scheduler.planning.visit_profile import TEXT_SUBJECTS, USUAL_NAMES, spoken
from scheduler.planning.writing.protocol import DRIVER_WORDS
from scheduler.web.forms.rung_fields import rungs_document
from scheduler.web.forms.template_draft import Draft, Plain, whole
from scheduler.web.forms.template_phase import phase_document
from scheduler.web.forms.template_values import Values

DECIMAL = re.compile(r"[0-9]{1,4}([.,][0-9]{1,4})?")
HOURS = re.compile(r"([0-9]{1,4}(?:[.,][0-9]{1,4})?) ?(h|hours?|min|minutes?)?")
STEP = re.compile(r"([0-9.]+) for ([0-9]{1,3}) ?(?:min|minutes)?")


def document(values: Values, base: Plain) -> Draft:
    """The document that the fields mean; what has no field (sources, duties) stays as in `base`."""
    draft = Draft(values)
    plain = draft.plain
    plain["id"] = base["id"]
    plain["title"] = {}
    draft.take(plain["title"], "internal", ("title",), "title.internal", number=False)
    draft.take(plain["title"], "public", ("title",), "title.public", number=False)
    draft.take(plain, "class", (), "class", number=False)
    if requires := values.one("requires"):
        plain["requires"] = [one for one in re.split(r"[,\s]+", requires) if one]
    draft.places[("requires",)] = "requires"
    _prep(draft, base)
    _reminders(draft, base)
    _resources(draft)
    _profiles(draft, base)
    _rules(draft, base)
    _phases(draft, base)
    for key in ("tasks", "tasks_src", "sources"):
        if key in base:
            plain[key] = base[key]
    return draft


def _prep(draft: Draft, base: Plain) -> None:
    prep: Plain = {}
    values = draft.values
    for name in (
        "fasting_solids",
        "limit_fluids",
        "alcohol_before",
        "alcohol_after",
        "nasal_products_gap",
    ):
        _elapsed(draft, prep, name)
    prep["driver_required"] = DRIVER_WORDS.get(values.one("prep.driver"), values.one("prep.driver"))
    draft.places[("prep", "driver_required")] = "prep.driver"
    words = {"no_driving_until": NO_DRIVING, "clothing": CLOTHING, "medicines": MEDICINES}
    for name, allowed in words.items():
        if values.is_on(f"prep.{name}"):
            prep[name] = allowed[0]
    for name in ("hydrate", "infection_check"):
        if values.is_on(f"prep.{name}"):
            prep[name] = True
    draft.take(prep, "arrive_early_min", ("prep",), "prep.arrive_early")
    if src := base.get("prep", {}).get("src"):
        prep["src"] = src
    draft.plain["prep"] = prep


def _elapsed(draft: Draft, prep: Plain, name: str) -> None:
    """Hours, or minutes where "min" is written behind the number."""
    text = draft.values.one(f"prep.{name}")
    for key in (f"{name}_h", f"{name}_min"):
        draft.places[("prep", key)] = f"prep.{name}"
    found = HOURS.fullmatch(text)
    if found and (found[2] or "").startswith("min"):
        prep[f"{name}_min"] = whole(found[1])
    elif found:
        prep[f"{name}_h"] = decimal(found[1])
    elif text:
        prep[f"{name}_h"] = text


def decimal(text: str) -> int | float | str:
    if not DECIMAL.fullmatch(text):
        return text
    value = float(text.replace(",", "."))
    return int(value) if value == int(value) else value


def _reminders(draft: Draft, base: Plain) -> None:
    """`base` also holds the rungs that may be added."""
    listed = (*base.get("rungs", ()), *base.get("reminders", ()))
    known = {rule["id"]: rule for rule in listed}
    draft.plain["reminders"] = rungs_document(draft, known)


def _resources(draft: Draft) -> None:
    resources: Plain = {}
    for part in PART_NAMES:
        at, path = f"resources.{part}", ("resources", part)
        text = draft.values.one(f"{at}.nurse")
        needs: Plain = {"chair": part != "checkin", "nurse": _nurse(text)}
        draft.places[(*path, "nurse")] = f"{at}.nurse"
        draft.take(needs, "pump", path, f"{at}.pump")
        draft.take(needs, "monitor", path, f"{at}.monitor")
        for key in ("provider_on_site", "bay"):
            draft.places[(*path, key)] = f"{at}.{key}"
            if draft.values.is_on(f"{at}.{key}"):
                needs[key] = True
        if text or len(needs) > 2:
            resources[part] = needs
    draft.plain["resources"] = resources


def _nurse(text: str) -> Any:
    """ "0.5", or "1 for 10 min, then 0.5" """
    parts = re.split(r",? then |,\s+", text)
    if len(parts) < 2:
        return decimal(text) if text else 0
    steps: list[Plain] = []
    for part in parts[:-1]:
        found = STEP.fullmatch(part)
        if not found:
            return text
        steps.append({"minutes": int(found[2]), "nurse": decimal(found[1])})
    return [*steps, {"nurse": decimal(parts[-1])}]


def _profiles(draft: Draft, base: Plain) -> None:
    profiles: Plain = {}
    for name in draft.values.many("profile"):
        at, path = f"profiles.{name}", ("profiles", name)
        old = base.get("profiles", {}).get(name, {})
        profile: Plain = {"parts": {}, "range": {}, "floors": {}}
        draft.places[path] = f"{at}.parts.infusion"
        title = draft.values.one(f"{at}.title")
        draft.places[(*path, "title")] = f"{at}.title"
        if title and title != (USUAL_NAMES.get(name) or spoken(name)):
            profile["title"] = title
        for part in PART_NAMES:
            draft.take(profile["parts"], part, (*path, "parts"), f"{at}.parts.{part}")
            draft.take(profile["floors"], part, (*path, "floors"), f"{at}.floors.{part}")
            _range(draft, profile, part, name)
        draft.take(profile, "needs", path, f"{at}.needs", number=False)
        profiles[name] = profile | {key: old[key] for key in ("tasks", "src") if key in old}
    draft.plain["profiles"] = profiles


def _range(draft: Draft, profile: Plain, part: str, name: str) -> None:
    """Either end may be left empty: then the standard minutes are that end."""
    at, path = f"profiles.{name}", ("profiles", name, "range", part)
    low, high = draft.values.one(f"{at}.low.{part}"), draft.values.one(f"{at}.high.{part}")
    draft.places[path] = draft.places[(*path, 0)] = f"{at}.low.{part}"
    draft.places[(*path, 1)] = f"{at}.high.{part}"
    standard = draft.values.one(f"{at}.parts.{part}") or "0"
    if low or high:
        ends = [whole(low or standard), whole(high or standard)]
        profile["range"][part] = ends


def _rules(draft: Draft, base: Plain) -> None:
    rules: list[Plain] = []
    values = draft.values
    for number in values.many("rule"):
        at, path = f"rules.{number}", ("profile_rules", len(rules))
        draft.places[(*path, "use")] = f"{at}.use"
        draft.places[(*path, "when")] = f"{at}.tests.0.value"
        rules.append({"when": _when(draft, at, path, base), "use": values.one(f"{at}.use")})
    otherwise = values.one("rules.else")
    draft.places[("profile_rules", len(rules), "else")] = "rules.else"
    draft.places[("profile_rules",)] = "rules.else"
    if rules and otherwise:
        draft.plain["profile_rules"] = [*rules, {"else": otherwise}]
    elif rules:
        draft.plain["profile_rules"] = rules


def _when(draft: Draft, at: str, path: Path, base: Plain) -> Any:
    values = draft.values
    if kept := values.one(f"{at}.kept"):
        old = [rule["when"] for rule in base.get("profile_rules", []) if "when" in rule]
        place = whole(kept)
        return old[place] if isinstance(place, int) and 0 <= place < len(old) else None
    join = "any" if values.one(f"{at}.join") == "any" else "all"
    numbers = values.many(f"{at}.tests")
    asks = []
    for place, number in enumerate(numbers):
        inner: Path = (*path, "when") if len(numbers) == 1 else (*path, "when", join, place)
        asks.append(_ask(draft, f"{at}.tests.{number}", inner))
    return asks[0] if len(asks) == 1 else {join: asks}


def _ask(draft: Draft, at: str, path: Path) -> Plain:
    values = draft.values
    subject, operator = values.one(f"{at}.subject"), values.one(f"{at}.op")
    operator = "eq" if subject in TEXT_SUBJECTS else operator
    text = values.one(f"{at}.value")
    draft.places[path] = draft.places[(*path, subject)] = f"{at}.value"
    draft.places[(*path, subject, operator)] = f"{at}.value"
    return {subject: {operator: text if subject in TEXT_SUBJECTS else whole(text)}}


def _phases(draft: Draft, base: Plain) -> None:
    ids = draft.values.many("phase")
    old = {phase["id"]: phase for phase in base.get("phases", [])}
    draft.places[("phases",)] = "phase"
    draft.plain["phases"] = [
        phase_document(draft, phase_id, ids, old.get(phase_id, {})) for phase_id in ids
    ]

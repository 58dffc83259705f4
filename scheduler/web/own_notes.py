"""What a patient's page says first after a form: a code in the session, words made here."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.models import Visit
from scheduler.services.own.own_page import OwnPage
from scheduler.web.own_words import OwnWords

WARN = {"changed_meanwhile", "expired_form", "not_saved", "other_taken", "too_late"}
PLAIN = {"changed_meanwhile", "expired_form", "not_saved", "saved", "twice"}
"""Keys of `page`; every other code is one of `page.thanks`."""
ANYWHERE = {"other_taken": "page.change.other_taken", "too_late": "page.change.other_late",
            "feed_stopped": "page.visits.feed_stopped"}  # fmt: skip


@dataclass(frozen=True)
class Note:
    kind: str
    lead: str
    rest: str = ""


def plain(code: str, t: OwnWords) -> Note | None:
    """Before the birth date nothing is said about a visit."""
    return Note("warn", t(f"page.{code}")) if code in PLAIN & WARN else None


def note(code: str, page: OwnPage, t: OwnWords) -> Note | None:
    """After a form; a code that is none of ours says nothing."""
    if code == "thanks":
        return _thanks(page, t)
    kind = "warn" if code in WARN else "ok"
    if code in PLAIN:
        return Note(kind, t(f"page.{code}"))
    if code in ANYWHERE:
        return Note(kind, t(ANYWHERE[code]))
    key = f"page.thanks.{code}"
    return Note(kind, t(key)) if code and t.wording.has(key) else None


def _thanks(page: OwnPage, t: OwnWords) -> Note | None:
    """ "Thank you. See you Tuesday at 8:50 am. Ben is asked to be here at 10:30 am."."""
    visit = page.visit
    if visit is None or not visit.coming:
        return None
    if page.suspended:
        return Note("ok", t("page.thanks.waits"))
    lead = t(
        "page.thanks.coming", weekday=t.weekday(visit.arrives_at), time=t.clock(visit.arrives_at)
    )
    return Note("ok", lead, _driver(visit, t))


def _driver(visit: Visit, t: OwnWords) -> str:
    if not visit.driver_name:
        return ""
    key = "page.thanks.driver" if visit.driver_ok else "page.thanks.driver_tell"
    return t(key, driver=visit.driver_name, time=t.clock(visit.leaves_at))

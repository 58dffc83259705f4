"""Somebody at the desk with a real browser: a small clinic, a sign-in, what every page keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Chair, Site
from scheduler.planning.opening import local
from scheduler.transaction import transaction
from tests import factories as make
from tests.browser_axe import violations
from tests.desk import PASSWORD, add_staff

PHONE_WIDTH = 390


@dataclass(frozen=True)
class SmallClinic:
    organisation_id: int
    site_id: int
    chair_id: int
    patient_id: int
    visit_id: int
    visit_on: date


def fill(app: Flask) -> SmallClinic:
    """Three chairs; Odette Varga has a visit at 9 on a working day next week."""
    with app.app_context(), transaction():
        site = make.make_clinic()
        make.make_hours(site, time(9), time(13), [5])
        chair = db.session.scalars(select(Chair).order_by(Chair.position)).first()
        assert chair
        patient = make.make_patient(site, "Odette Varga")
        make.make_patient(site, "Zo\u00eb O'Neill")
        on = _working_day(site)
        visit = make.make_visit(site, chair, on, patient=patient)
        return SmallClinic(site.organisation_id, site.id, chair.id, patient.id, visit.id, on)


def _working_day(site: Site) -> date:
    day = local(site.zone, utcnow()).date() + timedelta(days=7)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def sign_in(page: Page, app: Flask, organisation_id: int, role: str = "manager") -> None:
    with app.app_context():
        email = add_staff(organisation_id, role)
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="You and this screen").wait_for()
    page.wait_for_load_state("networkidle")


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than a phone; the window stays that narrow."""
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    width: Any = page.evaluate("document.documentElement.scrollWidth")
    return int(width) - PHONE_WIDTH


def set_theme(page: Page, theme: str) -> None:
    """Without its transitions, whose colours in between belong to no theme."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)


def wrong_with(page: Page, url: str) -> list[str]:
    """What axe finds in both themes, and sideways scrolling at phone width."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(url)
    found = []
    for theme in ("light", "dark"):
        set_theme(page, theme)
        found += [f"{url} {theme}: {one}" for one in violations(page)]
    if (over := sideways(page)) > 0:
        found.append(f"{url}: {over} px wider than a phone")
    return found

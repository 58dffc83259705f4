"""The first page that anybody sees."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser_axe import violations


def test_a_stranger_is_asked_to_sign_in_first(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.get_by_label("Password")).to_be_visible()


def test_the_sign_in_page_is_open_to_everybody(page: Page) -> None:
    page.goto("/login")
    assert violations(page) == []


def test_a_wrong_password_says_so_and_keeps_the_address(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill("nobody@clinic.example")
    page.get_by_label("Password").fill("not the right one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("E-mail")).to_have_value("nobody@clinic.example")

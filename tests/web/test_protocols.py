"""Series templates: the list, approval by somebody else, files, and who may do what."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Protocol
from scheduler.services.protocol_files import parsed
from scheduler.transaction import transaction
from tests.desk import Desk
from tests.factories import make_clinic
from tests.page_forms import text_of
from tests.template_desk import make_mood_clinic, newest, numbers, press, sign_in


@pytest.fixture
def organisation_id(app: Flask) -> int:
    return make_mood_clinic(app)


@pytest.fixture
def manager(app: Flask, organisation_id: int) -> Desk:
    return sign_in(app, organisation_id, "manager")


@pytest.fixture
def provider(app: Flask, organisation_id: int) -> Desk:
    return sign_in(app, organisation_id, "provider")


def test_the_list_shows_own_templates_and_the_library(manager: Desk) -> None:
    assert manager.get("/protocols/").status_code == 200
    assert "Ketamine IV mood series, 3 a week" in manager.text
    assert "v1 draft" in manager.text
    assert "Ketamine IV CRPS, daily block" in manager.text


def test_a_built_in_template_shows_its_sources_and_becomes_a_draft(
    manager: Desk, app: Flask
) -> None:
    page = manager.get("/protocols/library/3")
    assert "Where these figures come from" in manager.text
    assert "medical advice" not in page.text
    form = manager.form("/protocols/")
    assert manager.press(form, "Use as a draft").status_code == 200
    assert "A draft is made." in manager.text
    with app.app_context():
        assert db.session.query(Protocol).count() == 2


def test_approval_is_asked_by_one_and_given_by_another(
    manager: Desk, provider: Desk, app: Flask
) -> None:
    manager.get("/protocols/1")
    press(manager, "Save and ask for approval")
    assert "waits for approval" in manager.text
    provider.get("/protocols/1")
    assert 'id="editor"' not in provider.page
    provider.press(provider.form("/protocols/1/versions/1/approve"), "Approve version 1")
    assert "Version 1 is in use for new series." in provider.text
    assert newest(app).approved_by_name == "The provider"
    manager.get("/protocols/1")
    press(manager, "Save as", prep__fasting_solids="6")
    assert "Version 2 is a draft. Version 1 is in use" in manager.text
    assert "1 change to v1" in manager.text
    provider.get("/protocols/1/versions/2")
    assert "1 thing differs from version 1, which is in use." in provider.text
    assert "was 4 h" in provider.text
    assert "9:00 visits now stop food at 3:00 am; v1 said 5:00 am" in provider.text


def test_a_draft_is_sent_back_with_a_reason(manager: Desk, provider: Desk) -> None:
    manager.get("/protocols/1")
    press(manager, "Save and ask for approval")
    provider.get("/protocols/1")
    form = provider.form("/protocols/1/versions/1/send-back")
    assert provider.press(form, "Send back").status_code == 422
    assert provider.press(form, "Send back", reason="x" * 401).status_code == 422
    assert "x" * 401 in provider.page
    provider.press(form, "Send back", reason="A longer fast, please.")
    assert "Sent back." in provider.text
    manager.get("/protocols/1")
    assert "The provider: A longer fast, please." in manager.text


def test_an_exported_file_imports_as_it_was(manager: Desk, app: Flask) -> None:
    answer = manager.get("/protocols/1/versions/1/export")
    assert answer.data.decode() == newest(app).document
    assert "ket" not in answer.headers["Content-Disposition"]
    manager.get("/protocols/new")
    sent = {"file": (io.BytesIO(answer.data), "t.yaml"), "csrf_token": manager.csrf()}
    answer = manager.client.post("/protocols/import", data=sent)
    assert answer.status_code == 302
    manager.get(answer.location)
    assert "Nothing was changed." in manager.text
    assert numbers(app) == [1]


BAD_FILES = {
    b"": "Choose a file first.",
    b"id: x\n": "Line 1, title.internal: This is missing.",
    b"\xff\xfe\x00": "Save the file as UTF-8 text.",
    b"a: &b [1]\nc: *b\n": "Line 1",
    b"x" * 300_000: "larger than 256 KB",
    b"[" * 9_000: "too deeply nested",
}


def test_a_bad_file_is_refused_with_line_and_field(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/new")
    for data, words in BAD_FILES.items():
        sent = {"file": (io.BytesIO(data), "t.yaml"), "csrf_token": manager.csrf()}
        answer = manager.client.post("/protocols/import", data=sent)
        assert answer.status_code == 422
        assert words in text_of(answer.text)
    with app.app_context():
        assert db.session.query(Protocol).count() == 1


def test_a_new_template_can_begin_from_nothing(manager: Desk, app: Flask) -> None:
    manager.get("/protocols/new")
    forms = manager.form("/protocols/")
    blank = next(one for one in forms.buttons if one.value == "blank")
    manager.press(forms, blank)
    assert "New template" in manager.text
    assert parsed(newest(app, 2).document).phases[0].schedule.kind == "on_demand"


def test_who_may_not_edit_reads(app: Flask, organisation_id: int) -> None:
    for role in ("desk", "nurse", "provider"):
        desk = sign_in(app, organisation_id, role)
        assert desk.get("/protocols/").status_code == 200
        assert desk.get("/protocols/1").status_code == 200
        assert 'id="editor"' not in desk.page
        assert desk.get("/protocols/new").status_code == 403
        for url in ("", "1", "1/preview", "import", "1/versions/1/copy"):
            assert desk.post(f"/protocols/{url}").status_code == 403


def test_who_may_not_approve_cannot(app: Flask, organisation_id: int) -> None:
    for role in ("desk", "nurse", "manager", "admin"):
        desk = sign_in(app, organisation_id, role)
        desk.get("/protocols/1/versions/1")
        for act in ("approve", "retire", "send-back"):
            assert desk.post(f"/protocols/1/versions/1/{act}").status_code == 403


def test_what_is_not_there_is_not_found(manager: Desk) -> None:
    for url in ("99", "1/versions/99", "1/versions/99/export", "library/99", "99999999999999"):
        assert manager.get(f"/protocols/{url}").status_code == 404


def test_another_clinics_template_is_not_found(app: Flask, manager: Desk) -> None:
    with app.app_context(), transaction():
        elsewhere = make_clinic().organisation_id
    stranger = sign_in(app, elsewhere, "manager")
    assert stranger.get("/protocols/1").status_code == 404
    assert stranger.post("/protocols/1").status_code == 404
    assert "Ketamine IV mood series, 3 a week" in stranger.get("/protocols/library/1").text

"""Transports and a real server: what fails one message, what stops everything (trust I13)."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import pytest

from scheduler.mail.folder import FolderTransport
from scheduler.mail.messages import build
from scheduler.mail.parcel import NotNow, Parcel, Refused, ServerTrouble
from scheduler.mail.smtp import SmtpTransport
from scheduler.mail.smtp_url import server_of
from scheduler.mail.transport import transport_from
from tests.certificate import Certificate, certificate
from tests.mail_server import Mailbox, free_port, mail_server, with_login
from tests.unit.test_messages import facts

PARCEL = Parcel(
    sender="bookings@larkmoor.example", recipient="pat@example.net", data=build(facts("invite"))
)


def smtp(url: str, timeout: float = 5) -> SmtpTransport:
    return SmtpTransport(server_of(url), timeout_seconds=timeout)


def test_the_bytes_at_the_socket_are_the_bytes_that_were_built() -> None:
    box = Mailbox()
    with mail_server(box) as address:
        transport = smtp(f"smtp://{address}")
        transport.send(PARCEL)
        transport.send(PARCEL)
        transport.close()
    assert [post.data for post in box.posts] == [PARCEL.data, PARCEL.data]
    assert box.posts[0].sender == PARCEL.sender
    assert box.posts[0].recipients == [PARCEL.recipient]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"RCPT": "550 no such user"}, Refused),
        ({"DATA": "554 not wanted"}, Refused),
        ({"RCPT": "450 mailbox busy"}, NotNow),
        ({"DATA": "451 try later"}, NotNow),
        ({"MAIL": "451 try later"}, NotNow),
        ({"MAIL": "550 this sender may not"}, ServerTrouble),
    ],
)
def test_each_no_has_its_own_meaning_and_the_next_message_still_leaves(
    answers: dict[str, str], error: type[Exception]
) -> None:
    box = Mailbox(once=list(answers.items()))
    with mail_server(box) as address:
        transport = smtp(f"smtp://{address}")
        with pytest.raises(error, match=next(iter(answers.values()))[:3]):
            transport.send(PARCEL)
        transport.send(PARCEL)
        transport.close()
    assert len(box.posts) == 1


@pytest.mark.parametrize("moment", ["drop before", "drop after"])
def test_a_connection_that_breaks_at_the_text_leaves_the_outcome_open(moment: str) -> None:
    box = Mailbox(once=[("DATA", moment)])
    with mail_server(box) as address:
        transport = smtp(f"smtp://{address}")
        with pytest.raises(NotNow) as broken:
            transport.send(PARCEL)
        assert broken.value.uncertain
        transport.send(PARCEL)
        transport.close()


def test_a_server_that_never_answers_is_given_up_and_may_have_taken_it() -> None:
    box = Mailbox(hold=threading.Event())
    with mail_server(box) as address:
        transport = smtp(f"smtp://{address}", timeout=0.2)
        with pytest.raises(NotNow, match="did not answer in time") as silence:
            transport.send(PARCEL)
        assert silence.value.uncertain


def test_a_server_that_is_gone_stops_everything() -> None:
    with pytest.raises(ServerTrouble):
        smtp(f"smtp://127.0.0.1:{free_port()}").send(PARCEL)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


def test_starttls_and_login_work_and_the_password_goes_encrypted(own: Certificate) -> None:
    box = Mailbox()
    with mail_server(box, **with_login("desk", "pass word", own.server_context())) as address:
        url = f"smtp://desk:pass%20word@{address}?starttls=required&ca={own.path}"
        transport = smtp(url)
        transport.probe()
        transport.send(PARCEL)
        transport.close()
        with pytest.raises(ServerTrouble, match="535"):
            smtp(url.replace("pass%20word", "wrong")).send(PARCEL)
        with pytest.raises(ServerTrouble, match="CERTIFICATE_VERIFY_FAILED"):
            smtp(url.split("&")[0]).send(PARCEL)
    assert len(box.posts) == 1


def test_implicit_tls_works_too(own: Certificate) -> None:
    box = Mailbox()
    with mail_server(box, ssl_context=own.server_context()) as address:
        transport = smtp(f"smtps://{address}?ca={own.path}")
        transport.send(PARCEL)
        transport.close()
    assert len(box.posts) == 1


def test_a_server_without_tls_is_refused_where_tls_is_required() -> None:
    with mail_server(Mailbox()) as address, pytest.raises(ServerTrouble, match="STARTTLS"):
        smtp(f"smtp://{address}?starttls=required").send(PARCEL)


def test_the_folder_keeps_each_message_once_however_often_it_is_sent(tmp_path: Path) -> None:
    transport = transport_from("", tmp_path)
    assert isinstance(transport, FolderTransport)
    transport.probe()
    transport.send(PARCEL)
    transport.send(PARCEL)
    transport.close()
    (path,) = (tmp_path / "mail").glob("*.eml")
    assert path.read_bytes() == PARCEL.data
    assert path.name.startswith("20261230T120000Z-")


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(ServerTrouble, match="cannot be made"):
        transport_from("", tmp_path).open()


def test_certificates_are_checked_by_default() -> None:
    context = SmtpTransport(server_of("smtps://mail.example"))._context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname

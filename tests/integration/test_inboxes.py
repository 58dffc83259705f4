"""Where replies lie: a mailbox over IMAP and TLS, a maildir; read to the end, never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.cli import replies_check
from scheduler.mail.imap import box_of
from scheduler.mail.inbox import Inbox, InboxTrouble, Received
from scheduler.mail.reply_folder import ReplyFolder
from scheduler.services.incoming.mailboxes import Place
from tests.certificate import certificate
from tests.imap_server import ImapBox, imap_server

SINCE = datetime(2027, 1, 4, tzinfo=UTC)


def everything(inbox: Inbox, last: Place | None = None) -> list[Received]:
    return list(inbox.messages(last or Place(mailbox=inbox.name), SINCE))


def test_a_mailbox_is_read_over_tls_and_never_changed(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    box = ImapBox(messages={4: b"From: a@b\r\n\r\nhello", 6: b"x" * 300_000})
    with imap_server(box, own.server_context()) as address:
        inbox = box_of(f"imaps://desk:reply%20reader@{address}/INBOX?ca={own.path}")
        small, large = everything(inbox)
        assert (small.data, small.size) == (box.messages[4], len(box.messages[4]))
        assert (len(large.data), large.size) == (32 * 1024, 300_000)  # its headers would do
        assert "UID SEARCH SINCE 04-Jan-2027" in box.asked
        box.messages[9] = b"new"
        (newest,) = everything(inbox, large.place)
        assert (newest.place.uid_validity, newest.place.uid) == (7, 9)
        assert "UID SEARCH UID 7:*" in box.asked
        assert everything(inbox, newest.place) == []  # "10:*" finds the last one all the same
        box.validity = 8
        assert [one.place.uid for one in everything(inbox, newest.place)] == [4, 6, 9]
        url = f"imaps://desk:reply%20reader@{address}/INBOX?ca={own.path}"
        assert [found.level for found in replies_check.findings(url)] == ["ok"]
        box.password = "another"
        with pytest.raises(InboxTrouble, match="refused the sign-in"):
            everything(inbox)
        (found,) = replies_check.findings(url)
        assert (found.level, "reply" in found.what) == ("wrong", False)  # no password is told
    words = {line.split(" ")[0] for line in box.asked} | {line[:9] for line in box.asked}
    assert not words & {"SELECT", "STORE", "EXPUNGE", "APPEND", "UID STORE"}
    assert not [line for line in box.asked if "BODY[" in line]  # PEEK alone


def test_a_mailbox_without_a_trusted_certificate_is_not_signed_in_to(tmp_path: Path) -> None:
    box = ImapBox()
    with imap_server(box, certificate(tmp_path).server_context()) as address:
        inbox = box_of(f"imaps://desk:reply%20reader@{address}/INBOX")
        with pytest.raises(InboxTrouble, match="cannot be reached safely"):
            everything(inbox)
    assert box.asked == []


@pytest.mark.parametrize(
    ("url", "tls", "port"),
    [
        ("imaps://a%40b:p@mail.example/INBOX", "implicit", 993),
        ("imap://a:p@mail.example", "starttls", 143),
        ("imap://a:p@127.0.0.1:1143", "none", 1143),
    ],
)
def test_a_mailbox_elsewhere_is_always_encrypted(url: str, tls: str, port: int) -> None:
    found = box_of(url)
    assert (found.server.tls, found.server.port, found.folder) == (tls, port, "INBOX")
    assert "p@" not in repr(found)


@pytest.mark.parametrize("url", ["imaps://mail.example", "imaps://a:p@", "imaps://a:p@h:x"])
def test_an_address_that_names_no_mailbox_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="IMAP_URL"):
        box_of(url)


def test_a_maildir_keeps_what_was_read_and_follows_no_link(tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "17.host").write_bytes(b"hello")
    (tmp_path / "new" / "18.host").symlink_to("/etc/passwd")
    inbox = ReplyFolder(tmp_path)
    (only,) = everything(inbox)
    inbox.done(only)
    inbox.done(only)  # another worker was faster
    assert (tmp_path / "cur" / "17.host:2,S").read_bytes() == b"hello"
    assert everything(inbox) == []

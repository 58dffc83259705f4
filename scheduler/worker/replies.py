"""The job that reads replies: every mailbox in turn, one transaction a message (calendar I1)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config import Settings
from scheduler.clock import utcnow
from scheduler.mail import imap, inbound
from scheduler.mail.demo_reply import AUTHSERV_ID, reply_folder
from scheduler.mail.inbox import Inbox, InboxTrouble
from scheduler.mail.reply_folder import ReplyFolder
from scheduler.services.incoming import inbound as judging
from scheduler.services.incoming import mailboxes
from scheduler.worker.error_place import where
from scheduler.worker.jobs import Context

log = logging.getLogger(__name__)

SERVER_SECONDS, FOLDER_SECONDS = 30.0, 2.0


@dataclass
class Replies:
    """`authserv_id` names the mail server whose word about senders counts (calendar I4)."""

    inboxes: Sequence[Inbox]
    authserv_id: str
    context: Context
    every_seconds: float = SERVER_SECONDS
    clock: Callable[[], datetime] = utcnow
    stopping: threading.Event = field(default_factory=threading.Event)


def replies_from(settings: Settings, context: Context) -> Replies | None:
    """The mailboxes of these settings; None where nobody reads replies. Raises ValueError."""
    inboxes: list[Inbox] = []
    if settings.imap_url:
        inboxes.append(imap.box_of(settings.imap_url))
    demo = settings.mode == "demo"
    if folder := settings.reply_dir or (reply_folder(settings.data_dir) if demo else None):
        inboxes.append(ReplyFolder(folder))
    if not inboxes:
        return None
    return Replies(
        inboxes=inboxes,
        authserv_id=settings.authserv_id or (AUTHSERV_ID if demo else ""),
        context=context,
        every_seconds=SERVER_SECONDS if settings.imap_url else FOLDER_SECONDS,
    )


def poll(replies: Replies) -> None:
    """Every mailbox once. Never raises: the clock must go on. Nothing of a message is logged."""
    for inbox in replies.inboxes:
        try:
            with replies.context():
                _read(replies, inbox)
        except Exception as error:
            log.error("reading replies failed: %s", where(error))


def _read(replies: Replies, inbox: Inbox) -> None:
    last = mailboxes.last_read(inbox.name, now=replies.clock())
    try:
        for received in inbox.messages(last.place, last.since):
            if replies.stopping.is_set():
                return
            mail = inbound.read(received.data, authserv_id=replies.authserv_id, size=received.size)
            judging.receive(mail, now=replies.clock(), place=received.place)
            inbox.done(received)
    except InboxTrouble as trouble:
        if mailboxes.troubled(inbox.name, str(trouble), now=replies.clock()):
            log.warning("a mailbox of replies is in trouble")
    else:
        mailboxes.signed(inbox.name, now=replies.clock())

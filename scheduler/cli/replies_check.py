"""The doctor's look at the mailbox of replies: reached, encrypted, signed in; nothing is read."""

from __future__ import annotations

from scheduler.cli.finding import Finding
from scheduler.mail.imap import box_of
from scheduler.mail.inbox import InboxTrouble

NAME = "mailbox of replies"
MEND = "Check host, user, password and folder in IMAP_URL, and that the server can be reached."


def findings(imap_url: str) -> list[Finding]:
    """One line; nothing where no mailbox is named."""
    if not imap_url:
        return []
    try:
        box_of(imap_url).probe()
    except ValueError as error:
        return [Finding("wrong", "IMAP_URL", str(error), MEND)]
    except InboxTrouble as trouble:
        return [Finding("wrong", NAME, str(trouble), MEND)]
    return [Finding("ok", NAME, "It can be opened. Nothing was read or changed.")]

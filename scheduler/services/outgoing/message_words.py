"""What kinds of messages and of answers are called at the desk."""

from __future__ import annotations

KINDS = {
    "digest": "All dates",
    "invite": "Invitation",
    "update": "Changed invitation",
    "cancel": "Cancellation",
    "hold": "Held dates",
    "hold_over": "Hold ran out",
    "r1": "First reminder",
    "r2": "Week reminder",
    "r3": "Three-day reminder",
    "r4": "Evening reminder",
    "r5": "Same-day reminder",
    "own": "Own reminder",
    "prep": "Changed preparation",
    "call_us": "Please call us",
    "r6": "Driver's message",
    "r7": "After the visit",
    "r8": "How are you?",
    "r9": "Questions after the visit",
    "r10": "Next course",
    "r11": "Booster due",
    "r12": "Paper runs out",
    "r13": "Missed visit",
}
"""By kind; a test compares them with what can be written."""
GROUPS = {
    "dates": ("digest", "invite", "update", "cancel", "hold", "hold_over"),
    "reminders": ("r1", "r2", "r3", "r4", "r5", "own", "prep"),
    "drivers": ("r6",),
    "after": ("r7", "r8", "r9"),
    "later": ("r10", "r11", "r12", "r13", "call_us"),
}
"""What the list can be narrowed to; together every kind, each once."""
GROUP_WORDS = {
    "dates": "Dates and invitations",
    "reminders": "Reminders",
    "drivers": "To drivers",
    "after": "After the visit",
    "later": "Recalls and the rest",
}
CHANNELS = {"email": "E-mail", "sms": "Text message", "voice": "Automatic call"}
INBOUND = {
    "reply": "Calendar answer",
    "counter": "Proposes a new time",
    "bounce": "Mail came back",
    "auto": "Automatic answer",
    "letter": "E-mail",
    "text": "Text message",
    "status": "Delivery report",
}
VERDICTS = {"applied": "Taken", "ignored": "No effect", "person": "For a person"}
PARTSTATS = {
    "ACCEPTED": "accepted",
    "TENTATIVE": "maybe",
    "DECLINED": "declined",
    "NEEDS-ACTION": "no answer yet",
}
AUDIT = {
    "begin_message": "Left with these bytes",
    "send_now": "Sent now",
    "send_again": "Sent again",
    "called_instead": "Called instead",
}


def kind(name: str) -> str:
    """A kind that has no words yet is called by its name: the page must not fail over it."""
    return KINDS.get(name, name)

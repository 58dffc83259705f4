"""What each table of texts is called on the Setup page, and what its parts are."""

from __future__ import annotations

LANGUAGES = {"en": "English", "es": "Spanish"}
TOPICS = {
    "mail": "Messages about appointments",
    "hold": "Times that are held",
    "driver": "To the driver",
    "after": "After a visit, and between visits",
    "own": "Your own reminders",
    "page": "The patient's page",
    "phone": "Answers by text, and what a caller says",
    "paper": "The printed letter",
    "sentences": "Sentences that other texts are made of",
}
TABLES = {
    "letter": "Greeting and last line",
    "digest": "All dates, several visits",
    "digest_one": "All dates, one visit",
    "moved": "New times",
    "invite": "Calendar invitation",
    "update": "Calendar invitation, new time",
    "changed": "Calendar invitation, other change",
    "cancel": "Cancellation",
    "r1": "Before the consultation (R1)",
    "r2": "A week before (R2)",
    "r3": "Three days before (R3)",
    "r4": "The evening before (R4)",
    "r5": "The same day (R5)",
    "prep": "Preparation has changed",
    "call_us": "Please call us",
    "own": "A reminder of your own",
    "hold": "Times held",
    "hold_invite": "Calendar entry of a held time",
    "hold_cancel": "A held time given up",
    "hold_over": "Held times run out",
    "calendar_off": "Calendar entry goes, visit stays",
    "r6": "Ride home (R6)",
    "r7": "At discharge (R7)",
    "r8": "How are you? (R8)",
    "r9": "A short question (R9)",
    "r10": "The next step (R10)",
    "r11": "Next visit is due (R11)",
    "r12": "A form ends soon (R12)",
    "r13": "We must move a visit (R13)",
    "prep_change": "Changed preparation, sentence by sentence",
    "paper": "Letter",
    "alarm": "Calendar alarms",
    "say": "Other sentences",
    "todo": "What to do before and after",
    "page": "Headings and notes",
    "page.gate": "Before the birth date is given",
    "page.ended": "A link that has ended",
    "page.visit": "The next visit",
    "page.thanks": "Thanks after an answer",
    "page.driver": "Who drives",
    "page.list": "Checklist",
    "page.help": "Help",
    "page.changed": "Has anything changed?",
    "page.expect": "Around what to expect",
    "page.visits": "All visits",
    "page.change": "Another time",
    "page.after": "After a visit",
    "page.recall": "Planning the next visit",
    "page.ways": "Language, messages, calendar",
    "off": "The page that ends messages",
    "ride": "The driver's page",
    "expect": "What to expect",
    "answer": "Answers by text",
    "menu": "How to answer",
    "call": "Call script",
}
PARTS = {
    "subject": "Subject",
    "body": "Mail",
    "sms": "Text message",
    "voice": "Call",
    "also": "Where it joins another message",
}


def table_name(table: str) -> str:
    """ "The evening before (R4)"; a table without a name is called by its own words."""
    if table.startswith("own-"):
        return f"Reminder {table.removeprefix('own-')}"
    if table in TABLES:
        return TABLES[table]
    if table.startswith("answer."):
        return f"Answer: {table.removeprefix('answer.').replace('_', ' ')}"
    return table.replace(".", ", ").replace("_", " ").capitalize()


def part_name(part: str) -> str:
    return PARTS.get(part, part.replace("_", " ").capitalize())

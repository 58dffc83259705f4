"""Who a message is from, and whether our own mail server believes it (calendar I4, RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message

from scheduler.services.incoming.inbound_facts import FAILED, PASSED, UNKNOWN

LONGEST_HEADER = 4000
_MAILBOX = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}"
_FROM = re.compile(
    rf'(?:(?:"(?:[^"\\]|\\.)*"|[^<>"(),:;@\\\[\]]*)\s*<(?P<named>{_MAILBOX})>|(?P<bare>{_MAILBOX}))'
)
_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')
_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z0-9]+)\b(.*)", re.DOTALL)
_PROPERTY = re.compile(r"\b(header|smtp|policy)\.([a-z.]+)\s*=\s*(\S+)")


def one_sender(message: Message) -> str:
    """From's address in lower case; "" unless there is one From with exactly one address."""
    found = message.get_all("From", [])
    if len(found) != 1 or len(str(found[0])) > LONGEST_HEADER:
        return ""
    match = _FROM.fullmatch(" ".join(str(found[0]).split()))
    return (match["named"] or match["bare"]).casefold() if match else ""


def proof(message: Message, sender: str, authserv_id: str) -> str:
    """What the topmost Authentication-Results of our own server says; all others are ignored.

    Passed: DMARC, or else a DKIM signature of the sender's own domain.
    """
    if not authserv_id:
        return UNKNOWN
    domain = sender.rpartition("@")[2]
    for header in message.get_all("Authentication-Results", []):
        name, *results = _plain(str(header)[:LONGEST_HEADER]).split(";")
        if name.split()[:1] == [authserv_id.casefold()]:
            return PASSED if domain and _believed(results, domain) else FAILED
    return FAILED


def _plain(header: str) -> str:
    """Without comments; a quoted string cannot hold a method of its own."""
    previous, text = "", header.casefold()
    while text != previous:
        previous, text = text, _QUOTED_OR_COMMENT.sub(" ", text)
    return text


def _believed(results: Sequence[str], domain: str) -> bool:
    found = [match for one in results if (match := _RESULT.match(one)) is not None]
    dmarc = [match for match in found if match[1] == "dmarc"]
    if any(match[2] not in ("pass", "none", "bestguesspass") for match in dmarc):
        return False
    if any(_dmarc_passed(match, domain) for match in dmarc):
        return True
    return any(_signed_by(match, domain) for match in found if match[1] == "dkim")


def _dmarc_passed(match: re.Match[str], domain: str) -> bool:
    return match[2] == "pass" and _properties(match).get("header.from", domain) == domain


def _signed_by(match: re.Match[str], domain: str) -> bool:
    """By the sender's domain or one above it; "example" alone is nobody's."""
    signer = _properties(match).get("header.d", "").rstrip(".")
    above = "." in signer and domain.endswith(f".{signer}")
    return match[2] == "pass" and bool(signer) and (signer == domain or above)


def _properties(match: re.Match[str]) -> dict[str, str]:
    return {f"{one[1]}.{one[2]}": one[3].strip('"') for one in _PROPERTY.finditer(match[3])}

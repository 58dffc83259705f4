"""The parts of a message from outside: which counts, and its bytes as UTF-8 (calendar I2, I3)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser

from scheduler.invites.clean_text import lines

_CHARSETS = re.compile(
    r"utf-(8|8-sig|16|16-le|16-be)|ascii|iso8859-\d+|cp12\d\d|cp437|koi8-[ru]|mac-roman|gb2312|gbk"
    r"|gb18030|big5|shift_jis|cp932|iso2022_jp|euc_(jp|kr)"
)
"""Python's names; its other codecs are no charsets, and some are slow."""
_QUOTE = re.compile(r"^\s*>|^\s*(On|El) .{0,200}(wrote|escribió):\s*$|^-{2,}\s*Original Message")


def leaves(message: Message) -> Iterator[Message]:
    """Every part that holds something; a message inside a message is one part (calendar I3)."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting.extend(reversed(part.get_payload()))  # type: ignore[arg-type]
        else:
            yield part


def calendar_part(message: Message) -> Message | None:
    """The first text/calendar; else application/ics, else a file that is called so."""
    found = list(leaves(message))
    for right in (_is_calendar, _is_ics, _is_called_ics):
        if (part := next((one for one in found if right(one)), None)) is not None:
            return part
    return None


def method_of(part: Message) -> str:
    """The parameter of its Content-Type in upper case, "" where there is none."""
    value = part.get_param("method", "")
    return str(value[2] if isinstance(value, tuple) else value).strip().upper()


def in_utf8(part: Message) -> bytes:
    """By the charset it names, or as it is where that is none, or not true."""
    data = _bytes(part)
    name = _charset(part)
    if name in ("utf-8", "ascii"):
        return data
    try:
        return data.decode(name).encode()
    except (UnicodeError, ValueError):
        return data


def text(message: Message, cap: int) -> str:
    """What the sender wrote, without what they quote; "" where there is nothing to read."""
    found = [one for one in leaves(message) if one.get_content_disposition() != "attachment"]
    for kind in ("text/plain", "text/html"):
        part = next((one for one in found if one.get_content_type() == kind), None)
        if part is not None:
            read = in_utf8(part)[: 64 * cap].decode(errors="replace")
            said = _unquoted(_words(read) if kind == "text/html" else read)
            if kept := lines(said, cap).strip():
                return kept
    return ""


def _is_calendar(part: Message) -> bool:
    return part.get_content_type() == "text/calendar"


def _is_ics(part: Message) -> bool:
    return part.get_content_type() == "application/ics"


def _is_called_ics(part: Message) -> bool:
    return (
        part.get_content_maintype() != "message"
        and (part.get_filename() or "").lower()[-4:] == ".ics"
    )


def _bytes(part: Message) -> bytes:
    """Decoded as far as it can be: what is cut off is not there."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _charset(part: Message) -> str:
    try:
        name = codecs.lookup(part.get_content_charset("utf-8") or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _CHARSETS.fullmatch(name) else "utf-8"


def _unquoted(words: str) -> str:
    """Up to the first line that quotes: what follows is ours, or old."""
    kept: list[str] = []
    for line in words.splitlines():
        if _QUOTE.search(line[:300]):
            break
        kept.append(line.rstrip())
    return "\n".join(kept)


class _Words(HTMLParser):
    """The text of a page, without what is not shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag in ("script", "style", "head", "title", "blockquote"):
            self._hidden += 1
        if tag in ("br", "p", "div", "tr", "li"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head", "title", "blockquote"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def _words(page: str) -> str:
    reader = _Words()
    reader.feed(page)
    return "".join(reader.words)

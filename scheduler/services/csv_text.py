"""Tables as CSV that no spreadsheet runs as a formula and that come back exactly (trust fact 7)."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

MARK = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""
GUARD = "'"
"""Stands before a cell that a spreadsheet might run; reading takes one away."""
_FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def write(rows: Iterable[Sequence[object]]) -> str:
    """Every value as its text, None as nothing. Lines end in CRLF (RFC 4180)."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([guarded("" if cell is None else str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def read(text: str) -> list[list[str]]:
    """The rows that `write` was given, as texts; other programs' files too. Raises csv.Error."""
    source = io.StringIO(text.removeprefix(MARK), newline="")
    return [[cell.removeprefix(GUARD) for cell in row] for row in csv.reader(source, strict=True)]


def guarded(cell: str) -> str:
    """The cell, led by the guard if its beginning could be run, cut off, or taken for a guard."""
    return f"{GUARD}{cell}" if cell and _is_risky(cell[0]) else cell


def _is_risky(first: str) -> bool:
    """Formula signs in both widths, the guard, and every blank, control or invisible character."""
    return first in _FORMULA_SIGNS or first == GUARD or unicodedata.category(first)[0] in "ZC"

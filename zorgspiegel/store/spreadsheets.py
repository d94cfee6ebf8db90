"""Tables for spreadsheets, in which no text can become a formula.

A text that begins with a sign such as = makes Excel and LibreOffice compute. Texts that are not ours (names
of areas, of organisations, in files of others) could so run a command on the reader's machine (SECURITY T8).
In CSV such a text gets a leading quote mark; in XLSX and ODS each cell says itself that it is a text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

_LEADING = " \t\r\n\x0b\x0c\u00a0\u200b\u2007\u202f\u3000\ufeff\"'‘’“”`´"
_STARTS = "=+@\t\r\n＝＋－＠\\-"
DANGEROUS_START = f"^[{_LEADING}]*[{_STARTS}]"
"""Signs that start a formula, full-width forms included, also behind spaces and quote marks. The expression
means the same to Python's `re` and to DuckDB's RE2: only literal characters, no classes."""

_dangerous = re.compile(DANGEROUS_START)

MOST_ROWS = 1_048_576
"""Rows of one sheet in Excel and LibreOffice, the header included."""

Value = str | int | float | Decimal | bool | None


def neutralise(text: str) -> str:
    """The text with a leading ' when a spreadsheet could read a formula in it; otherwise unchanged."""
    return f"'{text}" if _dangerous.match(text) else text


def restore(text: str) -> str:
    """The text as it was before `neutralise`; the pair loses nothing, whatever the text."""
    return text[1:] if text.startswith("'") and _dangerous.match(text[1:]) else text


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook. The rows are read once, one by one: they may be millions."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]


def parts(sheet: Sheet, *, most_rows: int | None = None) -> Iterator[Sheet]:
    """The sheet, cut where a spreadsheet's rows end (MOST_ROWS); every part has the header."""
    room = (most_rows or MOST_ROWS) - 1
    rows = iter(sheet.rows)
    for number in itertools.count(1):
        some = list(itertools.islice(rows, 1))
        if not some and number > 1:
            return
        title = sheet.title if number == 1 else f"{sheet.title} ({number})"
        yield Sheet(title, sheet.columns, itertools.chain(some, itertools.islice(rows, room - 1)))

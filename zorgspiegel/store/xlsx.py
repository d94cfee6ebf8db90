"""Writes workbooks for Excel, row by row, so that a million rows need no memory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from zorgspiegel.store.spreadsheets import Sheet, Value, parts
from zorgspiegel.terms.errors import ReleaseError

MOST_LETTERS = 32_767
"""Letters in one cell. Excel cuts a longer text off without a word."""

MOST_DIGITS = 15
"""Digits that Excel keeps of a number. One with more goes in as text: better than another number."""

SHORT = 10**10
"""A number below this, with up to five decimals, surely fits: no need to count its digits one by one."""

LONGEST_NAME = 31
"""Letters in the name of a sheet."""

NO_CLOCK = datetime(1980, 1, 1)  # noqa: DTZ001 - the oldest moment that a zip file knows: it means none
"""In place of the moment of making: the same rows give the same bytes."""


def write_xlsx(target: Path | BinaryIO, sheets: Iterable[Sheet], *, title: str, creator: str) -> None:
    """Write a workbook: numbers as numbers, texts as texts, nothing as a formula or a link.

    A sheet with more rows than Excel has goes on in a next one. Raises ReleaseError for a text that does not
    fit in a cell.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": title, "author": creator, "created": NO_CLOCK})
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            for part in parts(sheet):
                _write_page(book.add_worksheet(_page_name(part.title)), part, bold)


def _write_page(page: Any, sheet: Sheet, bold: Any) -> None:
    page.freeze_panes(1, 0)
    page.set_column(0, len(sheet.columns), 16)
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column, bold)
    for number, row in enumerate(sheet.rows, start=1):
        for place, value in enumerate(row):
            _write_cell(page, number, place, value)


def _write_cell(page: Any, number: int, place: int, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(number, place, value)
    elif isinstance(value, str) or _digits(value) > MOST_DIGITS:
        text = str(value)
        if len(text) > MOST_LETTERS:
            raise ReleaseError(f"A text of {len(text)} letters does not fit in Excel. Use CSV or Parquet.")
        page.write_string(number, place, text)
    else:
        page.write_number(number, place, value)


def _digits(value: int | float | Decimal) -> int:
    """Digits that matter, zeros at either end left out; 0 for a float, which is a rounded number already."""
    if isinstance(value, float) or -SHORT < value < SHORT:
        return 0
    return len(Decimal(value).normalize().as_tuple().digits)


def _page_name(title: str) -> str:
    """The name of a sheet, without the signs that Excel refuses, and no longer than it allows."""
    plain = re.sub(r"[\[\]:*?/\\]", "-", title).strip("'")
    end = re.search(r"( \(\d+\))?$", plain)
    kept = end[0] if end else ""
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - len(kept)] + kept

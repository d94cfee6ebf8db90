"""Looks whether a delimited file is flawless, at the speed of memory: then DuckDB may read it as it stands.

Flawless: UTF-8 without NUL, one kind of line end, as many fields in every row as in the header, quotes only
          where the
rules put them, no row of more than a megabyte. Anything else goes to the slow reader, that knows row by row
what to say.
"""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zorgspiegel.store.opening.limits import EXTRA_COLUMNS, MAX_FIELD, MAX_LINE, MAX_RECORD_LINES

CHUNK = 4 << 20
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_BOM = codecs.BOM_UTF8
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass
class Flawless:
    """A file that DuckDB may read as it stands."""

    header: list[str]
    rows: int
    has_bom: bool
    has_quoted_newline: bool = False


def scan(path: Path, separator: str, *, width: int) -> Flawless | None:
    """What is in a flawless file with a header; None when there is anything wrong with it."""
    with path.open("rb") as file:
        first = file.readline(MAX_LINE)
        has_bom = first.startswith(_BOM)
        header = _header(first.removeprefix(_BOM), separator)
        if header is None or len(header) > width + EXTRA_COLUMNS or not first.endswith(b"\n"):
            return None
        found = Flawless(header, 0, has_bom)
        checker = _Checker(ord(separator), len(header), has_return=first.endswith(b"\r\n"))
        while chunk := file.read(CHUNK):
            whole = _whole_records(file, chunk)
            if whole is None or not checker.accepts(whole):
                return None
        found.rows, found.has_quoted_newline = checker.rows, checker.has_quoted_newline
        return found


def _header(line: bytes, separator: str) -> list[str] | None:
    if line.count(b'"') % 2 or b"\0" in line:
        return None
    try:
        return next(csv.reader([line.decode("utf-8").rstrip("\r\n")], delimiter=separator, strict=True), None)
    except (UnicodeDecodeError, csv.Error):
        return None


def _whole_records(file: object, chunk: bytes) -> bytes | None:
    """The chunk, with as many lines added as it takes to end where a record ends."""
    parts = [chunk, _line(file)]
    quotes = sum(part.count(b'"') for part in parts)
    while quotes % 2 and parts[-1] and len(parts) < MAX_RECORD_LINES:
        parts.append(_line(file))
        quotes += parts[-1].count(b'"')
    if quotes % 2 or len(parts[1]) > MAX_FIELD:
        return None
    whole = b"".join(parts)
    return whole if whole.endswith(b"\n") else whole + b"\n"


def _line(file: object) -> bytes:
    return file.readline(MAX_FIELD + 1)  # type: ignore[attr-defined,no-any-return]


class _Checker:
    """Checks chunks of whole records."""

    def __init__(self, separator: int, width: int, *, has_return: bool) -> None:
        self.separator = separator
        self.separators_per_row = width - 1
        self.has_return = has_return
        self.rows = 0
        self.has_quoted_newline = False

    def accepts(self, chunk: bytes) -> bool:
        """Whether every record in this chunk is flawless; counts them."""
        if not _is_text(chunk):
            return False
        if not self.has_return and b"\r" in chunk:
            return False
        data = np.frombuffer(chunk, dtype=np.uint8)
        newlines = np.flatnonzero(data == _NEWLINE)
        separators = np.flatnonzero(data == self.separator)
        if b'"' in chunk:
            quotes = np.flatnonzero(data == _QUOTE)
            if not self._quotes_are_legal(data, quotes):
                return False
            outside = _outside(newlines, quotes)
            self.has_quoted_newline |= not bool(outside.all())
            newlines, separators = newlines[outside], separators[_outside(separators, quotes)]
        return self._lines_are_alike(data, newlines, chunk) and self._rows_are_alike(newlines, separators)

    def _quotes_are_legal(self, data: Bytes, quotes: Places) -> bool:
        """An opening quote begins a field, a closing one ends it; two in a row inside a field are one."""
        opening, closing = quotes[0::2], quotes[1::2]
        before = data[opening[opening > 0] - 1]
        after = data[closing[closing < len(data) - 1] + 1]
        begins = (before == self.separator) | (before == _NEWLINE) | (before == _QUOTE)
        ends = (after == self.separator) | (after == _NEWLINE) | (after == _RETURN) | (after == _QUOTE)
        return bool(begins.all() and ends.all())

    def _lines_are_alike(self, data: Bytes, newlines: Places, chunk: bytes) -> bool:
        if not self.has_return:
            return True
        ends = data[newlines[newlines > 0] - 1] == _RETURN
        # The last line of the file may have had no end at all; then we gave it one without a return.
        last_is_ours = len(ends) > 0 and not ends[-1]
        return bool(ends[: -1 if last_is_ours else None].all()) and chunk.count(b"\r") == int(ends.sum())

    def _rows_are_alike(self, newlines: Places, separators: Places) -> bool:
        self.rows += len(newlines)
        per_row = np.diff(np.searchsorted(separators, newlines), prepend=0)
        lengths = np.diff(newlines, prepend=-1)
        return bool((per_row == self.separators_per_row).all() and lengths.max(initial=0) <= MAX_FIELD)


def _outside(places: Places, quotes: Places) -> npt.NDArray[np.bool_]:
    """Which places have an even number of quotes before them: those are not inside a quoted field."""
    return np.searchsorted(quotes, places) % 2 == 0


def _is_text(chunk: bytes) -> bool:
    if chunk.isascii():
        return b"\0" not in chunk
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in chunk

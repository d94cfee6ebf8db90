"""Reads the first sheet of a workbook (.xlsx), cell by cell, in little memory.

Ready-made readers trust the file: a workbook of 1.4 kB makes one of them ask for 500 GB and abort the
process. Here the size that the file claims is ignored, and every count has an end.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from zorgspiegel.store.opening.containers import check_archive
from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.limits import CELL_TEXT, EXTRA_COLUMNS, SHARED_STRINGS, SHEET_ROWS, ZIP_TOTAL
from zorgspiegel.store.opening.problems import Problems
from zorgspiegel.store.opening.rows import RowWriter
from zorgspiegel.store.opening.xmlreading import read_xml
from zorgspiegel.terms.deliveries import Trouble

ACTIVE = re.compile(
    r"vbaProject|externalLinks/|embeddings/|activeX|macrosheets|dialogsheets|connections\.xml|oleObject|ctrlProps|"
    r"customUI|queryTables|webextensions|attachedToolbars",
    re.IGNORECASE,
)
LARGEST_GAP = 10_000
"""So many empty rows between two cells; a cell beyond that is no part of the table."""
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_EPOCH = date(1899, 12, 30)
_LAST_SERIAL = 2_958_465
_SMALL = 16 << 20


def read_sheet(path: Path, job: Job, answer: Answer, problems: Problems) -> None:
    """Write the rows of the first sheet: numbers with a decimal comma, dates as JJJJMMDD, all as text."""
    answer.encoding = "utf-8"
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in check_archive(archive, problems, max_total=ZIP_TOTAL)}
            if any(ACTIVE.search(name) for name in names):
                raise problems.stop(Trouble.SHEET_ACTIVE)
            _read(archive, names, job, answer, problems)
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        KeyError,
    ) as error:
        raise problems.stop(Trouble.SHEET_BROKEN) from error


def _read(archive: zipfile.ZipFile, names: set[str], job: Job, answer: Answer, problems: Problems) -> None:
    book = _Workbook()
    _parse(archive, "xl/workbook.xml", book, problems, _SMALL)
    relations = _Relations()
    _parse(archive, "xl/_rels/workbook.xml.rels", relations, problems, _SMALL)
    types = _Types()
    _parse(archive, "[Content_Types].xml", types, problems, _SMALL)
    if types.is_active or relations.has_external:
        raise problems.stop(Trouble.SHEET_ACTIVE)
    strings = _Strings(problems)
    if "xl/sharedStrings.xml" in names:
        _parse(archive, "xl/sharedStrings.xml", strings, problems, 4 * SHARED_STRINGS)
    styles = _Styles()
    if "xl/styles.xml" in names:
        _parse(archive, "xl/styles.xml", styles, problems, _SMALL)
    target = relations.targets.get(book.first or "")
    if target is None:
        raise problems.stop(Trouble.SHEET_BROKEN)
    sheet = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    with RowWriter(Path(job.folder), job.width + EXTRA_COLUMNS) as writer:
        cells = _Cells(job, answer, problems=problems, writer=writer, strings=strings.found, styles=styles)
        _parse(archive, sheet, cells, problems, ZIP_TOTAL)
    answer.rows = max(cells.last - (1 if job.header else 0), 0)
    answer.width = writer.width
    answer.has_table = bool(answer.header) or not job.header


def _parse(archive: zipfile.ZipFile, name: str, listener: object, problems: Problems, most: int) -> None:
    with archive.open(name) as source:
        read_xml(source, listener, problems, broken=Trouble.SHEET_BROKEN, most=most)  # type: ignore[arg-type]


class _Quiet:
    """A listener that does not care; others override what they need."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Nothing."""

    def text(self, text: str) -> None:
        """Nothing."""

    def end(self, name: str) -> None:
        """Nothing."""


class _Workbook(_Quiet):
    """Which sheet is the first."""

    first: str | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet" and self.first is None:
            self.first = next((value for key, value in attributes.items() if key.endswith(":id")), None)


class _Relations(_Quiet):
    """Where the parts are, and whether one of them is outside the file."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}
        self.has_external = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")
            self.has_external |= attributes.get("TargetMode") == "External"


class _Types(_Quiet):
    """Whether a part says that it holds macros."""

    is_active = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("ContentType", "").lower()
        self.is_active |= "macroenabled" in kind or "vbaproject" in kind or "oleobject" in kind


class _Strings(_Quiet):
    """The shared strings; formatting and phonetic hints inside them do not count."""

    def __init__(self, problems: Problems) -> None:
        self.found: list[str] = []
        self._problems = problems
        self._parts: list[str] = []
        self._is_text = False
        self._is_hint = False
        self._size = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._parts = []
        self._is_hint |= name == "rPh"
        self._is_text = name == "t" and not self._is_hint

    def text(self, text: str) -> None:
        if self._is_text:
            self._parts.append(text)

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "rPh":
            self._is_hint = False
        elif name == "si":
            whole = "".join(self._parts)
            # What an object costs counts too, or millions of empty strings would be free.
            self._size += len(whole) + 64
            if len(whole) > CELL_TEXT or self._size > SHARED_STRINGS * 2:
                raise self._problems.stop(Trouble.SHEET_LIMITS)
            self.found.append(whole)


class _Styles(_Quiet):
    """Which cell formats show a number as a date."""

    def __init__(self) -> None:
        self.dates: set[int] = set()
        self._own: set[int] = set()
        self._in_formats = False
        self._number = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt" and _looks_like_a_date(attributes.get("formatCode", "")):
            self._own.add(int(attributes.get("numFmtId", "-1")))
        elif name == "cellXfs":
            self._in_formats = True
        elif name == "xf" and self._in_formats:
            kind = int(attributes.get("numFmtId", "0"))
            if kind in _DATE_FORMATS or kind in self._own:
                self.dates.add(self._number)
            self._number += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_formats = False


def _looks_like_a_date(code: str) -> bool:
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", code).lower()
    return "y" in bare or "j" in bare or "d" in bare


class _Cells(_Quiet):
    """The cells of the sheet, handed on row by row."""

    def __init__(
        self,
        job: Job,
        answer: Answer,
        *,
        problems: Problems,
        writer: RowWriter,
        strings: list[str],
        styles: _Styles,
    ) -> None:
        self.job, self.answer, self.problems, self.writer = job, answer, problems, writer
        self.strings, self.dates = strings, styles.dates
        self.last = 0
        self._row: dict[int, str] = {}
        self._place = -1
        self._kind = ""
        self._style = 0
        self._parts: list[str] = []
        self._reads = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._place = _column(attributes.get("r"), self._place)
            if self._place >= self.writer.width:
                raise self.problems.stop(Trouble.SHEET_LIMITS)
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
            self._parts = []
        elif name in {"v", "t"}:
            self._reads = True
        elif name == "f":
            self.problems.add(Trouble.SHEET_FORMULA, max(self.last - int(self.job.header), 0))
        elif name == "row":
            self._next_row(attributes.get("r"))

    def _next_row(self, given: str | None) -> None:
        number = int(given) if given is not None else self.last + 1
        if number <= self.last or number > SHEET_ROWS or number - self.last > LARGEST_GAP:
            raise self.problems.stop(Trouble.SHEET_LIMITS)
        self.last, self._place, self._row = number, -1, {}

    def text(self, text: str) -> None:
        if self._reads:
            self._parts.append(text)

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._reads = False
        elif name == "c":
            value = "".join(self._parts)
            if len(value) > CELL_TEXT:
                raise self.problems.stop(Trouble.FIELD_TOO_LONG, self.last)
            if value:
                self._row[self._place] = self._as_text(value)
        elif name == "row" and self._row:
            self._write()

    def _as_text(self, value: str) -> str:
        if self._kind == "s":
            return self.strings[int(value)]
        if self._kind in {"str", "inlineStr", "b", "e", "d"}:
            return value.replace("-", "")[:8] if self._kind == "d" else value
        return _number(value, is_date=self._style in self.dates)

    def _write(self) -> None:
        width = max(self._row) + 1
        fields = [self._row.get(place, "") for place in range(width)]
        if not self.job.header:
            self.writer.write(self.last, fields)
        elif not self.answer.header:
            self.answer.header = fields
        else:
            self.writer.write(self.last - 1, fields)


def _column(reference: str | None, previous: int) -> int:
    """Place of a cell from its reference (AB12 -> 27); without one, next to the previous cell."""
    if reference is None:
        return previous + 1
    place = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        place = place * 26 + ord(letter) - 64
        if place > 20_000:
            break
    return place - 1


def _number(value: str, *, is_date: bool) -> str:
    """A number of a sheet as the standards write it. Sheets keep 0.1 as 0.1000000000000000055: fifteen digits
    do."""
    if value.isdigit() and not is_date:
        return value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number) >= Decimal(10) ** 18:
        return value
    if is_date and 0 < number <= _LAST_SERIAL:
        return (_EPOCH + timedelta(days=int(number))).strftime("%Y%m%d")
    rounded = Decimal(f"{number:.15g}")
    plain = f"{rounded:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.replace(".", ",")

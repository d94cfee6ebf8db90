"""Reads delimited text, line by line, whatever is in it. Slow and forgiving: it goes on after a fault and
counts.

A file without any fault never comes here: `scan` says so, and DuckDB reads it at full speed.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator
from pathlib import Path

from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.limits import EXTRA_COLUMNS, MAX_FIELD, MAX_LINE, MAX_RECORD_LINES
from zorgspiegel.store.opening.problems import Problems
from zorgspiegel.store.opening.rows import RowWriter
from zorgspiegel.terms.deliveries import Trouble

BOM = b"\xef\xbb\xbf"
OTHER_SEPARATORS = (";", ",", "\t", "|")


def read_csv(path: Path, job: Job, answer: Answer, problems: Problems) -> None:
    """Write the rows of this file; note every trouble with its row number (1 = first line after the
    header)."""
    csv.field_size_limit(MAX_FIELD)
    records = _records(path, answer, problems, job)
    with RowWriter(Path(job.folder), job.width) as writer:
        number = 0
        if job.header:
            # A hostile first line can have a million columns; only their number matters then.
            answer.header = next(records, (0, []))[1]
            if len(answer.header) > job.width + EXTRA_COLUMNS:
                found = len(answer.header)
                answer.header = []
                raise problems.stop(Trouble.TOO_MANY_COLUMNS, found=found, expected=job.width)
            writer.widen(len(answer.header))
        for number, fields in records:
            if job.header and len(fields) != len(answer.header):
                problems.add(Trouble.ROW_WIDTH, number, found=len(fields), expected=len(answer.header))
            else:
                writer.write(number, fields)
        answer.rows, answer.width = max(answer.rows, number), writer.width
    answer.has_table = bool(answer.header) or not job.header


def separator_of(path: Path, job: Job, problems: Problems) -> str:
    """The separator that the first line uses most; a trouble when the standard does not take that one."""
    return _separator(_first_line(path, problems), job, problems)


def _first_line(path: Path, problems: Problems) -> bytes:
    with path.open("rb") as file:
        start = file.read(4)
        if start[:2] in {b"\xff\xfe", b"\xfe\xff"} or start.count(0) >= 2:
            raise problems.stop(Trouble.ENCODING_UTF16)
        file.seek(0)
        return file.readline(MAX_LINE).removeprefix(BOM)


def _separator(first: bytes, job: Job, problems: Problems) -> str:
    text = first.decode("latin-1")
    best = max(OTHER_SEPARATORS, key=lambda mark: (text.count(mark), mark in job.separators))
    if text.count(best) == 0:
        return job.separators[0]
    if best not in job.separators:
        problems.add(Trouble.SEPARATOR)
    return best


def _lines(path: Path, problems: Problems) -> Iterator[bytes]:
    """Lines without their ends. A line that is too long ends the reading: it is not a table any more."""
    ends = set()
    with path.open("rb") as file:
        if file.read(3) != BOM:
            file.seek(0)
        while line := file.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise problems.stop(Trouble.FIELD_TOO_LONG)
            ends.add(line[-2:] if line.endswith(b"\r\n") else line[-1:])
            bare = line.rstrip(b"\r\n")
            if b"\r" in bare:
                ends.add(b"\r")
                yield from bare.replace(b"\r\n", b"\n").split(b"\r")
            else:
                yield bare
    if len(ends & {b"\n", b"\r\n", b"\r"}) > 1:
        problems.add(Trouble.MIXED_LINE_ENDS)


def _records(path: Path, answer: Answer, problems: Problems, job: Job) -> Iterator[tuple[int, list[str]]]:
    """(number, fields) per record; the header, if there is one, is number 0. Blank lines at the end are no
    records."""
    with path.open("rb") as file:
        answer.has_bom = file.read(3) == BOM
    number = -1 if job.header else 0
    blank = 0
    answer.encoding = "utf-8"
    waiting: list[bytes] = []
    for line in _lines(path, problems):
        if not waiting and not line:
            blank += 1
            continue
        if not waiting:
            for _ in range(blank):
                number += 1
                yield number, [""]
            blank = 0
        waiting.append(line)
        if sum(part.count(b'"') for part in waiting) % 2 and len(waiting) < MAX_RECORD_LINES:
            continue
        for record in _settle(waiting):
            number += 1
            answer.rows = max(number, 0)
            yield number, _fields(record, number, answer, problems)
        waiting = []
    for record in waiting:  # the last quote was never closed: each line stands for itself
        number += 1
        answer.rows = max(number, 0)
        problems.add(Trouble.LONE_QUOTE, number)
        yield number, _fields(record, number, answer, problems, is_lone=True)


def _settle(waiting: list[bytes]) -> list[bytes]:
    """One record; or, when no closing quote came for a thousand lines, every line for itself."""
    return [b"\n".join(waiting)] if len(waiting) < MAX_RECORD_LINES else list(waiting)


def _fields(
    record: bytes, number: int, answer: Answer, problems: Problems, *, is_lone: bool = False
) -> list[str]:
    if b"\0" in record:
        problems.add(Trouble.NUL, number)
        record = record.replace(b"\0", b"")
    text = _decode(record, number, answer, problems)
    separator = answer.separator or ";"
    if is_lone:
        return text.split(separator)
    if '"' in text and not _well_quoted(separator).fullmatch(text):
        problems.add(Trouble.LONE_QUOTE, number)
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [""])
    except csv.Error:
        kind = Trouble.FIELD_TOO_LONG if len(text) > MAX_FIELD else Trouble.LONE_QUOTE
        problems.add(kind, number)
        return text.split(separator)


@functools.cache
def _well_quoted(separator: str) -> re.Pattern[str]:
    """A record in which every field is quoted as a whole, or holds no quote at all.

    Python's reader also takes 2"0"24 for a value; most others do not. It would not mean the same to everyone.
    """
    field = f'(?:"(?:[^"]|"")*+"|[^"{re.escape(separator)}]*+)'
    return re.compile(f"{field}(?:{re.escape(separator)}{field})*+")


def _decode(record: bytes, number: int, answer: Answer, problems: Problems) -> str:
    try:
        return record.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = record.decode("cp1252")
    except UnicodeDecodeError:
        problems.add(Trouble.ENCODING_UNKNOWN, number)
        return record.decode("utf-8", errors="replace")
    answer.encoding = "windows-1252"
    problems.add(Trouble.ENCODING_1252, number)
    return text

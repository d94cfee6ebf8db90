"""The plain form in which every reader hands its rows to DuckDB: a CSV of our own, everything quoted."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

NAME = "rows.csv"


class RowWriter:
    """Writes rijnummer, number of fields, and exactly `width` texts per row. Shorter rows are filled with
    nothing."""

    def __init__(self, folder: Path, width: int) -> None:
        self.width = width
        self.path = folder / NAME
        self._file = self.path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        self._empty = [""] * width

    def widen(self, width: int) -> None:
        """Another width, before the first row is written."""
        self.width, self._empty = width, [""] * width

    def write(self, number: int, fields: Sequence[str]) -> None:
        """One row of the file; fields past the width are left out (their number is kept, and is a
        finding)."""
        cells = [*fields[: self.width], *self._empty[len(fields) :]]
        self._writer.writerow([number, len(fields), *cells])

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

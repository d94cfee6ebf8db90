"""A delivery as XML: one element per row under the root, one element per column in it. Names as in the
standard.

    <levering><regel><Jaar>2025</Jaar><Gemeentecode>0307</Gemeentecode> ... </regel> ... </levering>
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.limits import CELL_TEXT, EXTRA_COLUMNS
from zorgspiegel.store.opening.problems import Problems
from zorgspiegel.store.opening.rows import RowWriter
from zorgspiegel.store.opening.xmlreading import read_xml
from zorgspiegel.terms.deliveries import Trouble

_ROW, _CELL = 2, 3


def read_delivery_xml(path: Path, job: Job, answer: Answer, problems: Problems) -> None:
    """Write the rows of this file. Columns that are not in the standard come behind its own."""
    columns = list(job.kinds[0][1])
    answer.encoding = "utf-8"
    with RowWriter(Path(job.folder), job.width + EXTRA_COLUMNS) as writer, path.open("rb") as source:
        rows = _Rows(columns, writer, problems)
        read_xml(source, rows, problems, broken=Trouble.XML_BROKEN, most=job.max_bytes)
    answer.rows, answer.width, answer.header = rows.number, writer.width, columns
    answer.has_table = True


class _Rows:
    def __init__(self, columns: list[str], writer: RowWriter, problems: Problems) -> None:
        self.columns = columns
        self.places = {name: place for place, name in enumerate(columns)}
        self.writer = writer
        self.problems = problems
        self.number = 0
        self.depth = 0
        self.cells: dict[str, str] = {}
        self.name: str | None = None

    def start(self, name: str, _: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth == _ROW:
            self.number += 1
            self.cells = {}
        elif self.depth == _CELL:
            if name in self.cells:
                raise self.problems.stop(Trouble.XML_BROKEN, self.number)
            self.name = name
            self.cells[name] = ""
        elif self.depth > _CELL:
            raise self.problems.stop(Trouble.XML_BROKEN, self.number)

    def text(self, text: str) -> None:
        if self.depth == _CELL and self.name is not None:
            self.cells[self.name] += text
            if len(self.cells[self.name]) > CELL_TEXT:
                raise self.problems.stop(Trouble.FIELD_TOO_LONG, self.number)

    def end(self, _: str) -> None:
        if self.depth == _ROW:
            self._write()
        self.depth -= 1
        self.name = None

    def _write(self) -> None:
        for name in self.cells:
            if name not in self.places:
                if len(self.columns) >= self.writer.width:
                    raise self.problems.stop(Trouble.TOO_MANY_COLUMNS, found=len(self.columns) + 1)
                self.places[name] = len(self.columns)
                self.columns.append(name)
        self.writer.write(self.number, [self.cells.get(name, "") for name in self.columns])

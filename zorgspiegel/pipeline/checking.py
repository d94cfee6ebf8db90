"""The first rooms in order: open a delivered file, recognise it, check it. Runs the expressions that the
rooms make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import ibis

from zorgspiegel.check import check, judge
from zorgspiegel.receive import recognise
from zorgspiegel.store.deliveries import OpenedDelivery, open_delivery
from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.terms.outcome import CheckContext, Outcome
from zorgspiegel.terms.standards import Standard

MEASURE, ROW = "maat", "rijnummer"


class CheckedDelivery(AbstractContextManager["CheckedDelivery"]):
    """A delivery that was checked. `outcome.tables` can be read as long as this is open: they lie in its
    folder.

    Close it (or use `with`) when done: the folder with the text of the file goes away.
    """

    def __init__(
        self,
        outcome: Outcome,
        opened: OpenedDelivery,
        connection: Any,
        folder: TemporaryDirectory[str] | None,
    ):
        self.outcome = outcome
        self.opened = opened
        self.connection = connection
        self._folder = folder

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine and throw the folder away, if it is ours."""
        self.connection.disconnect()
        if self._folder is not None:
            self._folder.cleanup()


def check_delivery(
    path: Path,
    standard: Standard,
    *,
    context: CheckContext,
    name: str | None = None,
    folder: Path | None = None,
    connection: Any = None,
) -> CheckedDelivery:
    """Open, recognise and check one file. Nothing that is in the file raises.

    context:    code lists must be in it (`store.standards.load_codelists`); period and sender may be left to
                the file name; areas and previous must be tables that `connection` can read.
    folder:     where the all-text table is written and stays; None = a folder that goes when the result is
                closed.
    connection: an Ibis backend; None = a DuckDB of its own, locked to that folder.
    """
    own = None if folder is not None else TemporaryDirectory(prefix="zorgspiegel-check-")
    place = Path(own.name) if own is not None else folder
    assert place is not None, "either the caller gives a folder or we made one"
    opened = open_delivery(path, standard, folder=place, name=name)
    recognition = recognise(opened.facts, standard, context=context)
    if connection is None:
        connection = duckdb_connection(folder=place / "spill", memory_limit="700MB")
    about = {"context": recognition.context, "sha256": opened.facts.sha256, "file_name": opened.facts.name}
    if opened.text_path is None:
        outcome = judge(standard, None, file_findings=recognition.findings, **about)
        return CheckedDelivery(outcome, opened, connection, own)
    text = connection.read_parquet(opened.text_path)
    examination = check(text, standard, header=opened.facts.header, context=recognition.context)
    counts, examples = run(examination, connection)
    outcome = judge(
        standard, examination, counts=counts, examples=examples, file_findings=recognition.findings, **about
    )
    return CheckedDelivery(outcome, opened, connection, own)


def run(examination: Any, connection: Any) -> tuple[dict[str, int], Mapping[str, list[int]]]:
    """Execute an examination: the one row of counts, and the row numbers of what was found."""
    counts = connection.to_pyarrow(examination.counts).to_pylist()[0]
    examples: dict[str, list[int]] = defaultdict(list)
    wanted: ibis.Table | None = examination.examples(counts)
    if wanted is not None:
        for row in connection.to_pyarrow(wanted).to_pylist():
            examples[row[MEASURE]].append(row[ROW])
    return counts, examples

"""The first rooms in order: open a delivered file, recognise it, check it. Runs the expressions that rooms
make."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.check import check, judge
from zorgspiegel.receive import recognise
from zorgspiegel.store.deliveries import OpenedDelivery, open_delivery
from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.reference import REFERENCE
from zorgspiegel.store.standards import load_codelists
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.terms.deliveries import FIELDS_IN_ROW, column
from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.findings import ROWS_SHOWN
from zorgspiegel.terms.outcome import CheckContext, Outcome
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import Standard
from zorgspiegel.terms.tables import ROW_NUMBER

MEMORY = "700MB"
"""What the engine may use for the check of one file; with more it spills to the folder of the check."""


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
        *,
        is_own: bool,
    ) -> None:
        self.outcome = outcome
        self.opened = opened
        self.connection = connection
        self._folder = folder
        self._is_own = is_own

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine and throw the folder away, as far as they are ours."""
        if self._is_own:
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
    label: str = "aangeleverd",
) -> CheckedDelivery:
    """Open, recognise and check one file. Nothing that is in the file raises.

    context:    code lists must be in it (`store.standards.load_codelists`); period and sender may be left to
                the file name; areas and previous must be tables of `connection`, not tables in memory.
    name:       the name that the sender gave, when `path` has another one.
    folder:     where the all-text table is written and stays; None = a folder that goes with the result.
    connection: an Ibis backend; None = a DuckDB of its own.
    label:      name of this delivery's views in that backend; two deliveries in one backend need two.
    """
    own = None if folder is not None else TemporaryDirectory(prefix="zorgspiegel-check-")
    place = Path(own.name) if own is not None else folder
    assert place is not None, "either the caller gives a folder or we made one"
    opened = open_delivery(path, standard, folder=place, name=name)
    recognition = recognise(opened.facts, standard, context=context)
    is_own = connection is None
    engine = duckdb_connection(folder=place / "spill", memory_limit=MEMORY) if is_own else connection
    if opened.text_path is None:
        facts = {"sha256": opened.facts.sha256, "file_name": opened.facts.name}
        outcome = judge(
            standard, None, file_findings=recognition.findings, context=recognition.context, **facts
        )
    else:
        outcome = _checked(opened, standard, recognition.findings, recognition.context, engine, label=label)
    return CheckedDelivery(outcome, opened, engine, own, is_own=is_own)


def _checked(
    opened: OpenedDelivery,
    standard: Standard,
    findings: Any,
    context: CheckContext,
    engine: Any,
    *,
    label: str,
) -> Outcome:
    assert opened.text_path is not None, "there is a table to check"
    text = engine.read_parquet(str(opened.text_path))
    engine.create_view(label, text, overwrite=True)
    prepared = prepare(standard, opened.facts.header, context, width=_width(text), label=label)
    counts, examples = prepared.run(engine)
    outcome = judge(
        standard,
        prepared.examination,
        counts=counts,
        examples=examples,
        file_findings=findings,
        context=context,
        sha256=opened.facts.sha256,
        file_name=opened.facts.name,
    )
    tables = prepared.typed(engine, label) if outcome.accepted else {}
    return replace(outcome, tables=tables)


def _width(text: ir.Table) -> int:
    return len(text.columns) - 2


@dataclass(frozen=True, eq=False)
class Prepared:
    """A check that is compiled for one form of file. Compiling takes longer than checking a small file, and a
    sender who mends a file delivers the same form again and again: so these are kept."""

    examination: Any
    sql: dict[str, str]

    def run(self, engine: Any) -> tuple[dict[str, int], Mapping[str, list[int]]]:
        """Execute: the one row of counts, and the row numbers of what was found."""
        for name, step in self.examination.views:
            self._make(name, step, engine)
        found = self._rows("counts", self.examination.counts, engine)[0]
        counts = {name: int(number or 0) for name, number in found.items()}
        examples: dict[str, list[int]] = {}
        for table in self.examination.examples(counts):
            measures = [name for name in table.columns if name != ROW_NUMBER.name]
            rows = sorted(
                self._rows(",".join(measures), table, engine), key=operator.itemgetter(ROW_NUMBER.name)
            )
            for measure in measures:
                examples[measure] = [row[ROW_NUMBER.name] for row in rows if row[measure]][:ROWS_SHOWN]
        return counts, examples

    def typed(self, engine: Any, label: str) -> dict[str, ir.Table]:
        """The typed tables, as views of the engine that others can go on with."""
        return {
            name: self._view(f"{label}_{name}", table, engine)
            for name, table in self.examination.tables.items()
        }

    def _view(self, name: str, table: ir.Table, engine: Any) -> ir.Table:
        self._make(name, table, engine)
        return engine.table(name)

    def _make(self, name: str, table: ir.Table, engine: Any) -> None:
        if engine.name != "duckdb":
            engine.create_view(name, table, overwrite=True)
            return
        text = self._text(f"view {name}", table)
        engine.con.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {text}')  # all of our own making

    def _text(self, name: str, expression: ir.Table) -> str:
        if name not in self.sql:
            self.sql[name] = str(ibis.to_sql(expression, dialect="duckdb", pretty=False))
        return self.sql[name]

    def _rows(self, name: str, expression: ir.Table, engine: Any) -> list[dict[str, Any]]:
        if engine.name != "duckdb":
            return engine.to_pyarrow(expression).to_pylist()
        return engine.con.sql(self._text(name, expression)).to_arrow_table().to_pylist()


def prepare(
    standard: Standard,
    header: tuple[str, ...],
    context: CheckContext,
    *,
    width: int,
    label: str = "aangeleverd",
) -> Prepared:
    """The check of files of this standard with this header, over a table or view that is called `label`."""
    return _prepared(_Key(standard, header, context, width, label))


class _Key:
    """What a compiled check depends on. Tables and models cannot be dictionary keys; what makes them differ
    can."""

    def __init__(
        self, standard: Standard, header: tuple[str, ...], context: CheckContext, width: int, label: str
    ) -> None:
        self.standard, self.header, self.context, self.width, self.label = (
            standard,
            header,
            context,
            width,
            label,
        )
        previous = context.previous or {}
        self.parts = (
            standard.id,
            id(standard),
            header,
            width,
            label,
            (context.period, context.sender, context.delivered_on),
            tuple((name, id(codes)) for name, codes in sorted(context.codelists.items())),
            None if context.areas is None else context.areas.op(),
            tuple((name, table.op()) for name, table in sorted(previous.items())),
        )

    def __hash__(self) -> int:
        return hash(self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.parts == other.parts


@functools.lru_cache(maxsize=64)
def _prepared(key: _Key) -> Prepared:
    columns = {ROW_NUMBER.name: ROW_NUMBER.type, FIELDS_IN_ROW.name: FIELDS_IN_ROW.type}
    columns |= {column(place): "string" for place in range(key.width)}
    text = ibis.table(columns, name=key.label)
    return Prepared(check(text, key.standard, header=key.header, context=key.context), {})


def check_file(
    path: Path,
    standard: Standard,
    *,
    delivered_on: date,
    sender: str | None = None,
    period: Period | None = None,
    previous: Path | None = None,
) -> Outcome:
    """Check a file with all that this installation ships: code lists, areas, and a previous delivery if
    given.

    The tables of the outcome are gone when this returns; use `check_delivery` to go on with them.
    Raises SettingError when the previous delivery cannot be read as a delivery of this standard.
    """
    known = CheckContext(
        codelists=load_codelists(standard), delivered_on=delivered_on, sender=sender, period=period
    )
    with TemporaryDirectory(prefix="zorgspiegel-check-") as name:
        folder = Path(name)
        engine = duckdb_connection(folder=folder / "spill", memory_limit=MEMORY)
        known = replace(known, areas=Warehouse(REFERENCE).read(engine, "areas"))
        if previous is not None:
            known = replace(known, previous=_previous(previous, standard, known, folder / "vorige", engine))
        (folder / "nu").mkdir()
        with check_delivery(
            path, standard, context=known, folder=folder / "nu", connection=engine
        ) as checked:
            return replace(checked.outcome, tables={})


def _previous(
    path: Path, standard: Standard, known: CheckContext, folder: Path, engine: Any
) -> Mapping[str, ir.Table]:
    folder.mkdir()
    # Another period than this one's: what it was about then does not matter for a comparison.
    context = CheckContext(codelists=known.codelists, delivered_on=known.delivered_on)
    with check_delivery(
        path, standard, context=context, folder=folder, connection=engine, label="vorige"
    ) as checked:
        if not checked.outcome.accepted:
            raise SettingError(
                f"--previous {path}: this is not an accepted delivery of {standard.id}. "
                "Give the file that was accepted then, or leave the option out."
            )
        return checked.outcome.tables

"""What a reader makes of a file: tables for the warehouse, and everything that was wrong or left over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from zorgspiegel.receive.columns import Matched
from zorgspiegel.terms.shapes import Column, Shape
from zorgspiegel.terms.sources import Source
from zorgspiegel.terms.tables import ROW_NUMBER

ROWS = Shape(
    "rows of a reading",
    (
        ROW_NUMBER,
        Column("jaar", "int64", "year of the row; null when not known"),
        Column("afgekeurd", "boolean", "cannot be used"),
        Column("zonder_gebied", "boolean", "kept, but its area is unknown"),
    ),
    may_have_more=True,
)


@dataclass(frozen=True)
class Context:
    """What a reader knows besides the file.

    source, matched: the definition, and its columns in this file.
    year:      the year that the operator or the file's name gives; None when only the content can tell.
    areas:     AREAS that are known already, of every division year.
    origin:    id of this import, for `herkomst`.
    """

    source: Source
    matched: Matched
    year: int | None
    areas: ir.Table
    origin: str


@dataclass(frozen=True)
class Reading:
    """The outcome of reading one file: expressions, nothing has run yet.

    faults:  `kolom, wat, aantal, eerste` (see `receive.values.faults`); any row refuses the file.
    rows:    the typed rows, one per row of the file, with `rijnummer`, `jaar` (null: not known),
             `afgekeurd` (cannot
             be used; the rest of the file can) and `zonder_gebied` (kept, but its area is unknown), never
             null.
    tables:  gives, from such rows of one year, name in the warehouse -> table of that shape.
    totals:  gives, from those tables as they were stored, `maat, eenheid, niveau, waarde`: national totals.
    """

    faults: ir.Table
    rows: ir.Table
    tables: Callable[[ir.Table], Mapping[str, ir.Table]]
    totals: Callable[[Mapping[str, ir.Table]], ir.Table]

    def __post_init__(self) -> None:
        ROWS.check(self.rows, where="receive: rows of a reading")

"""Small results out of an engine, as plain Python values."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir


def fetch(con: Any, table: ir.Table) -> list[dict[str, Any]]:
    """All rows of a small result; decimals stay decimals.

    Asks DuckDB itself: the way through Ibis loads pandas, which takes longer than most imports.
    """
    if con.name != "duckdb":
        return con.to_pyarrow(table).to_pylist()
    con._run_pre_execute_hooks(table)  # registers tables that live in memory
    found = con.con.execute(con.compile(table))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def count(con: Any, table: ir.Table) -> int:
    """How many rows."""
    return int(fetch(con, table.aggregate(aantal=table.count()))[0]["aantal"])


def from_arrow(con: Any, name: str, table: Any) -> ir.Table:
    """An Arrow table as a table of this DuckDB connection."""
    con.con.register("arrow_in", table)
    con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM arrow_in')
    con.con.unregister("arrow_in")
    return con.table(name)


def kept(con: Any, table: ir.Table) -> ir.Table:
    """The table computed once, under a name of its own, for as long as the connection lives."""
    return con.create_table(ibis.util.gen_name("kept"), table, temp=True)

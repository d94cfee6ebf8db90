"""The open files of a release: Parquet and CSV of every table, written out of its DuckDB file.

One dialect for all CSV: UTF-8, comma, decimal point, every value between quotes, empty without quotes where
there is no value. Rows stand in the order of the key, so the same figures give the same bytes. The queries
here are also the ones with which `release_verify` writes each file once more and compares.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from zorgspiegel.store.release_database import plain_columns, quoted
from zorgspiegel.store.spreadsheets import DANGEROUS_START
from zorgspiegel.terms.shapes import Column

PARQUET = "parquet/{table}.parquet"
CSV = "csv/{table}.csv"
CELLS_CSV = "csv/cellen/{indicator}.csv"

INVENTED = Column(
    "verzonnen", "string", "ja when the figures of this row are invented, nee when they are real"
)
INVENTED_TITLE = "VERZONNEN GEGEVENS"


def write_parquet(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, *, marks: Mapping[str, str]
) -> None:
    """The rows of a query of ours as Parquet; `marks` stand in the file's own metadata."""
    pairs = ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in sorted(marks.items()))
    connection.execute(
        f"COPY ({query}) TO {quoted(path)} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, KV_METADATA {{{pairs}}})"
    )


def write_csv(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, *, dangerous: Collection[str]
) -> None:
    """The rows of a query of ours as CSV.

    dangerous: text columns in which a value could be read as a formula; those values get a leading quote.
               Numbers are never touched: a minus sign there is a minus sign.
    """
    replaced = f"REPLACE ({', '.join(harmless(column) for column in dangerous)})" if dangerous else ""
    connection.execute(
        f"COPY (SELECT * {replaced} FROM ({query})) TO {quoted(path)} "
        "(FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"', FORCE_QUOTE *)"
    )


def harmless(column: str) -> str:
    """SQL twin of `spreadsheets.neutralise` for one column of text; a test holds the two together."""
    danger = f"""regexp_matches("{column}", {quoted(DANGEROUS_START)})"""
    return f"""CASE WHEN {danger} THEN '''' || "{column}" ELSE "{column}" END AS "{column}\""""


def dangerous_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Text columns of a table in which some value begins like a formula.

    Asked of the different values once: matching each row of 26 million cells would cost minutes.
    """
    danger = f"coalesce(bool_or(regexp_matches(CAST(value AS VARCHAR), {quoted(DANGEROUS_START)})), false)"

    def has_danger(column: str) -> bool:
        query = f'SELECT {danger} FROM (SELECT DISTINCT "{column}" AS value FROM {table})'
        return bool(connection.execute(query).fetchall()[0][0])

    return [column for column in text_columns(connection, table) if has_danger(column)]


def text_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Columns of a table that hold text, stored as such or as ENUM."""
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    return [column for column, kind, *_ in described if kind == "VARCHAR" or kind.startswith("ENUM")]


def cells_query(
    invented: Collection[str],
    *,
    indicator: str | None = None,
    table: str = "cellen_per_indicator",
    order: str = "",
) -> str:
    """All cells, or those of one indicator, with the mark `verzonnen`.

    Without `order` they come as they stand in the table: DuckDB promises that for a query over one table.
    Sorting 26 million rows once more would cost a minute.
    """
    invented_ids = ", ".join(quoted(key) for key in sorted(invented)) or "NULL"
    mark = f"CASE WHEN CAST(indicator AS VARCHAR) IN ({invented_ids}) THEN 'ja' ELSE 'nee' END"
    chosen = (
        f"WHERE indicator = CAST({quoted(indicator)} AS indicator_waarde)" if indicator is not None else ""
    )
    return f"SELECT {plain_columns()}, {mark} AS {INVENTED.name} FROM {table} {chosen} {order}"


def reference_query(connection: duckdb.DuckDBPyConnection, table: str, *, is_invented: bool) -> str:
    """All rows of a reference table, in the order of its key, with the mark `verzonnen`."""
    texts = ", ".join(
        f'CAST("{column}" AS VARCHAR) AS "{column}"' for column in text_columns(connection, table)
    )
    mark = "ja" if is_invented else "nee"
    return f"SELECT * {f'REPLACE ({texts})' if texts else ''}, '{mark}' AS {INVENTED.name} FROM {table}"

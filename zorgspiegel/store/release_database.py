"""Writes the DuckDB file of a release, in such a way that the same cells give the same bytes.

What was measured on DuckDB 2.0 (docs/decisions/0020): its files differ from build to build by four causes,
each taken away here.

1. Several threads hand out blocks in the order in which they happen to finish. One thread writes.
2. Since storage version 1.3 a file carries 16 random bytes as its identity. We write version 1.2, which has
   none, and which older programs can read as well.
3. Compressed blocks of texts, and of numbers with nulls among them, carry left-over memory of the process in
   their unused bytes. That breaks the digest and, worse, the memory of the process that builds holds figures
   that were hidden. So a compressed column has no nulls and no loose texts: texts of a cell are ENUMs, and
   its numbers stand beside `getallen`, which says which of them are there. Other columns are not compressed.
4. The name of the file stands inside it. It is always `release`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.release import ORDER_BY_AREA, ORDER_BY_INDICATOR, PlannedTable
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.tables import CELL_KEY, PROTECTED_CELLS

FILE_NAME = "release.duckdb"
STORAGE_VERSION = "v1.2.0"
MOST_ENUM_VALUES = 65_535

ROWS_PER_GROUP = 16_384
"""DuckDB skips whole groups of rows by their lowest and highest value. Groups of 16,384 instead of 122,880
halve the time of a map or a profile and cost 5 % more disk; smaller ones gain nothing more."""

HAS_PERSONS = 1
HAS_COSTS = 2
"""Bits of `getallen`: which numbers a cell has. A null in a compressed column would leak memory."""

ORDERS = {"cellen_per_indicator": ORDER_BY_INDICATOR, "cellen_per_gebied": ORDER_BY_AREA}

_TEXTS = tuple(column.name for column in PROTECTED_CELLS.columns if column.type == "string")


@contextmanager
def building(folder: Path, *, memory_limit: str = "2GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that writes `folder/release.duckdb` and may open nothing outside `folder`.

    The file is complete and closed when the block ends.
    """
    connection = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": memory_limit,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": True,
        }
    )
    try:
        path = quoted((folder / FILE_NAME).resolve())
        connection.execute(
            f"ATTACH {path} AS release (STORAGE_VERSION '{STORAGE_VERSION}', ROW_GROUP_SIZE {ROWS_PER_GROUP})"
        )
        connection.execute("USE release")
        _lock(connection, folder)
        yield connection
        connection.execute("CHECKPOINT release")
        connection.execute("USE memory")
        connection.execute("DETACH release")
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise ReleaseError(
            f"Memory ({memory_limit}) or disk were not enough to build the release; nothing was written. "
            "Free some disk where the releases stand, or allow more memory."
        ) from error
    finally:
        connection.close()


@contextmanager
def reading(folder: Path, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads `folder/release.duckdb`, and may open files there and in `scratch` only.

    For long work over the whole release, on one thread: rows come in the order in which they stand.
    """
    connection = duckdb.connect(config={"threads": 1, "temp_directory": str(scratch), "memory_limit": "2GB"})
    try:
        connection.execute(f"ATTACH {quoted((folder / FILE_NAME).resolve())} AS release (READ_ONLY)")
        connection.execute("USE release")
        _lock(connection, folder, scratch)
        yield connection
    finally:
        connection.close()


def _lock(connection: duckdb.DuckDBPyConnection, *folders: Path) -> None:
    """Nothing outside these folders, no extensions, and no way to change that (SECURITY R-PRO-08).

    No progress bar either: where DuckDB takes the program for a person's prompt, it draws one on standard
    output, in the middle of what a command answers.
    """
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET allowed_directories = [{', '.join(quoted(path.resolve()) for path in folders)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET lock_configuration = true")


def quoted(text: str | Path) -> str:
    """A path or text of ours as SQL text, for the statements that take no parameters."""
    return "'" + str(text).replace("'", "''") + "'"


def write_cells(connection: duckdb.DuckDBPyConnection, staged: Path) -> None:
    """The cells in both physical orders, and the view `cellen` that shows them as PROTECTED_CELLS.

    staged: Parquet with the columns of PROTECTED_CELLS, in any order of rows.
    Raises ReleaseError when a hidden cell still has a number, a shown one has none, or a cell is there twice.
    """
    _refuse_wrong_cells(connection, staged)
    for column in _TEXTS:
        connection.execute(
            f"CREATE TYPE {column}_waarde AS ENUM "
            f"(SELECT DISTINCT {column} FROM read_parquet({quoted(staged.resolve())}) ORDER BY {column})"
        )
    texts = ", ".join(
        f"CAST({column} AS {column}_waarde) AS {column}" for column in _TEXTS if column != "status"
    )
    first, second = ORDERS
    connection.execute(f"""
        CREATE TABLE {first} AS
        SELECT {texts}, CAST(indelingsjaar AS SMALLINT) AS indelingsjaar,
               coalesce(aantal_personen, 0) AS aantal_personen,
               coalesce(kosten_eur, 0) AS kosten_eur,
               CAST((CASE WHEN aantal_personen IS NULL THEN 0 ELSE {HAS_PERSONS} END)
                  + (CASE WHEN kosten_eur IS NULL THEN 0 ELSE {HAS_COSTS} END) AS UTINYINT) AS getallen,
               CAST(status AS status_waarde) AS status
        FROM read_parquet({quoted(staged.resolve())}) ORDER BY {", ".join(ORDERS[first])}
    """)
    connection.execute(f"CREATE TABLE {second} AS FROM {first} ORDER BY {', '.join(ORDERS[second])}")
    connection.execute(f"CREATE VIEW cellen AS SELECT {plain_columns()} FROM {first}")
    if _one(
        connection,
        f"SELECT count(*) FROM (SELECT 1 FROM {first} GROUP BY {', '.join(CELL_KEY)} HAVING count(*) > 1)",
    ):
        raise ReleaseError(
            "The cells of this release hold the same cell more than once (same indicator, period, area and "
            "dimensions). Nothing was written. Give each cell in one Protected only."
        )


def plain_columns() -> str:
    """The select list that turns a physical table of cells into PROTECTED_CELLS."""
    physical = {column: f"CAST({column} AS VARCHAR)" for column in _TEXTS} | {
        "indelingsjaar": "CAST(indelingsjaar AS BIGINT)",
        "aantal_personen": f"CASE WHEN getallen & {HAS_PERSONS} != 0 THEN aantal_personen END",
        "kosten_eur": f"CASE WHEN getallen & {HAS_COSTS} != 0 THEN kosten_eur END",
    }
    return ", ".join(f"{physical[column]} AS {column}" for column in PROTECTED_CELLS.names)


_WRONG = {
    f"{' IS NULL OR '.join(CELL_KEY)} IS NULL": "have no value in a column that names the cell",
    f"status IS NULL OR status NOT IN ({', '.join(repr(answer.value) for answer in CellStatus)})": (
        "have no known status"
    ),
    "status <> 'getoond' AND (aantal_personen IS NOT NULL OR kosten_eur IS NOT NULL)": (
        "carry a number although they are not shown"
    ),
    "status = 'getoond' AND aantal_personen IS NULL AND kosten_eur IS NULL": "are shown but carry no number",
    "aantal_personen < 0": "count fewer than zero persons",
}


def _refuse_wrong_cells(connection: duckdb.DuckDBPyConnection, staged: Path) -> None:
    """The last look before anything leaves the house. A count per fault; never a value."""
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in _WRONG)
    query = f"SELECT count(*), {counts} FROM read_parquet({quoted(staged.resolve())})"
    cells, *found = connection.execute(query).fetchall()[0]
    if not cells:
        raise ReleaseError("There are no cells in this release. Nothing was written.")
    faults = [f"{count} cells {what}" for count, what in zip(found, _WRONG.values(), strict=True) if count]
    if faults:
        raise ReleaseError(f"This release cannot be published: {'; '.join(faults)}. Nothing was written.")


def write_reference(connection: duckdb.DuckDBPyConnection, planned: PlannedTable, staged: Path) -> None:
    """A table beside the cells, sorted by its key. Raises ReleaseError when a row is there twice."""
    reference = planned.reference
    _write_table(connection, planned.name, staged, reference.key)
    key = ", ".join(reference.key)
    missing = " OR ".join(f"{column} IS NULL" for column in reference.key)
    twice = _one(
        connection, f"SELECT count(*) FROM (SELECT 1 FROM {planned.name} GROUP BY {key} HAVING count(*) > 1)"
    )
    empty = _one(connection, f"SELECT count(*) FROM {planned.name} WHERE {missing}")
    if twice or empty:
        raise ReleaseError(
            f"Table {planned.name} has {twice} keys more than once and {empty} rows without a key "
            f"({key}). Nothing was written."
        )


def _write_table(
    connection: duckdb.DuckDBPyConnection, name: str, staged: Path, key: tuple[str, ...]
) -> None:
    columns = connection.execute(f"DESCRIBE FROM read_parquet({quoted(staged.resolve())})").fetchall()
    declared, selected = [], []
    for column, kind, *_ in columns:
        declared.append(f'"{column}" {_storage(connection, name, staged, column, kind)}')
        selected.append(f'"{column}"')
    connection.execute(f"CREATE TABLE {name} ({', '.join(declared)})")
    rest = [column for column in selected if column.strip('"') not in key]
    order = ", ".join([*key, *rest])
    rows = f"SELECT {', '.join(selected)} FROM read_parquet({quoted(staged.resolve())})"
    connection.execute(f"INSERT INTO {name} {rows} ORDER BY {order}")


def _storage(connection: duckdb.DuckDBPyConnection, table: str, staged: Path, column: str, kind: str) -> str:
    """How a column is stored: compressed only where that leaves no memory of ours in the file."""
    source = f"read_parquet({quoted(staged.resolve())})"
    rows, present, different = connection.execute(
        f'SELECT count(*), count("{column}"), count(DISTINCT "{column}") FROM {source}'
    ).fetchall()[0]
    has_nulls = present < rows
    if kind == "VARCHAR" and not has_nulls and 0 < different <= min(MOST_ENUM_VALUES, rows // 2):
        name = f'"{table}_{column}_waarde"'
        connection.execute(
            f'CREATE TYPE {name} AS ENUM (SELECT DISTINCT "{column}" FROM {source} ORDER BY "{column}")'
        )
        return name
    if not has_nulls and (
        kind in {"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "BOOLEAN"} or "DECIMAL" in kind
    ):
        return kind
    return f"{kind} USING COMPRESSION uncompressed"


def write_facts(connection: duckdb.DuckDBPyConnection, facts: dict[str, str]) -> None:
    """Table `uitgave`: what this file is, for somebody who finds it without its manifest."""
    plain = "VARCHAR USING COMPRESSION uncompressed"
    connection.execute(f"CREATE TABLE uitgave (kenmerk {plain}, waarde {plain})")
    connection.executemany("INSERT INTO uitgave VALUES (?, ?)", sorted(facts.items()))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.execute(query).fetchall()[0][0]

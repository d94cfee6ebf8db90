"""Takes the rows of an Ibis expression out of its engine, batch by batch, into a Parquet file.

The only way for rows to leave an engine without all of them being in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_BATCH = 122_880


def batches(table: ibis.Table) -> Iterator[pa.RecordBatch]:
    """The rows in batches, in any order. On DuckDB memory stays bounded; other engines collect first.

    Ibis has `to_pyarrow_batches` for this, but version 12 calls a method that DuckDB 2 no longer has.
    """
    backend: Any = table._find_backend(use_default=True)
    if backend.name != "duckdb":
        yield from backend.to_pyarrow(table).to_batches(ROWS_PER_BATCH)
        return
    backend._run_pre_execute_hooks(table)
    yield from backend.con.sql(backend.compile(table)).to_arrow_reader(ROWS_PER_BATCH)


def stage(table: ibis.Table, path: Path) -> int:
    """Write the rows to a Parquet file for use inside one build; gives their number."""
    schema = table.schema().to_pyarrow()
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches(table):
            writer.write_batch(batch.cast(schema))
            rows += batch.num_rows
    return rows

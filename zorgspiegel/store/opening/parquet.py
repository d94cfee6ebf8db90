"""From a file that passed the readers to an all-text Parquet table with row numbers. DuckDB, in the child."""

from __future__ import annotations

from pathlib import Path

from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.limits import DUCKDB_MEMORY
from zorgspiegel.store.opening.rows import NAME
from zorgspiegel.terms.deliveries import column


def write(job: Job, answer: Answer) -> None:
    """Write `job.out` out of the rows that a reader wrote."""
    columns = {"rijnummer": "BIGINT", "aantal_velden": "BIGINT"} | _texts(answer.width)
    rows = _run(
        job, f"SELECT * FROM {_csv(Path(job.folder) / NAME, columns, header=False)}", threads=job.threads
    )
    assert rows >= 0, "DuckDB reads what we wrote ourselves"


def copy(path: Path, job: Job, answer: Answer) -> bool:
    """Write `job.out` out of a flawless file. False when DuckDB sees other rows in it than the scan did."""
    width = len(answer.header)
    table = _csv(path, _texts(width), header=True, separator=answer.separator or ";")
    numbered = f"SELECT row_number() OVER () AS rijnummer, {width}::BIGINT AS aantal_velden, * FROM {table}"
    # A line end inside quotes cannot be told from a real one when reading begins in the middle of a file.
    return _run(job, numbered, threads=1 if answer.has_quoted_newline else job.threads) == answer.rows


def _texts(width: int) -> dict[str, str]:
    return {column(place): "VARCHAR" for place in range(width)}


def _csv(path: Path, columns: dict[str, str], *, header: bool, separator: str = ",") -> str:
    types = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in columns.items())
    return (
        f"read_csv({_text(str(path))}, auto_detect = false, header = {str(header).lower()}, "
        f"delim = {_text(separator)}, quote = '\"', escape = '\"', strict_mode = true, "
        f"max_line_size = 8388608, columns = {{{types}}})"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _run(job: Job, query: str, *, threads: int) -> int:
    """Write the rows of this query to `job.out`; how many there were, or -1 when DuckDB could not read it."""
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": DUCKDB_MEMORY,
            "temp_directory": job.folder,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    command = (
        f"COPY ({query}) TO {_text(job.out)} (FORMAT parquet, COMPRESSION zstd)"  # names of our own making
    )
    with connection:
        try:
            return int(connection.execute(command).fetchall()[0][0])
        except duckdb.Error:
            return -1

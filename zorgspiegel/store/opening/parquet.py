"""From a file that passed the readers to an all-text Parquet table with row numbers. DuckDB, in the child."""

from __future__ import annotations

from pathlib import Path

from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.limits import DUCKDB_MEMORY
from zorgspiegel.store.opening.rows import NAME
from zorgspiegel.terms.deliveries import column


def write(job: Job, answer: Answer) -> None:
    """Write `job.out` out of the rows that a reader wrote."""
    width = len(answer.header) if job.header else job.width
    columns = {"rijnummer": "BIGINT", "aantal_velden": "BIGINT"} | {
        column(place): "VARCHAR" for place in range(width)
    }
    _run(job, f"SELECT * FROM {_csv(Path(job.folder) / NAME, columns, header=False)}")


def _csv(path: Path, columns: dict[str, str], *, header: bool, separator: str = ",") -> str:
    types = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in columns.items())
    return (
        f"read_csv({_text(str(path))}, auto_detect = false, header = {str(header).lower()}, "
        f"delim = {_text(separator)}, quote = '\"', escape = '\"', strict_mode = true, "
        f"max_line_size = 8388608, columns = {{{types}}})"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _run(job: Job, query: str) -> None:
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": job.threads,
            "memory_limit": DUCKDB_MEMORY,
            "temp_directory": job.folder,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    with connection:
        connection.execute(
            f"COPY ({query}) TO {_text(job.out)} (FORMAT parquet, COMPRESSION zstd)"
        )  # our own names

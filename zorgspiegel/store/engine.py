"""The engines that Ibis expressions run on. DuckDB is the embedded default, Spark the distributed choice.

DuckDB runs locked down: no extensions, no network, bounded memory and threads. Only files that `store` opened
for it can be read. `zorgspiegel.store` is the one place that imports an engine.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis

from zorgspiegel.terms.errors import SettingError


def duckdb_connection(
    path: Path | str = ":memory:",
    *,
    read_only: bool = False,
    memory_limit: str = "2GB",
    threads: int | None = None,
    folder: Path | None = None,
    may_open: Sequence[Path] | None = None,
) -> Any:
    """An Ibis backend on DuckDB.

    folder:   where it may spill when data do not fit in memory.
    may_open: the folders whose files queries may open; None leaves that to the caller (only for files that
              this process wrote itself). Once given, nothing can widen it again: DuckDB refuses other files,
              links out, ATTACH, INSTALL and changes of its settings (SECURITY F8, R-PRO-08).
    """
    spill = folder or Path(tempfile.gettempdir()) / f"zorgspiegel-spill-{os.getpid()}"
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": memory_limit,
        "preserve_insertion_order": True,
    }
    if not read_only:
        # Before external access is switched off: afterwards DuckDB refuses to be told.
        settings["temp_directory"] = str(spill)
    if threads:
        settings["threads"] = threads
    connection = ibis.duckdb.connect(str(path), read_only=read_only, **settings)
    if may_open is not None:
        _lock(connection, may_open)
    return connection


def _lock(connection: Any, folders: Sequence[Path]) -> None:
    quoted = ", ".join("'" + str(folder.resolve()).replace("'", "''") + "'" for folder in folders)
    connection.raw_sql(f"SET allowed_directories = [{quoted}]")  # our own folders, never a user's text
    connection.raw_sql("SET enable_external_access = false")
    connection.raw_sql("SET lock_configuration = true")


def spark_connection() -> Any:
    """An Ibis backend on Spark: the session of the cluster, or a local one. Needs `zorgspiegel[spark]`."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SettingError("Spark is not installed. Run: pip install 'zorgspiegel[spark]'.") from error
    # Local workers run our own Python, which has the kernels; a cluster names its own.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.appName("zorgspiegel")
        .config("spark.sql.session.timeZone", "Europe/Amsterdam")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.ui.enabled", os.environ.get("ZORGSPIEGEL_SPARK_UI", "false"))
        .getOrCreate()
    )
    from zorgspiegel.store.spark import ArrowBackend

    backend = ArrowBackend()
    backend.do_connect(session)
    return backend

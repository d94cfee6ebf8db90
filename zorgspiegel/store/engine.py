"""The engines that Ibis expressions run on. DuckDB is the embedded default, Spark the distributed choice.

DuckDB runs locked down: no extensions, no network, bounded memory and threads. Only files that `store` opened
for it can be read. `zorgspiegel.store` is the one place that imports an engine.
"""

from __future__ import annotations

import os
import tempfile
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
) -> Any:
    """An Ibis backend on DuckDB. `folder` is where it may spill when data do not fit in memory."""
    spill = folder or Path(tempfile.gettempdir()) / f"zorgspiegel-spill-{os.getpid()}"
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": memory_limit,
        "preserve_insertion_order": True,
    }
    if not read_only:
        settings["temp_directory"] = str(spill)
    if threads:
        settings["threads"] = threads
    return ibis.duckdb.connect(str(path), read_only=read_only, **settings)


def spark_connection() -> Any:
    """An Ibis backend on Spark: the session of the cluster, or a local one. Needs `zorgspiegel[spark]`."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SettingError("Spark is not installed. Run: pip install 'zorgspiegel[spark]'.") from error
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

"""The whole land on both engines: a year of Zvw facts and all invented Wmo deliveries, every cell compared.

The test suite does the same for one provincie. Takes minutes on two cores, most of them Spark's.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from tests.lib.invented_facts import wmo_facts
from zorgspiegel.aggregate import aggregate
from zorgspiegel.store import definitions, engine
from zorgspiegel.store.reference import REFERENCE
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.synthetic import read_land, zvw_facts
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.tables import FACTS

SPARK = "--master local[2] --driver-memory 2g --conf spark.sql.shuffle.partitions=8 pyspark-shell"
YEAR = 2024


def zvw(areas: Any, population: Any) -> pa.Table:
    """Invented Zvw facts of all gemeenten: as many rows as a real year."""
    return zvw_facts(read_land(areas, population, year=YEAR), year=2023, seed=1).to_pyarrow()


def wmo(areas: Any, population: Any) -> pa.Table:
    """Facts of an invented qsd301 delivery of every gemeente."""
    return wmo_facts(areas, population, year=YEAR)


def compare(name: str, facts: pa.Table, folder: Path, spark: Any) -> bool:
    """Print one line of the table; True when all cells are the same."""
    source = folder / f"{name}.parquet"
    pq.write_table(facts.cast(FACTS.schema.to_pyarrow()), source)
    indicator = definitions.load("indicators", name, Indicator)
    seconds = {}
    duckdb = engine.duckdb_connection(memory_limit="2GB", threads=2)
    for label, con in (("duckdb", duckdb), ("spark", spark)):
        shipped = Warehouse(REFERENCE)
        tables = [shipped.read(con, table, year=YEAR) for table in ("areas", "region_members")]
        cells = aggregate(con.read_parquet(str(source)), *tables, indicator=indicator)
        begin = time.perf_counter()
        if label == "spark":
            con._run_pre_execute_hooks(cells)
            con.raw_sql(con.compile(cells)).write.parquet(str(folder / f"{name}-spark"))
        else:
            con.to_parquet(cells, str(folder / f"{name}-duckdb.parquet"))
        seconds[label] = time.perf_counter() - begin
    ours = f"'{folder}/{name}-duckdb.parquet'"
    theirs = f"'{folder}/{name}-spark/*.parquet'"
    query = f"""
        SELECT (SELECT count(*) FROM {ours}),
            (SELECT count(*) FROM (FROM {ours} EXCEPT ALL FROM {theirs})),
            (SELECT count(*) FROM (FROM {theirs} EXCEPT ALL FROM {ours}))
    """
    ((count, only_ours, only_theirs),) = duckdb.con.execute(query).fetchall()
    print(
        f"| {name} | {facts.num_rows:,} | {count:,} | {only_ours + only_theirs} "
        f"| {seconds['duckdb']:.1f} | {seconds['spark']:.1f} |"
    )
    return bool(count and not only_ours and not only_theirs)


def main() -> int:
    """Print the table; 1 when any cell differs."""
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", SPARK)
    con, shipped = ibis.duckdb.connect(), Warehouse(REFERENCE)
    areas, population = shipped.read(con, "areas"), shipped.read(con, "population")
    spark = engine.spark_connection()
    print("## The same cells on DuckDB and Spark\n")
    print("| indicator | facts | cells | cells that differ | DuckDB (s) | Spark (s) |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="zorgspiegel-soak-") as folder:
        same = [
            compare(name, make(areas, population), Path(folder), spark)
            for name, make in (("wmo", wmo), ("zvw", zvw))
        ]
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())

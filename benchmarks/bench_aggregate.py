"""Facts to cells: next to one GROUP BY CUBE over the same facts in plain DuckDB.

Every measurement is a process of its own, so that its peak memory is its own. The floor does less: it sums
persons and costs over all combinations of gemeente, care type, age and sex with their grand totals, without
groups, levels, region sets, rest groups, contributors or origins; no aggregation can do less work than that.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = (100_000, 1_000_000, 10_000_000)
THREADS = 2
MEMORY = "2GB"

FLOOR = """
    COPY (
        SELECT periode, gebiedscode, categorie, leeftijd, geslacht,
            sum(aantal_personen) AS aantal_personen, sum(kosten_eur) AS kosten_eur
        FROM '{source}' WHERE categorie <> 'T'
        GROUP BY periode, CUBE (gebiedscode, categorie, leeftijd, geslacht)
    ) TO '{target}' (FORMAT parquet)
"""


def invent(size: int, target: Path) -> None:
    """Invented Zvw facts of as many years as are needed, cut off at `size` rows."""
    import ibis
    import pyarrow as pa
    import pyarrow.parquet as pq

    from zorgspiegel.store.reference import REFERENCE
    from zorgspiegel.store.warehouse import Warehouse
    from zorgspiegel.synthetic import read_land, zvw_facts

    con, shipped = ibis.duckdb.connect(), Warehouse(REFERENCE)
    land = read_land(shipped.read(con, "areas"), shipped.read(con, "population"), year=2024)
    year, rows, writer = 2023, 0, None
    while rows < size:
        # The care types of one real year, again and again under the name of another year.
        facts = zvw_facts(land, year=2023, seed=year).mutate(periode=ibis.literal(str(year))).to_pyarrow()
        facts = facts.slice(0, size - rows)
        writer = writer or pq.ParquetWriter(target, facts.schema)
        writer.write_table(pa.table(facts))
        rows, year = rows + facts.num_rows, year + 1
    assert writer is not None, "a size above zero gives at least one year"
    writer.close()


def ours(source: Path, target: Path) -> None:
    """`aggregate`, from Parquet to Parquet."""
    from zorgspiegel.aggregate import aggregate
    from zorgspiegel.store import definitions, engine
    from zorgspiegel.store.reference import REFERENCE
    from zorgspiegel.store.warehouse import Warehouse
    from zorgspiegel.terms.indicators import Indicator

    con, shipped = engine.duckdb_connection(memory_limit=MEMORY, threads=THREADS), Warehouse(REFERENCE)
    con.raw_sql("SET preserve_insertion_order = false")
    cells = aggregate(
        con.read_parquet(str(source)),
        shipped.read(con, "areas", year=2024),
        shipped.read(con, "region_members", year=2024),
        indicator=definitions.load("indicators", "zvw", Indicator),
    )
    con.to_parquet(cells, str(target))


def floor(source: Path, target: Path) -> None:
    """One query that does less."""
    import duckdb

    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as con:
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"SET temp_directory = '{target.parent}'")
        con.execute(FLOOR.format(source=source, target=target))


def measure(what: str, source: Path, target: Path) -> dict[str, Any]:
    """Seconds, processor seconds, peak memory and cells of one run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_aggregate", "--run", what, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run(what: str, source: Path, target: Path) -> None:
    """One measurement, in this process; prints it as JSON."""
    import pyarrow.parquet as pq

    begin, cpu = time.perf_counter(), time.process_time()
    {"ours": ours, "floor": floor}[what](source, target)
    print(
        json.dumps(
            {
                "seconds": round(time.perf_counter() - begin, 2),
                "cpu_seconds": round(time.process_time() - cpu, 2),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "cells": pq.read_metadata(target).num_rows,
            }
        )
    )


def main(sizes: tuple[int, ...] = SIZES, json_file: str | None = None) -> None:
    """Print the table."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="zorgspiegel-bench-") as name:
        folder = Path(name)
        for size in sizes:
            source = folder / f"facts-{size}.parquet"
            invent(size, source)
            for what in ("ours", "floor"):
                found = measure(what, source, folder / "cells.parquet")
                rows.append({"facts": size, "what": what, **found})
            source.unlink()
    if json_file:
        Path(json_file).write_text(json.dumps(rows, indent=2), encoding="utf-8")
    print("## Facts to cells\n")
    print("| facts | what | cells | seconds | processor seconds | peak memory (MB) |")
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    names = {"ours": "aggregate", "floor": "GROUP BY CUBE in DuckDB, which does less"}
    for row in rows:
        print(
            f"| {row['facts']:,} | {names[row['what']]} | {row['cells']:,} | {row['seconds']} "
            f"| {row['cpu_seconds']} | {row['peak_mb']} |"
        )
    print(
        "\nInvented Zvw facts in the form of the Vektis import; 2 threads, memory limit 2 GB, Parquet to "
        "Parquet.\nPeak memory is that of the whole process, libraries included."
    )


if __name__ == "__main__":
    if "--run" in sys.argv:
        what, source, target = sys.argv[sys.argv.index("--run") + 1 :]
        run(what, Path(source), Path(target))
    else:
        main(json_file=sys.argv[sys.argv.index("--json") + 1] if "--json" in sys.argv else None)

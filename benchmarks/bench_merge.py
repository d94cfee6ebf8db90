"""Merging invented records: next to sorting the same table, and to a loop over groups as one first writes it.

Every measurement is a process of its own, so that its peak memory is its own. The floor reads the same
Parquet, sorts it on the same columns in DuckDB with the same memory limit, and writes Parquet: any merge must
do that much. The loop (pandas, one group at a time) is measured on a sample and multiplied; the table says
so.
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
SAMPLE = 20_000
THREADS = 2
GROUP = "gemeente, persoon, type, leveringsvorm"

INVENT = """
    COPY (
        WITH persons AS (SELECT i, (1 + hash(i) % 12)::BIGINT AS n FROM range({persons}) t(i)),
        rows AS (SELECT i, unnest(range(n)) AS k FROM persons),
        drawn AS (SELECT *, hash(i * 16 + k) AS h, hash(i * 16 + k + 7) AS h2 FROM rows)
        SELECT row_number() OVER () AS id, printf('%04d', i % 342 + 1) AS gemeente,
            'P' || md5(i::VARCHAR) AS persoon,
            printf('%02d', 1 + (CASE WHEN h % 10 < 6 THEN i ELSE i + k END) % 18) AS type,
            CASE WHEN h // 10 % 20 < 16 THEN 'ZIN' WHEN h // 10 % 20 < 19 THEN 'PGB' END AS leveringsvorm,
            CASE WHEN h // 200 % 10 < 7
                THEN (i * 13 + (CASE WHEN h // 2000 % 9 = 0 THEN 0 ELSE k END))::VARCHAR
            END AS toewijzingsnummer,
            DATE '2024-01-01' + (h2 % 700)::INT AS "begin",
            CASE WHEN h2 // 700 % 5 > 0
                THEN DATE '2024-01-01' + (h2 % 700 + h2 // 3500 % 60)::INT
            END AS eind
        FROM drawn LIMIT {records}
    ) TO '{target}' (FORMAT parquet)
"""


def invent(records: int, target: Path) -> None:
    """Persons with 1 to 12 records each, about a third of which can merge. Nobody exists."""
    import duckdb

    persons = records // 6
    duckdb.sql(INVENT.format(persons=persons, records=records, target=target))


def floor(source: Path, target: Path) -> None:
    """Read, sort, write: nothing else."""
    import duckdb

    with duckdb.connect(config={"threads": THREADS, "memory_limit": "1200MB"}) as con:
        con.execute(f"SET temp_directory = '{target.parent}'")
        con.execute(
            f"COPY (FROM '{source}' ORDER BY {GROUP}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )


def command(source: Path, target: Path) -> None:
    """What `zorgspiegel merge` does."""
    from zorgspiegel.pipeline.merging import merge_files

    merge_files([source], target)


def expression(source: Path, target: Path) -> None:
    """The room's expression on DuckDB, unsorted: what the pipeline runs per delivery."""
    from zorgspiegel.merge import merge
    from zorgspiegel.store.engine import duckdb_connection
    from zorgspiegel.terms.tables import VOORZIENINGEN

    con = duckdb_connection(memory_limit="1800MB", threads=THREADS, folder=target.parent)
    records = con.read_parquet(str(source)).rename(rijnummer="id")
    merge(records).select(*VOORZIENINGEN.names).to_parquet(target)


def loop(source: Path, _target: Path) -> None:
    """Group by group in pandas: step 1, then pairs and components until nothing changes."""
    import pandas as pd

    records = pd.read_parquet(source).head(SAMPLE)
    far = pd.Timestamp("2200-01-01")
    records["begin"], records["eind"] = (
        pd.to_datetime(records["begin"]),
        pd.to_datetime(records["eind"]).fillna(far),
    )
    for _, group in records.groupby(GROUP.split(", "), dropna=False):
        numbered = group[group.toewijzingsnummer.notna()].groupby("toewijzingsnummer")
        items = list(zip(numbered.begin.min(), numbered.eind.max(), strict=True))
        items += list(
            group[group.toewijzingsnummer.isna()][["begin", "eind"]].itertuples(index=False, name=None)
        )
        while (merged := _round(items)) and len(merged) < len(items):
            items = merged


def _round(items: list[Any]) -> list[Any]:
    component = list(range(len(items)))
    for i, (b1, e1) in enumerate(items):
        for j, (b2, e2) in enumerate(items[:i]):
            near = 0 <= (b2 - e1).days <= 3 or 0 <= (b1 - e2).days <= 3
            if near or (b1 <= b2 and e2 <= e1) or (b2 <= b1 and e1 <= e2):
                component = [component[j] if c == component[i] else c for c in component]
    return [
        (
            min(b for (b, _), c in zip(items, component, strict=True) if c == label),
            max(e for (_, e), c in zip(items, component, strict=True) if c == label),
        )
        for label in dict.fromkeys(component)
    ]


WAYS = {"floor": floor, "command": command, "expression": expression, "loop": loop}


def measure(way: str, source: Path, folder: Path) -> dict[str, float]:
    """Seconds and peak memory of one way, in a process of its own; starting Python is not counted."""
    program = [
        sys.executable,
        "-m",
        "benchmarks.bench_merge",
        way,
        str(source),
        str(folder / f"{way}.parquet"),
    ]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def child(way: str, source: str, target: str) -> None:
    """One measurement: once small, to load libraries and compiled code, then in earnest."""
    if way != "loop":
        small = Path(target).with_name("small.parquet")
        invent(100, small)
        WAYS[way](small, Path(target))
    begin = time.perf_counter()
    WAYS[way](Path(source), Path(target))
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mb": peak}))


def main(arguments: list[str]) -> None:
    """Print the table; `--sizes 100000,1000000` for fewer sizes; `--json FILE` for the figures."""
    sizes = SIZES
    if "--sizes" in arguments:
        sizes = tuple(int(size) for size in arguments[arguments.index("--sizes") + 1].split(","))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            source = folder / f"{size}.parquet"
            invent(size, source)
            found = {way: measure(way, source, folder) for way in ("floor", "command", "expression")}
            rows.append({"records": size} | found)
        sample = measure("loop", source, folder)
    if "--json" in arguments:
        Path(arguments[arguments.index("--json") + 1]).write_text(
            json.dumps(rows, indent=1), encoding="utf-8"
        )
    report(rows, sample)


def report(rows: list[dict[str, Any]], sample: dict[str, float]) -> None:
    """The section of docs/benchmarks.md."""
    print("## Merging records\n")
    print(
        "Invented records, 1 to 12 a person, about a third mergeable. Seconds, times the floor, peak memory."
    )
    print(
        "\n| records | floor: DuckDB sorts | `zorgspiegel merge` | `merge` in DuckDB | loop, extrapolated |"
    )
    print("|---|---|---|---|---|")
    for row in rows:
        cells = []
        for way in ("floor", "command", "expression"):
            times = row[way]["seconds"] / row["floor"]["seconds"]
            cells.append(f"{row[way]['seconds']:.2f} s, {times:.1f}×, {row[way]['mb']:.0f} MB")
        per_record = sample["seconds"] / min(SAMPLE, rows[-1]["records"])
        print(f"| {row['records']:,} | {' | '.join(cells)} | {per_record * row['records']:.0f} s |")
    print(
        f"\nThe loop ran over {SAMPLE:,} records and was multiplied. {THREADS} threads in DuckDB, memory "
        "limit 1.2 GB (1.8 GB for the expression)."
    )


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        child(*sys.argv[1:4])
    else:
        main(sys.argv[1:])

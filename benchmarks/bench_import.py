"""Import of one Vektis year, next to DuckDB's own read_csv of the same file, at 1, 10 and 100 times its rows.

`python -m benchmarks.bench_import --scales 1 10`. Needs a Vektis file in ZORGSPIEGEL_DATA. Larger files
repeat its rows: only their size is real. Every run is a process of its own; what is measured is the work
inside it, after Python and the libraries are loaded, and the peak of its memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILE = "zvw_vektis/vektis_2023_gemeente.csv.gz"
RUNS = 3


def main() -> int:
    """Print the Markdown section; 0 also when there is no Vektis file to measure with."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scales", type=int, nargs="+", default=[1, 10, 100])
    options.add_argument("--json", type=Path)
    options.add_argument("--only", choices=["ours", "duckdb"], help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.only:
        return _measure(chosen.only, chosen.file)
    print("## Import of a public source\n")
    real = Path(os.environ.get("ZORGSPIEGEL_DATA", "../shared/data")) / FILE
    if not real.is_file():
        print("Not measured: no Vektis file (set ZORGSPIEGEL_DATA).")
        return 0
    print("| rows | import, s | read_csv, s | ratio | import, MB | read_csv, MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for scale in chosen.scales:
            rows, path = _larger(real, scale, Path(folder))
            ours, theirs = (_median(who, path) for who in ("ours", "duckdb"))
            ratio = ours["seconds"] / theirs["seconds"]
            print(
                f"| {rows:,} | {ours['seconds']:.2f} | {theirs['seconds']:.2f} | {ratio:.1f} | "
                f"{ours['megabytes']:.0f} | {theirs['megabytes']:.0f} |"
            )
            figures.append({"rows": rows, "import": ours, "read_csv": theirs, "ratio": ratio})
    print(
        f"\nVektis 2023, gzipped CSV, median of {RUNS} processes. The import checks every value, finds the "
        "codes of the gemeenten, writes 27 rows per row to Parquet, forces them to disk and adds up 29 "
        "national totals from what it wrote; read_csv only makes a table in memory. More rows than the file "
        "has are repeats."
    )
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1))
    return 0


def _larger(real: Path, scale: int, folder: Path) -> tuple[int, Path]:
    header, *lines = gzip.decompress(real.read_bytes()).decode().splitlines()
    path = folder / f"vektis_2023_{scale}x.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(header + "\n")
        for _ in range(scale):
            file.write("\n".join(lines) + "\n")
    return len(lines) * scale, path


def _median(who: str, path: Path) -> dict[str, float]:
    found = []
    for _ in range(RUNS):
        program = [sys.executable, "-m", "benchmarks.bench_import", "--only", who, "--file", str(path)]
        done = subprocess.run(program, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
    return {
        "seconds": statistics.median(one["seconds"] for one in found),
        "megabytes": max(one["megabytes"] for one in found),
    }


def _measure(who: str, path: Path) -> int:
    if who == "duckdb":
        import duckdb

        con = duckdb.connect()
        start = time.perf_counter()
        con.execute("CREATE TABLE t AS SELECT * FROM read_csv(?, delim=';')", [str(path)])
        seconds = time.perf_counter() - start
    else:
        from zorgspiegel.pipeline.imports import import_files
        from zorgspiegel.store.definitions import load
        from zorgspiegel.store.engine import duckdb_connection
        from zorgspiegel.store.warehouse import Warehouse
        from zorgspiegel.terms.sources import Source

        duckdb_connection().disconnect()  # loads what the first connection loads
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            import_files(load("sources", "vektis", Source), [path], Warehouse(Path(folder)), year=2023)
            seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

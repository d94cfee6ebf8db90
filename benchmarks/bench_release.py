"""A release with 26 million invented cells: how long the questions of a screen take, next to other databases.

`python -m benchmarks.bench_release --cells 260000` is a quick look; the page is made with 26 million. Peers
get the same rows in one table with the two indexes that serve the same questions. PostgreSQL is a private,
temporary cluster that only listens on a socket in its own folder; without PostgreSQL it is left out.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import pwd
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow.parquet as pq

from zorgspiegel.publish import publish
from zorgspiegel.store import engine, release_reader, releases
from zorgspiegel.terms.protected import Protected
from zorgspiegel.terms.release import Attribution
from zorgspiegel.terms.tables import PROTECTED_CELLS

PERIODS = [str(year) for year in range(2019, 2025)]
CATEGORIES = ["T", *(f"zorgsoort-{number}" for number in range(1, 6))]
AGES = ["T", "0-17", "18-64", "65+"]
SEXES = ["T", "M", "V"]
PER_AREA = len(PERIODS) * len(CATEGORIES) * len(AGES) * len(SEXES)
GEMEENTEN = [f"GM{code:04d}" for code in range(1, 343)]
NAMED = ("indicator", "gebied_niveau", "categorie", "leeftijd", "geslacht")


@dataclass(frozen=True)
class Cube:
    """The invented cells: every indicator, area, period and combination of dimensions."""

    indicators: list[str]
    areas: list[str]

    @classmethod
    def of(cls, cells: int) -> Cube:
        """About so many cells: all gemeenten, and as many buurten as it takes."""
        indicators = [f"indicator_{number}" for number in range(1, 3 if cells < 10**6 else 5)]
        wanted = max(len(GEMEENTEN) + 1, round(cells / PER_AREA / len(indicators)))
        small = [f"BU{number:08d}" for number in range(wanted - len(GEMEENTEN) - 1)]
        return cls(indicators, ["NL01", *GEMEENTEN, *small])

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.indicators) * len(self.areas) * PER_AREA

    def table(self, connection: Any) -> ibis.Table:
        """The cells as an expression, area by area as `protect` gives them; about one in eight is hidden."""
        lists = {
            "gebiedscode": self.areas,
            "indicator": self.indicators,
            "periode": PERIODS,
            "categorie": CATEGORIES,
            "leeftijd": AGES,
            "geslacht": SEXES,
        }
        picks, divisor = [], 1
        for name, values in reversed(lists.items()):
            texts = ", ".join(f"'{value}'" for value in values)
            picks.append(f"([{texts}])[1 + (n // {divisor}) % {len(values)}] AS {name}")
            divisor *= len(values)
        query = f"""
            SELECT indicator, '1' AS definitie_versie, periode, CAST(2024 AS BIGINT) AS indelingsjaar,
                   CASE left(gebiedscode, 2) WHEN 'NL' THEN 'land' WHEN 'GM' THEN 'gemeente'
                        ELSE 'buurt' END AS gebied_niveau,
                   gebiedscode, categorie, leeftijd, geslacht,
                   CASE WHEN draw % 8 > 0 THEN draw % 100000 END AS aantal_personen,
                   CASE WHEN draw % 8 > 0 THEN CAST(draw % 10000000 AS DECIMAL(18, 2)) END AS kosten_eur,
                   CASE WHEN draw % 8 > 0 THEN 'getoond' ELSE 'geheim' END AS status
            FROM (SELECT CAST(hash(n) % 4000000000 AS BIGINT) AS draw, {", ".join(picks)}
                  FROM range({self.size}) AS numbers(n))
        """
        return connection.sql(query, schema=PROTECTED_CELLS.schema)


def build(cells: int, root: str) -> dict[str, float]:
    """Write the release in this process, which does nothing else; its peak memory is that of the build."""
    cube = Cube.of(cells)
    connection = engine.duckdb_connection(memory_limit="1GB", threads=1)
    plan = publish(
        Protected(cube.table(connection), profile="gzs"),
        name="bench",
        title="Verzonnen cijfers",
        indicators={
            i: {"titel": i, "definitie": "Verzonnen.", "eenheid": "personen", "bron": "geen"}
            for i in cube.indicators
        },
        period_statuses=dict.fromkeys(PERIODS, "definitief"),
        sources=[Attribution("geen", "Geen", "Verzonnen.", "CC0-1.0")],
        invented=True,
        publisher="Zorgspiegel",
        code_version="bench",
    )
    start = time.perf_counter()
    releases.write_release(plan, Path(root))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"seconds": time.perf_counter() - start, "gib": peak}


def questions(cube: Cube, times: int) -> dict[str, list[dict[str, str]]]:
    """The three questions, each with many random picks (the same for everyone)."""
    dice = random.Random(2026)

    def total(**choice: str) -> dict[str, str]:
        pick = {
            "categorie": dice.choice(CATEGORIES),
            "leeftijd": dice.choice(AGES),
            "geslacht": dice.choice(SEXES),
        }
        return {"indicator": dice.choice(cube.indicators), "gebied_niveau": "gemeente", **pick, **choice}

    return {
        "map of all gemeenten": [total(periode=dice.choice(PERIODS)) for _ in range(times)],
        "area profile": [{"gebiedscode": dice.choice(cube.areas)} for _ in range(times)],
        "decile fan": [total() for _ in range(times)],
    }


Ask = Callable[[dict[str, str]], int]


def measure(ask: Ask, picks: list[dict[str, str]]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, and the rows of one answer."""
    ask(picks[0])
    taken, rows = [], 0
    for pick in picks:
        start = time.perf_counter()
        rows = ask(pick)
        taken.append((time.perf_counter() - start) * 1000)
    return {"median": statistics.median(taken), "p95": statistics.quantiles(taken, n=20)[-1], "rows": rows}


@contextmanager
def zorgspiegel(folder: Path) -> Iterator[tuple[Ask, float]]:
    """The release as the portal reads it: `Release.slice`, ending in Arrow with plain texts."""
    with release_reader.opened(folder / "bench") as release:
        yield (
            lambda pick: release.slice(**pick).num_rows,
            (folder / "bench" / "release.duckdb").stat().st_size,
        )


def _select(pick: dict[str, str], mark: str) -> str:
    conditions = " AND ".join(f"{column} = {mark}" for column in pick)
    return f"SELECT * FROM cellen WHERE {conditions} ORDER BY gebiedscode, indicator, periode"


INDEXES = (
    f"CREATE INDEX per_indicator ON cellen ({', '.join(NAMED)}, periode, gebiedscode)",
    "CREATE INDEX per_gebied ON cellen (gebiedscode, indicator, periode)",
)
COLUMNS = ", ".join(
    f"{c.name} {'bigint' if c.type == 'int64' else 'numeric(18, 2)' if 'decimal' in c.type else 'text'}"
    for c in PROTECTED_CELLS.columns
)


@contextmanager
def sqlite(folder: Path) -> Iterator[tuple[Ask, float]]:
    """One table with two indexes, filled in the order of the indicator index."""
    path = folder / "peer.sqlite"
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(f"CREATE TABLE cellen ({COLUMNS})")
    insert = f"INSERT INTO cellen VALUES ({', '.join('?' * len(PROTECTED_CELLS.names))})"
    for batch in pq.ParquetFile(folder / "bench/parquet/cellen.parquet").iter_batches(
        columns=list(PROTECTED_CELLS.names)
    ):
        amounts = batch.schema.get_field_index("kosten_eur")
        columns = [column.to_pylist() for column in batch.columns]
        columns[amounts] = [None if amount is None else str(amount) for amount in columns[amounts]]
        database.executemany(insert, zip(*columns, strict=True))
    for index in INDEXES:
        database.execute(index)
    database.commit()
    database.execute("ANALYZE")
    yield lambda p: len(database.execute(_select(p, "?"), list(p.values())).fetchall()), path.stat().st_size
    database.close()
    path.unlink()


def postgres_programs() -> Path | None:
    """The folder with initdb and pg_ctl, when PostgreSQL's server is installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "pg_ctl").exists()), None)


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[Ask, float]]:
    """One table with two indexes in a private cluster of an unprivileged user, without TCP."""
    import psycopg

    programs = postgres_programs()
    assert programs is not None, "main() asks first whether PostgreSQL is there"
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(program: str, *words: str) -> None:
        command = [programs / program, "-D", home / "data", *words]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd=home, **silent, **owner)

    run("initdb", "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": home,
        "shared_buffers": "1GB",
        "fsync": "off",
    }
    run("pg_ctl", "-w", "-o", " ".join(f"-c {key}={value}" for key, value in settings.items()), "start")
    try:
        with psycopg.connect(host=str(home), user="bench", dbname="postgres", autocommit=True) as database:
            _fill_postgres(database, folder)
            size = database.execute("SELECT pg_total_relation_size('cellen')").fetchall()[0][0]
            yield lambda p: len(database.execute(_select(p, "%s"), list(p.values())).fetchall()), size
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(home)


def _fill_postgres(database: Any, folder: Path) -> None:
    database.execute(f"CREATE TABLE cellen ({COLUMNS}, verzonnen text)")
    for path in sorted((folder / "bench/csv/cellen").glob("*.csv")):
        with (
            database.cursor().copy("COPY cellen FROM STDIN (FORMAT csv, HEADER true)") as copy,
            path.open("rb") as file,
        ):
            while piece := file.read(2**20):
                copy.write(piece)
    for index in INDEXES:
        database.execute(index)
    database.execute("VACUUM ANALYZE cellen")


def report(cube: Cube, built: dict[str, float], found: dict[str, Any], sizes: dict[str, float]) -> str:
    """The Markdown section."""
    lines = [
        "## Release",
        "",
        f"{cube.size:,} invented cells: {len(cube.areas):,} areas, {len(cube.indicators)} indicators, "
        f"{len(PERIODS)} periods. Building all formats (one thread): {built['seconds']:.0f} s, "
        f"peak memory {built['gib']:.2f} GiB. On disk: "
        + ", ".join(f"{k} {v / 2**20:,.0f} MiB" for k, v in sizes.items())
        + ".",
        "",
        "| question | rows | " + " | ".join(f"{name}, median (p95) ms" for name in found) + " |",
        "|---|--:|" + "--:|" * len(found),
    ]
    for question in next(iter(found.values())):
        rows = f"{found['Zorgspiegel'][question]['rows']:,}"
        cells = [
            f"{answers[question]['median']:.1f} ({answers[question]['p95']:.1f})"
            for answers in found.values()
        ]
        lines.append(f"| {question} | {rows} | {' | '.join(cells)} |")
    if "SQLite" in found and "PostgreSQL" not in found:
        lines += ["", "PostgreSQL is not installed on this machine."]
    lines += ["", "Each answer is fetched whole: as Arrow from the release, as Python rows from the peers."]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Build, ask, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=26_000_000)
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-peers", action="store_true", help="only the release itself")
    chosen = parser.parse_args(arguments)
    cube = Cube.of(chosen.cells)
    with tempfile.TemporaryDirectory(prefix="bench-release-") as name:
        folder = Path(name)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            built = pool.apply(build, (chosen.cells, name))
        kinds = {"Parquet": "parquet", "CSV": "csv"}
        sizes = {
            kind: sum(p.stat().st_size for p in (folder / "bench" / d).rglob("*.*") if p.is_file())
            for kind, d in kinds.items()
        }
        peers = {"Zorgspiegel": zorgspiegel}
        if not chosen.no_peers:
            peers |= {"SQLite": sqlite} | ({"PostgreSQL": postgres} if postgres_programs() else {})
        found: dict[str, Any] = {}
        for peer, opened in peers.items():
            print(f"release: {peer} ...", file=sys.stderr, flush=True)
            with opened(folder) as (ask, size):
                sizes["DuckDB" if peer == "Zorgspiegel" else peer] = size
                found[peer] = {q: measure(ask, picks) for q, picks in questions(cube, chosen.times).items()}
        rows = {peer: {q: answer["rows"] for q, answer in answers.items()} for peer, answers in found.items()}
        assert all(counted == rows["Zorgspiegel"] for counted in rows.values()), "the peers give other rows"
        releases.discard(folder / "bench")
    print(report(cube, built, found, sizes))
    if chosen.json:
        chosen.json.write_text(
            json.dumps({"cells": cube.size, "build": built, "bytes": sizes, "ms": found}, indent=2)
        )


if __name__ == "__main__":
    main()

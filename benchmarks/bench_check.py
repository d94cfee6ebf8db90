"""The technical check of a gmsd-wmo file next to frictionless-py, pandera on Polars, and the floor.

The floor is DuckDB reading the same CSV as text into a table, and doing nothing with it. Every measurement is
a process of its own; its peak memory is that of the process and its children. frictionless-py is measured on
a sample of the rows and extrapolated in proportion, which the table says.

    python -m benchmarks.bench_check [--rows 100000 1000000] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

FRICTIONLESS_SAMPLE = 20_000
METHOD = (
    "A 20-column gmsd-wmo CSV (invented), from delivered file to verdict, next to pandera on Polars "
    "and frictionless-py (both check less: no keys, no rules between columns), and the floor: DuckDB "
    "reading the same CSV as text into a table. `xlsx` is opening a workbook of ten columns. Each in a "
    "process of its own."
)
HERE = Path(__file__).resolve()


def make_csv(path: Path, rows: int, *, seed: int = 1) -> None:
    """An invented gmsd-wmo file: lawful BSNs of the test range, dates in 2024 and 2025, all columns in
    use."""
    from zorgspiegel.store.standards import load_standard

    names = [field.name for field in load_standard("gmsd-wmo").resources[0].fields]
    chance = random.Random(seed)
    bsns = [f"{n:09d}" for n in range(999_900_006, 999_999_990) if _elfproef(f"{n:09d}")]
    days = [
        f"{year}{month:02d}{day:02d}"
        for year in (2024, 2025)
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write(";".join(names) + "\n")
        for number in range(rows):
            kind, begin = f"{chance.randrange(1, 19):02d}", chance.randrange(300)
            file.write(
                f"0307;20250801;{chance.choice(bsns)};;;;WK0307{chance.randrange(1, 10):02d};{number};{kind};"
                f"{kind}A01;{kind};ZIN;{days[begin]};;{days[begin]};{days[begin + chance.randrange(1, 300)]};"
                f"{number % 40};04;2;19\n"
            )


def _elfproef(text: str) -> bool:
    return sum(int(d) * w for d, w in zip(text, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0


def run_ours(path: Path) -> int:
    """The whole check, from the delivered file to the verdict; the limit on the size of a file is lifted."""
    from zorgspiegel.pipeline.checking import check_delivery
    from zorgspiegel.store.standards import load_codelists, load_standard
    from zorgspiegel.terms.outcome import CheckContext

    standard = load_standard("gmsd-wmo")
    large = standard.model_copy(update={"file": standard.file.model_copy(update={"max_mb": 1 << 20})})
    context = CheckContext(codelists=load_codelists(large), delivered_on=date(2026, 1, 31))
    with check_delivery(path, large, context=context, name="WMO_0307_2025H1_v01.csv") as checked:
        assert checked.outcome.accepted, checked.outcome.findings
        return checked.outcome.rows.read


def run_floor(path: Path) -> int:
    """DuckDB: the CSV as text, into a table on disk."""
    import duckdb

    columns = path.open(encoding="utf-8").readline().strip().split(";")
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    source = f"read_csv('{path}', delim = ';', header = true, auto_detect = false, columns = {{{types}}})"
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/floor.duckdb") as connection:
        connection.execute("SET memory_limit = '700MB'")
        connection.execute(f"CREATE TABLE t AS SELECT * FROM {source}")
        return connection.execute("SELECT count(*) FROM t").fetchall()[0][0]


def run_frictionless(path: Path) -> int:
    """frictionless-py with the package of the standard: only the shared part, none of the other rules."""
    from frictionless import Resource, Schema, system

    from zorgspiegel.store.standard_files import descriptor
    from zorgspiegel.store.standards import load_codelists, load_standard

    standard = load_standard("gmsd-wmo")
    schema = descriptor(standard, load_codelists(standard))["resources"][0]["schema"]
    with system.use_context(trusted=True):
        dialect = {"csv": {"delimiter": ";"}}
        table = Resource.from_descriptor({"name": "t", "path": str(path), "dialect": dialect})
        table.schema = Schema.from_descriptor(schema)
        report = table.validate()
    return int(report.tasks[0].stats["rows"])


def run_pandera(path: Path) -> int:
    """pandera on Polars: required, lengths, patterns and code lists per column, and the elfproef."""
    import pandera.polars as pa
    import polars as pl

    from zorgspiegel.store.standards import load_codelists, load_standard

    standard = load_standard("gmsd-wmo")
    codelists, columns = load_codelists(standard), {}
    for field in standard.resources[0].fields:
        limits, checks = field.constraints, []
        if limits.pattern:
            checks.append(pa.Check.str_matches(f"^(?:{limits.pattern})$"))
        if field.type == "date":
            checks.append(pa.Check.str_matches("^[0-9]{8}$"))
        if limits.minLength or limits.maxLength:
            checks.append(pa.Check.str_length(limits.minLength, limits.maxLength))
        if field.codelist:
            checks.append(pa.Check.isin(codelists[field.codelist].valid(None)))
        columns[field.name] = pa.Column(pl.String, checks=checks, nullable=not limits.required)
    frame = pl.read_csv(path, separator=";", infer_schema=False)
    pa.DataFrameSchema(columns).validate(frame, lazy=True)
    digits = [
        pl.col("BSN").str.slice(place, 1).cast(pl.Int64) * weight
        for place, weight in enumerate((9, 8, 7, 6, 5, 4, 3, 2, -1))
    ]
    assert frame.select((pl.sum_horizontal(digits) % 11 == 0).all()).item()
    return frame.height


def run_xlsx(path: Path) -> int:
    """The opening of a workbook: streaming, in the child."""
    from zorgspiegel.store.deliveries import open_delivery
    from zorgspiegel.store.standards import load_standard

    standard = load_standard("zvw-agg")
    large = standard.model_copy(update={"file": standard.file.model_copy(update={"max_mb": 1 << 20})})
    with tempfile.TemporaryDirectory() as folder:
        facts = open_delivery(path, large, folder=Path(folder)).facts
    assert not facts.problems, facts.problems
    return facts.rows


def make_xlsx(path: Path, rows: int) -> None:
    """An invented workbook with the columns of zvw-agg."""
    import xlsxwriter

    from zorgspiegel.store.standards import load_standard

    fields = load_standard("zvw-agg").resources[0].fields
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [field.name for field in fields])
        for number in range(1, rows):
            sheet.write_row(number, 0, [field.example or "" for field in fields[:-1]])
            sheet.write_number(number, len(fields) - 1, number)


RUNS = {
    "ours": run_ours,
    "floor": run_floor,
    "frictionless": run_frictionless,
    "pandera": run_pandera,
    "xlsx": run_xlsx,
}


def measure(name: str, path: Path) -> dict[str, float]:
    """Seconds and peak memory (MB) of one run, in a process of its own."""
    command = [sys.executable, str(HERE), "--one", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent.parent)
    return json.loads(done.stdout.splitlines()[-1])


def one(name: str, path: Path) -> None:
    """Run one thing here and print what it took."""
    begin = time.perf_counter()
    rows = RUNS[name](path)
    seconds = time.perf_counter() - begin
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"rows": rows, "seconds": seconds, "megabytes": peak / 1024}))


def results(sizes: list[int], *, sheet_rows: int) -> list[dict[str, object]]:
    """One record per size and per way of checking."""
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="zorgspiegel-bench-") as name:
        folder = Path(name)
        for rows in sizes:
            path, sample = folder / "WMO_0307_2025H1_v01.csv", folder / "sample.csv"
            make_csv(path, rows)
            make_csv(sample, min(rows, FRICTIONLESS_SAMPLE))
            for way in ("floor", "ours", "pandera"):
                found.append({"way": way, "of": rows} | measure(way, path))
            part = measure("frictionless", sample)
            factor = rows / part["rows"]
            part["seconds"] *= factor
            found.append({"way": "frictionless", "of": rows, "extrapolated_from": part["rows"]} | part)
        if sheet_rows:
            make_xlsx(folder / "sheet.xlsx", sheet_rows)
            found.append({"way": "xlsx", "of": sheet_rows} | measure("xlsx", folder / "sheet.xlsx"))
    return found


def table(found: list[dict[str, object]]) -> str:
    """The results as Markdown, with ratios to the floor of the same size."""
    floors = {record["of"]: float(str(record["seconds"])) for record in found if record["way"] == "floor"}
    lines = [
        "## Technical check",
        "",
        METHOD,
        "",
        "| rows | way | seconds | times the floor | peak MB | note |",
        "|---|---|---|---|---|---|",
    ]
    for record in found:
        seconds = float(str(record["seconds"]))
        ratio = f"{seconds / floors[record['of']]:.2f}" if record["of"] in floors else ""
        note = (
            f"extrapolated from {record['extrapolated_from']:,} rows" if "extrapolated_from" in record else ""
        )
        megabytes = float(str(record["megabytes"]))
        lines.append(
            f"| {record['of']:,} | {record['way']} | {seconds:.2f} | {ratio} | {megabytes:.0f} | {note} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--sheet-rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one[0], Path(arguments.one[1]))
        return
    found = results(arguments.rows, sheet_rows=arguments.sheet_rows)
    print(table(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Public sources into the warehouse: open, read, look what is wrong, write. All files of a call, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from zorgspiegel.receive import read_source
from zorgspiegel.receive.reading import Reading
from zorgspiegel.receive.values import year_in
from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.files import open_text_table
from zorgspiegel.store.query import count, fetch, kept
from zorgspiegel.store.reference import REFERENCE
from zorgspiegel.store.warehouse import Change, Warehouse
from zorgspiegel.terms.errors import SourceError
from zorgspiegel.terms.sources import Source
from zorgspiegel.terms.tables import WAREHOUSE

KEY_OF = {
    "areas": ("gebiedscode",),
    "region_members": ("verzameling", "gebiedscode"),
    "area_transitions": ("van_code", "van_jaar"),
    "population": ("gebiedscode", "leeftijd", "geslacht"),
    "kerncijfers": ("gebiedscode", "leeftijd", "kenmerk", "periode"),
    "postcodes": ("pc4", "gebied_niveau"),
    "borders": ("gebiedscode",),
}
"""What a later file of the same source and year replaces, where the definition says `keeps: by_area`."""

ROWS_SHOWN = 20
MOST_REJECTED = 0.05
MOST_UNPLACED = 0.5


@dataclass(frozen=True)
class Imported:
    """What one file gave for one year."""

    source: str
    year: int
    file: str
    sha256: str
    rows: int
    rejected_rows: int
    unplaced_rows: int
    tables: dict[str, int]
    totals: dict[str, Decimal | int]
    """National totals of what was loaded, exact."""
    level: str | None
    """The level whose areas were added up: the highest that the file has."""
    rejected: tuple[int, ...]
    """Row numbers, the first twenty; likewise for unplaced."""
    unplaced: tuple[int, ...]


@dataclass(frozen=True)
class _File:
    """One file on its way in."""

    con: Any
    source: Source
    path: Path
    change: Change


@dataclass(frozen=True)
class _LeftOut:
    """Year -> row numbers: of rows that were not used, and of rows that were kept without an area."""

    rejected: dict[int, list[int]]
    unplaced: dict[int, list[int]]


def import_files(
    source: Source, files: Sequence[Path], warehouse: Warehouse, *, year: int | None = None
) -> list[Imported]:
    """Import files of one source. Raises SourceError; then the warehouse is as it was."""
    con = duckdb_connection()
    done: list[Imported] = []
    try:
        with warehouse.changing() as change:
            for path in files:
                done += _import_file(_File(con, source, path, change), year)
                _refuse_twice(source, done)
    finally:
        con.disconnect()
    return done


def _import_file(file: _File, year: int | None) -> list[Imported]:
    layouts = file.source.layouts
    separators = sorted({mark for layout in layouts for mark in layout.separators})
    text = open_text_table(file.con, file.path, separators=separators)
    sha256 = _digest(file.path)
    reading = read_source(
        file.source,
        text,
        year=year if year is not None else _year_of_name(file.path),
        areas=_areas(file),
        origin=f"{file.source.id}:{sha256[:12]}",
    )
    _refuse_faults(file, reading)
    rows = kept(file.con, reading.rows)
    years = _years(file, rows, year)
    assert sum(years.values()) == count(file.con, text), "a reader may neither make nor lose rows"
    left_out = _left_out(file, rows)
    _refuse_many(file, sum(years.values()), left_out)
    return [
        _write(file, sha256, rows, found, years=years, reading=reading, left_out=left_out) for found in years
    ]


def _write(
    file: _File,
    sha256: str,
    rows: ir.Table,
    year: int,
    *,
    years: dict[int, int],
    reading: Reading,
    left_out: _LeftOut,
) -> Imported:
    of_year = rows if len(years) == 1 else rows.filter(rows.jaar == year)
    used = of_year if not left_out.rejected else of_year.filter(~of_year.afgekeurd)
    stored = {name: _keep(file, name, year, table) for name, table in reading.tables(used).items()}
    totals = fetch(file.con, reading.totals({name: table for name, (table, _) in stored.items()}))
    rejected, unplaced = left_out.rejected.get(year, []), left_out.unplaced.get(year, [])
    return Imported(
        source=file.source.id,
        year=year,
        file=file.path.name,
        sha256=sha256,
        rows=years[year],
        rejected_rows=len(rejected),
        unplaced_rows=len(unplaced),
        tables={name: number for name, (_, number) in stored.items()},
        totals={
            row["maat"]: _exact(row["eenheid"], row["waarde"])
            for row in sorted(totals, key=_by_name)
            if row["waarde"] is not None
        },
        level=next((row["niveau"] for row in totals), None),
        rejected=tuple(rejected[:ROWS_SHOWN]),
        unplaced=tuple(unplaced[:ROWS_SHOWN]),
    )


def _keep(file: _File, name: str, year: int, new: ir.Table) -> tuple[ir.Table, int]:
    """Write these rows; give them back as they are stored, so that what is counted is what was loaded."""
    con, change, source, shape = file.con, file.change, file.source, WAREHOUSE[name]
    if source.keeps == "whole_year":
        entry = change.write(name, shape, source.id, year, new, con=con)
        return change.read(con, name, source=source.id, year=year), entry.rows
    shape.check(new, where=f"reader of {source.id}: {name}")
    fresh = kept(con, new.select(*shape.names))
    number = count(con, fresh)
    if number and not change.has(name, source.id, year):
        change.write(name, shape, source.id, year, fresh, con=con)
    elif number:
        old = change.read(con, name, source=source.id, year=year)
        stays = old.anti_join(fresh, list(KEY_OF[name]))
        change.write(name, shape, source.id, year, fresh.union(stays.select(*shape.names)), con=con)
    return fresh, number


def _areas(file: _File) -> ir.Table:
    """All areas that are known: those that the package ships, and those that were imported."""
    shipped = Warehouse(REFERENCE).read(file.con, "areas")
    if not file.change.has("areas"):
        return shipped
    return shipped.union(file.change.read(file.con, "areas")).distinct()


def _refuse_faults(file: _File, reading: Reading) -> None:
    """Raises SourceError when a value is not what its column must have."""
    found = sorted(fetch(file.con, reading.faults), key=lambda fault: (fault["eerste"], fault["kolom"]))
    wrong = [
        f"column {fault['kolom']}: {fault['aantal']} rows are {fault['wat']} (first: row {fault['eerste']})"
        for fault in found
    ]
    if wrong:
        more = f"; and {len(wrong) - 5} columns more" if len(wrong) > 5 else ""
        raise SourceError(
            f"{file.path.name}: {'; '.join(wrong[:5])}{more}. Nothing was imported. Row 1 is the first line "
            "after the header. Look whether the file was saved again by another program (Excel changes "
            "numbers), and take the original."
        )


def _years(file: _File, rows: ir.Table, asked: int | None) -> dict[int, int]:
    """Year -> rows. Raises SourceError when the rows do not say it, or say otherwise than `--year`."""
    per_year = fetch(file.con, rows.group_by("jaar").aggregate(rijen=rows.rijnummer.nunique()))
    found = {row["jaar"]: row["rijen"] for row in per_year}
    if None in found:
        raise SourceError(
            f"{file.path.name}: it cannot be seen of which year this file is. Add --year, for instance: "
            f"zorgspiegel import {file.source.id} {file.path.name} --year 2021"
        )
    if asked is not None and set(found) != {asked}:
        there = ", ".join(str(year) for year in sorted(found))
        raise SourceError(
            f"{file.path.name}: --year says {asked}, but the rows are of {there}. Leave out --year."
        )
    return dict(sorted(found.items()))


def _left_out(file: _File, rows: ir.Table) -> _LeftOut:
    odd = rows.filter(rows.afgekeurd | rows.zonder_gebied)
    found = fetch(file.con, odd.select("rijnummer", "jaar", "afgekeurd").order_by("rijnummer"))
    left_out = _LeftOut({}, {})
    for row in found:
        kind = left_out.rejected if row["afgekeurd"] else left_out.unplaced
        kind.setdefault(row["jaar"], []).append(row["rijnummer"])
    return left_out


def _refuse_many(file: _File, total: int, left_out: _LeftOut) -> None:
    """A few odd rows are counted; more than that means that this is another kind of file."""
    rejected, unplaced = (
        sum(len(numbers) for numbers in kind.values()) for kind in (left_out.rejected, left_out.unplaced)
    )
    if rejected > MOST_REJECTED * total:
        raise SourceError(
            f"{file.path.name}: {rejected} of {total} rows cannot be used; at most {MOST_REJECTED:.0%} may "
            f"be. Nothing was imported. Is this really a file of {file.source.id}?"
        )
    if unplaced > MOST_UNPLACED * total:
        raise SourceError(
            f"{file.path.name}: of {unplaced} of {total} rows the area is not known. Nothing was imported. "
            "Import the list of gemeenten of that year first: zorgspiegel import cbs-gebieden FILE --year Y"
        )


def _refuse_twice(source: Source, done: Sequence[Imported]) -> None:
    years = [one.year for one in done]
    double = sorted({year for year in years if years.count(year) > 1})
    if double and source.keeps == "whole_year":
        raise SourceError(
            f"{source.id}: two files are of {double[0]}. Give one file per year; nothing was imported."
        )


def _year_of_name(path: Path) -> int | None:
    """The year in the name of the file, if there is exactly one."""
    found = year_in(path.name)
    return found[0] if len(found) == 1 else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _by_name(row: dict[str, Any]) -> tuple[bool, str]:
    return row["eenheid"] != "aantal", row["maat"]


def _exact(unit: str, value: Decimal) -> Decimal | int:
    """Counts are whole numbers; amounts keep their two decimals."""
    if unit == "aantal" or (unit not in {"eur", "jaar"} and value == int(value)):
        return int(value)
    return value

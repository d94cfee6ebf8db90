"""Opens what can be merged: plain tables of records (CSV or Parquet) and gmsd-wmo deliveries."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.files import open_text_table
from zorgspiegel.store.query import fetch, kept
from zorgspiegel.terms.errors import RefusedError, SourceError
from zorgspiegel.terms.findings import ROWS_SHOWN
from zorgspiegel.terms.pseudonym import has_pseudonym_form

COLUMNS = ("id", "gemeente", "persoon", "type", "leveringsvorm", "toewijzingsnummer", "begin", "eind")
"""The columns of a plain table. Empty = none, unknown or open; dates are JJJJ-MM-DD."""

DELIVERY = "gmsd-wmo"
MEMORY = "1200MB"
"""What the engine may hold; the kernel, Arrow and Python come on top and stay within 2 GB together."""

_DATES = ("begin", "eind")
_FILLED = ("id", "gemeente", "persoon", "type", "begin")
_WHOLE_NUMBER = r"^(0|[1-9][0-9]{0,17})$"


@dataclass(frozen=True)
class MergeInput:
    """Opened records: RECORDS plus `id`, what the sender calls the row. `files`: which row numbers are
    whose.
    """

    connection: Any
    records: ir.Table
    id_type: str
    files: tuple[dict[str, Any], ...]


@contextmanager
def open_records(paths: Sequence[Path]) -> Iterator[MergeInput]:
    """The records of all files as one table, as long as the block lasts.

    Raises SourceError for a file that cannot be read or is of no known form, RefusedError when rows are not
    right.
    """
    with tempfile.TemporaryDirectory(prefix="zorgspiegel-merge-") as folder:
        connection = duckdb_connection(memory_limit=MEMORY, folder=Path(folder) / "spill")
        try:
            tables, files, before = [], [], 0
            for number, path in enumerate(paths):
                table, is_plain = _open(connection, path, Path(folder), number)
                rows = fetch(connection, table.aggregate(n=table.count()))[0]["n"]
                if is_plain:
                    _refuse_faulty(connection, table, path)
                table = table.mutate(rijnummer=table.rijnummer + before)
                tables.append(table if is_plain else table.mutate(id=table.rijnummer))
                files.append({"bestand": path.name, "eerste": before + 1, "laatste": before + rows})
                before += rows
            yield _together(connection, tables, files)
        finally:
            connection.disconnect()


def _open(connection: Any, path: Path, folder: Path, number: int) -> tuple[ir.Table, bool]:
    if not path.is_file():
        raise SourceError(f"There is no file {path}. Check the path.")
    with path.open("rb") as start:
        is_parquet = start.read(4) == b"PAR1"
        first = start.readline(1 << 16)
    if is_parquet:
        return _plain(_parquet(connection, path), path), True
    if _is_delivery(first):
        return _delivery(connection, path, folder, number), False
    text = open_text_table(connection, path, name=f"tekst_{number}")
    return kept(connection, _plain(text, path)), True


def _parquet(connection: Any, path: Path) -> ir.Table:
    try:
        table = connection.read_parquet(str(path), file_row_number=True)
    except Exception as error:
        raise SourceError(f"{path.name} is not a Parquet file that can be read. Make it again.") from error
    return table.mutate(rijnummer=table.file_row_number + 1).drop("file_row_number")


def _plain(table: ir.Table, path: Path) -> ir.Table:
    names = [name for name in table.columns if name != "rijnummer"]
    if sorted(names) != sorted(COLUMNS):
        missing, strange = set(COLUMNS) - set(names), set(names) - set(COLUMNS)
        raise SourceError(
            f"{path.name} is neither a table of records nor a {DELIVERY} delivery."
            + (f" Missing: {', '.join(sorted(missing))}." if missing else "")
            + (f" Not known: {', '.join(sorted(strange))}." if strange else "")
            + f" A table of records has the columns {', '.join(COLUMNS)}."
        )
    return table.select("rijnummer", **{name: _typed(table[name], name) for name in COLUMNS})


def _typed(value: ir.Value, name: str) -> ir.Value:
    if value.type().is_temporal():
        return value.cast("date")
    if name == "id" and value.type().is_integer():
        return value.cast("int64")
    text = value.cast("string").strip().nullif("")
    if name not in _DATES:
        return text
    # What is no date must not look like "open": it gets a day before all days and is refused below.
    return text.isnull().ifelse(ibis.null("date"), text.try_cast("date").fill_null(_NO_DAY))


_NO_DAY = ibis.literal("0001-01-01").cast("date")


def _refuse_faulty(connection: Any, table: ir.Table, path: Path) -> None:
    faults = {
        **{f"{name} is empty": table[name].isnull() for name in _FILLED},
        **{
            f"{name} is not a date (JJJJ-MM-DD)": (table[name] == _NO_DAY).fill_null(False) for name in _DATES
        },
        "eind lies before begin": ((table.eind < table.begin) & (table.eind != _NO_DAY)).fill_null(False),
    }
    sums = {f"n{i}": fault.sum() for i, fault in enumerate(faults.values())}
    (counts,) = fetch(connection, table.aggregate(**sums))
    told = []
    for i, (what, fault) in enumerate(faults.items()):
        if counts[f"n{i}"]:
            first = table.filter(fault).order_by("rijnummer").limit(ROWS_SHOWN).select("rijnummer")
            rows = ", ".join(str(row["rijnummer"]) for row in fetch(connection, first))
            told.append(f"{what} in {counts[f'n{i}']} rows (first: {rows})")
    if told:
        raise RefusedError(f"{path.name}: {'; '.join(told)}. Mend these rows; nothing was written.")


def _together(connection: Any, tables: list[ir.Table], files: list[dict[str, Any]]) -> MergeInput:
    whole = all(table.id.type().is_integer() for table in tables)
    if not whole:
        tables = [table.mutate(id=table.id.cast("string")) for table in tables]
    records = tables[0] if len(tables) == 1 else ibis.union(*tables)
    twice = records.group_by("id").having(ibis._.count() > 1).agg(row=records.rijnummer.max())
    found = fetch(connection, twice.aggregate(n=twice.count(), row=twice.row.min()))[0]
    if found["n"]:
        where = next(file for file in files if file["eerste"] <= found["row"] <= file["laatste"])
        raise RefusedError(
            f"{found['n']} ids occur more than once, for example in {where['bestand']}, row "
            f"{found['row'] - where['eerste'] + 1}. Give every record an id of its own, over all files; "
            "nothing was written."
        )
    if not whole:
        plain = fetch(connection, records.aggregate(all=records.id.re_search(_WHOLE_NUMBER).all()))[0]["all"]
        if plain:
            whole, records = True, records.mutate(id=records.id.cast("int64"))
    return MergeInput(connection, records, "int64" if whole else "string", tuple(files))


# --- a gmsd-wmo delivery -----------------------------------------------------------------------------


def _is_delivery(first_line: bytes) -> bool:
    names = re.split(r"[;,]", first_line.decode("latin-1").lower())
    return "aanmaakdatum_bestand" in first_line.decode("latin-1").lower() and len(names) > len(COLUMNS)


def _delivery(connection: Any, path: Path, folder: Path, number: int) -> ir.Table:
    """The rows of a delivery that the check lets through. Their id is their row number over all files."""
    from zorgspiegel.pipeline.checking import check_delivery
    from zorgspiegel.store.standards import load_codelists, load_standard
    from zorgspiegel.terms.outcome import CheckContext

    standard = load_standard(DELIVERY)
    place = folder / f"delivery_{number}"
    place.mkdir()
    checked = check_delivery(
        path,
        standard,
        context=CheckContext(codelists=load_codelists(standard)),
        folder=place,
        connection=connection,
        label=f"levering_{number}",
    )
    if not checked.outcome.accepted:
        told = "\n".join(finding.message for finding in checked.outcome.findings if finding.severity != "S")
        raise RefusedError(f"{path.name} does not pass the technical check:\n{told}")
    (typed,) = checked.outcome.tables.values()
    return kept(connection, _records_of(typed))


def _records_of(typed: ir.Table) -> ir.Table:
    """GMSD columns to RECORDS, by the rules of DOMAIN 4.2. No BSN comes along: a person who was not
    pseudonymised is called after the first row that is about him.
    """
    unknown = typed.BSN == "999999999"
    rest = [typed[name].fill_null("").cast("string") for name in ("Geboortedatum", "Geslacht", "Postcode")]
    who = unknown.ifelse(ibis.literal("onbekend").concat(*rest), typed.BSN)
    named = typed.mutate(_who=who, _has=has_pseudonym_form(typed.BSN))
    first = named.rijnummer.min().over(ibis.window(group_by=["Gemeentecode", "_who"]))
    return named.select(
        "rijnummer",
        gemeente=named.Gemeentecode,
        persoon=named._has.ifelse(named.BSN, ibis.literal("persoon-rij-").concat(first.cast("string"))),
        type=ibis.coalesce(named.Type_declaratie, named.Type_toewijzing),
        leveringsvorm=named.Leveringsvorm,
        toewijzingsnummer=named.Toewijzingsnummer.cast("string"),
        begin=ibis.coalesce(named.Start_daadwerkelijk, named.Start_rechtsgeldigheid),
        eind=ibis.coalesce(named.Eind_daadwerkelijk, named.Eind_rechtsgeldigheid),
    )

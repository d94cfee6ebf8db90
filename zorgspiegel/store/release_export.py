"""One file out of a release, in the format that somebody asks for. Every figure is that of the release.

Nothing is computed here and nothing is summed: rows are read as they were published and written down.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from zorgspiegel.store import release_files as files
from zorgspiegel.store.ods import NO_CLOCK, write_ods
from zorgspiegel.store.release_database import FILE_NAME, quoted, reading
from zorgspiegel.store.release_reader import read_manifest
from zorgspiegel.store.releases import DATA_PACKAGE, sha256
from zorgspiegel.store.spreadsheets import Sheet
from zorgspiegel.store.xlsx import write_xlsx
from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.release import CELLS_TITLE, REFERENCES

MOST_CELLS_OF_A_WORKBOOK = 2_000_000
"""Two full sheets. Writing them takes minutes, and opening them as well; more is what Parquet is for."""

NOT_IN_A_WORKBOOK = frozenset({"grenzen"})
"""Borders are long texts for a map; a cell of Excel cannot hold them. They are in the data package."""

ROWS_AT_ONCE = 10_000
PIECE = 1 << 20


def export_release(
    folder: Path, format: str, target: Path, *, indicators: Sequence[str] | None = None
) -> Path:
    """Write one file: csv and parquet hold the cells, xlsx and ods also the tables, datapackage everything.

    indicators: only the cells of these; not for datapackage, which is the release as it stands.
    Raises ReleaseError for an unknown format or indicator, and when the target exists.
    """
    manifest, _ = read_manifest(folder)
    if format not in _WRITERS:
        raise ReleaseError(f"There is no export format {format!r}. Known: {', '.join(_WRITERS)}.")
    if target.exists():
        raise ReleaseError(f"{target} exists already. Choose another file; nothing is overwritten.")
    known = sorted(manifest["definities"])
    if unknown := sorted(set(indicators or ()) - set(known)):
        raise ReleaseError(f"No indicator {', '.join(unknown)} in {folder.name}. It has: {', '.join(known)}.")
    chosen = [indicator for indicator in known if not indicators or indicator in indicators]
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        unfinished = Path(scratch) / target.name
        _WRITERS[format](folder, manifest, chosen, unfinished)
        unfinished.replace(target)
    return target


def _whole(folder: Path, manifest: Mapping[str, Any], path: str) -> Path:
    """A file of the release, when it still has the digest that the manifest promises."""
    if sha256(folder / path) != manifest["bestanden"][path]["sha256"]:
        raise ReleaseError(
            f"{path} of release {folder.name} is damaged. Run: zorgspiegel release verify {folder.name}."
        )
    return folder / path


def _csv(folder: Path, manifest: Mapping[str, Any], indicators: Sequence[str], target: Path) -> None:
    """The CSV files of the indicators, one behind the other under one header."""
    with target.open("wb") as out:
        for number, indicator in enumerate(indicators):
            path = _whole(folder, manifest, files.CELLS_CSV.format(indicator=indicator))
            with path.open("rb") as part:
                header = part.readline()
                if number == 0:
                    out.write(header)
                shutil.copyfileobj(part, out, PIECE)


def _parquet(folder: Path, manifest: Mapping[str, Any], indicators: Sequence[str], target: Path) -> None:
    _whole(folder, manifest, FILE_NAME)
    with reading(folder, target.parent) as connection:
        invented = manifest["verzonnen_indicatoren"]
        query = f"SELECT * FROM ({files.cells_query(invented)}) WHERE indicator IN ({_list(indicators)})"
        files.write_parquet(connection, query, target, marks=_marks(connection))


def _data_package(folder: Path, manifest: Mapping[str, Any], _all: Sequence[str], target: Path) -> None:
    """The descriptor and every file that it describes, as one zip."""
    package = json.loads((folder / DATA_PACKAGE).read_bytes())
    paths = [DATA_PACKAGE, *sorted(resource["path"] for resource in package["resources"])]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in paths:
            entry = zipfile.ZipInfo(path, date_time=NO_CLOCK)
            entry.compress_type = zipfile.ZIP_DEFLATED
            source = _whole(folder, manifest, path)
            with source.open("rb") as file, packed.open(entry, "w", force_zip64=True) as out:
                shutil.copyfileobj(file, out, PIECE)


def _workbook(write: Callable[..., None]) -> Callable[..., None]:
    def written(folder: Path, manifest: Mapping[str, Any], indicators: Sequence[str], target: Path) -> None:
        _whole(folder, manifest, FILE_NAME)
        with reading(folder, target.parent) as connection:
            cells = f"FROM cellen_per_indicator WHERE CAST(indicator AS VARCHAR) IN ({_list(indicators)})"
            number = connection.execute(f"SELECT count(*) {cells}").fetchall()[0][0]
            if number > MOST_CELLS_OF_A_WORKBOOK:
                raise ReleaseError(
                    f"{number} cells are too many for a workbook ({MOST_CELLS_OF_A_WORKBOOK} at most). "
                    "Choose some indicators (--indicator), or csv or parquet."
                )
            write(
                target,
                _sheets(connection, folder, manifest, indicators),
                title=_title(manifest),
                creator=manifest["uitgever"],
            )

    return written


def _sheets(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    manifest: Mapping[str, Any],
    indicators: Sequence[str],
) -> Iterator[Sheet]:
    """First what it is, then the cells per indicator, then the tables."""
    description = json.loads((folder / DATA_PACKAGE).read_bytes())["description"]
    facts = connection.execute("SELECT kenmerk, waarde FROM uitgave").fetchall()
    yield Sheet("Leesmij", ["onderwerp", "tekst"], [(_title(manifest), description), *facts])
    for indicator in indicators:
        query = files.cells_query(manifest["verzonnen_indicatoren"], indicator=indicator)
        yield _sheet(connection, f"{CELLS_TITLE} {indicator}", query)
    for table in REFERENCES:
        if table in manifest["rijen"] and table not in NOT_IN_A_WORKBOOK:
            is_invented = table in manifest["verzonnen_tabellen"]
            query = files.reference_query(connection, table, is_invented=is_invented)
            yield _sheet(connection, REFERENCES[table].title, query)


def _sheet(connection: duckdb.DuckDBPyConnection, title: str, query: str) -> Sheet:
    reader = connection.sql(query).to_arrow_reader(ROWS_AT_ONCE)

    def rows() -> Iterator[tuple[Any, ...]]:
        for batch in reader:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    return Sheet(title, reader.schema.names, rows())


def _title(manifest: Mapping[str, Any]) -> str:
    return f"{files.INVENTED_TITLE}: {manifest['titel']}" if manifest["verzonnen"] else manifest["titel"]


def _list(texts: Sequence[str]) -> str:
    return ", ".join(quoted(text) for text in texts)


def _marks(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    facts = connection.execute("SELECT kenmerk, waarde FROM uitgave ORDER BY kenmerk").fetchall()
    return {"zorgspiegel": "; ".join(f"{key}: {value}" for key, value in facts)}


_WRITERS: dict[str, Callable[..., None]] = {
    "csv": _csv,
    "xlsx": _workbook(write_xlsx),
    "ods": _workbook(write_ods),
    "parquet": _parquet,
    "datapackage": _data_package,
}

FORMATS = {"csv": "csv", "xlsx": "xlsx", "ods": "ods", "parquet": "parquet", "datapackage": "zip"}
"""Export format -> ending of the file."""

assert set(FORMATS) == set(_WRITERS), "every format has a writer and an ending"

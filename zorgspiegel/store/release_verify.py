"""Proves that a release is what its manifest promises: every byte, every file, and the same figures in each.

Digests alone would not notice a builder that wrote one figure in one format and another in the next. So
each CSV is written once more, from both sort orders of the DuckDB file and from Parquet, and must come out
as the same file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from zorgspiegel.store import release_files as files
from zorgspiegel.store.release_database import ORDERS, quoted, reading
from zorgspiegel.store.release_reader import read_manifest
from zorgspiegel.store.releases import DIGEST, MANIFEST, paths_of, sha256
from zorgspiegel.terms.errors import ReleaseError


@dataclass(frozen=True)
class Verified:
    """What was looked at, in a release without faults."""

    name: str
    digest: str
    files: int
    rows: int
    comparisons: int


def verify_release(folder: Path, *, digest: str | None = None) -> Verified:
    """Check a release; raises ReleaseError that names every fault.

    digest: what the release had when it was published, kept somewhere else (the audit trail). Without it, a
            release of which every file and the manifest were replaced together looks whole.
    """
    manifest, found = read_manifest(folder)
    faults = [] if digest in {None, found} else [f"it has digest {found}, but {digest} was published"]
    faults += list(_faults_of_files(folder, manifest["bestanden"]))
    comparisons = 0
    if not faults:  # a damaged file is not opened: DuckDB takes data files to be trusted
        results = list(_compared(folder, manifest))
        comparisons, faults = len(results), [fault for fault in results if fault]
    if faults:
        raise ReleaseError(
            f"Release {folder.name} is damaged or changed: {'; '.join(faults)}. Do not serve it."
        )
    return Verified(
        folder.name, found, len(manifest["bestanden"]) + 2, sum(manifest["rijen"].values()), comparisons
    )


def _faults_of_files(folder: Path, promised: dict[str, Any]) -> Iterator[str]:
    there = set(paths_of(folder))
    expected = {*promised, MANIFEST, DIGEST}
    yield from (f"{path} is missing" for path in sorted(expected - there))
    yield from (f"{path} does not belong there" for path in sorted(there - expected))
    for path in sorted(there & set(promised)):
        if (folder / path).is_symlink():
            yield f"{path} is a link"
        elif (folder / path).stat().st_size != promised[path]["bytes"]:
            yield f"{path} has another length"
        elif sha256(folder / path) != promised[path]["sha256"]:
            yield f"{path} has another digest"


def _compared(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """One text per comparison: empty when the formats agree, else which table differs where."""
    with (
        tempfile.TemporaryDirectory(prefix="zorgspiegel-verify-") as name,
        reading(folder, Path(name)) as connection,
    ):
        again = Path(name) / "again.csv"
        for path, source, query, table in _rewrites(connection, folder, manifest):
            files.write_csv(connection, query, again, dangerous=files.dangerous_columns(connection, table))
            same = sha256(again) == manifest["bestanden"][path]["sha256"]
            yield "" if same else f"{source} holds other figures than {path}"


def _rewrites(
    connection: duckdb.DuckDBPyConnection, folder: Path, manifest: dict[str, Any]
) -> Iterator[tuple[str, str, str, str]]:
    """Path of a CSV, where the same rows stand too, the query that gives them, and their table in DuckDB."""
    invented = manifest["verzonnen_indicatoren"]
    first, second = ORDERS
    parquet = quoted((folder / files.PARQUET.format(table="cellen")).resolve())
    for indicator in sorted(manifest["definities"]):
        path = files.CELLS_CSV.format(indicator=indicator)
        by_area = files.cells_query(
            invented, indicator=indicator, table=second, order=f"ORDER BY {', '.join(ORDERS[first])}"
        )
        yield path, first, files.cells_query(invented, indicator=indicator), first
        yield path, second, by_area, first
        rows = f"SELECT * FROM read_parquet({parquet}) WHERE indicator = {quoted(indicator)}"
        yield path, files.PARQUET.format(table="cellen"), rows, first
    for table in sorted(set(manifest["rijen"]) - {"cellen"}):
        path, parquet_path = files.CSV.format(table=table), files.PARQUET.format(table=table)
        is_invented = table in manifest["verzonnen_tabellen"]
        yield path, f"table {table}", files.reference_query(connection, table, is_invented=is_invented), table
        yield path, parquet_path, f"FROM read_parquet({quoted((folder / parquet_path).resolve())})", table

"""Writes releases: a folder that is complete or not there at all, and that never changes afterwards.

<root>/current              the name of the release that people see
<root>/<name>/DIGEST        sha256 of manifest.json; the one line to keep somewhere else
<root>/<name>/manifest.json sha256 of every other file, rows, statuses, versions, inputs
<root>/<name>/release.duckdb, parquet/, csv/, datapackage.json
<root>/<name>/intern/       the reports of the attack; never served
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from zorgspiegel.store import data_package as package
from zorgspiegel.store import release_database as database
from zorgspiegel.store import release_files as files
from zorgspiegel.store.streams import stage
from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.release import RELEASE_NAME, ReleasePlan

MANIFEST = "manifest.json"
DIGEST = "DIGEST"
DATA_PACKAGE = "datapackage.json"
INSIDE = "intern"
CURRENT = "current"
FORMAT = 1
"""Goes up when a reader of older releases would no longer understand a new one."""


def write_release(plan: ReleasePlan, root: Path, *, memory_limit: str = "2GB") -> Path:
    """Write the release below `root` and give its folder; nobody sees it until it is complete.

    Writing the same plan again gives the folder that is there. Raises ReleaseError when another release has
    this name, or when the cells may not leave the house; then nothing is left behind.
    """
    root.mkdir(parents=True, exist_ok=True)
    target = root / plan.name
    building = Path(tempfile.mkdtemp(prefix=f".{plan.name}-", dir=root))
    try:
        _write(plan, building, memory_limit=memory_limit)
        _seal(building)
        try:
            building.rename(target)  # refused by the system when somebody else was first
        except OSError:
            if not target.exists():
                raise
            return _same_or_refuse(building, target)
        target.chmod(0o555)
        _sync(root)
    finally:
        discard(building)
    return target


def set_current(root: Path, name: str) -> None:
    """Let `current` point at this release. A reader sees the old one or the new one, never nothing."""
    if not (root / name / DIGEST).is_file():
        raise ReleaseError(
            f"There is no release {name!r} in {root}. Build it first: zorgspiegel release build {name}."
        )
    handle, path = tempfile.mkstemp(prefix=".current-", dir=root)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(path).replace(root / CURRENT)
    _sync(root)


def sha256(path: Path) -> str:
    """Digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def paths_of(folder: Path) -> list[str]:
    """All files of a release, relative, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def _write(plan: ReleasePlan, folder: Path, *, memory_limit: str) -> None:
    for part in ("parquet", "csv/cellen", INSIDE, "stage"):
        (folder / part).mkdir(parents=True)
    rows = {"cellen": stage(plan.cells, folder / "stage" / "cellen.parquet")}
    for planned in plan.references:
        rows[planned.name] = stage(planned.table, folder / "stage" / f"{planned.name}.parquet")
    with database.building(folder, memory_limit=memory_limit) as connection:
        database.write_cells(connection, folder / "stage" / "cellen.parquet")
        for planned in plan.references:
            database.write_reference(connection, planned, folder / "stage" / f"{planned.name}.parquet")
        database.write_facts(connection, _facts(plan))
        _refuse_undescribed(connection)
        counts = _counts(connection)
        csv_files = _write_open_files(connection, plan, folder, indicators=counts["definities"])
    shutil.rmtree(folder / "stage")
    shutil.rmtree(folder / "spill", ignore_errors=True)
    described = {path: {**facts, **_facts_of_file(folder / path)} for path, facts in csv_files.items()}
    (folder / DATA_PACKAGE).write_bytes(package.as_json(package.data_package(plan, described)))
    (folder / INSIDE / "attack.json").write_bytes(package.as_json(list(plan.attack_reports)))
    manifest = package.as_json(_manifest(plan, folder, rows, counts))
    (folder / MANIFEST).write_bytes(manifest)
    (folder / DIGEST).write_text(f"sha256:{hashlib.sha256(manifest).hexdigest()}\n", encoding="ascii")


def _facts(plan: ReleasePlan) -> dict[str, str]:
    facts = {
        "naam": plan.name,
        "titel": plan.title,
        "uitgever": plan.publisher,
        "verzonnen": "ja" if plan.is_invented else "nee",
    }
    return {**facts, "let_op": f"{files.INVENTED_TITLE} in deze uitgave"} if plan.is_invented else facts


def _refuse_undescribed(connection: duckdb.DuckDBPyConnection) -> None:
    for column, table in (("indicator", "indicatoren"), ("periode", "perioden")):
        found = connection.execute(
            f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM cellen_per_indicator "
            f"EXCEPT SELECT CAST({column} AS VARCHAR) FROM {table} ORDER BY 1"
        ).fetchall()
        if found:
            raise ReleaseError(
                f"No description for {column} {', '.join(row[0] for row in found)}. Nothing was written. "
                f"Give `publish` its {'declaration' if column == 'indicator' else 'status'}."
            )


def _write_open_files(
    connection: duckdb.DuckDBPyConnection, plan: ReleasePlan, folder: Path, *, indicators: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Parquet and CSV of every table; gives what the data package must know of each CSV."""
    marks = {"zorgspiegel": "; ".join(f"{key}: {value}" for key, value in sorted(_facts(plan).items()))}
    everything = files.cells_query(plan.invented)
    files.write_parquet(connection, everything, folder / files.PARQUET.format(table="cellen"), marks=marks)
    dangerous = files.dangerous_columns(connection, "cellen_per_indicator")
    written: dict[str, dict[str, Any]] = {}
    for indicator in indicators:
        path = files.CELLS_CSV.format(indicator=indicator)
        query = files.cells_query(plan.invented, indicator=indicator)
        files.write_csv(connection, query, folder / path, dangerous=dangerous)
        written[path] = {"indicator": indicator}
    for planned in plan.references:
        query = files.reference_query(connection, planned.name, is_invented=planned.is_invented)
        files.write_parquet(connection, query, folder / files.PARQUET.format(table=planned.name), marks=marks)
        path = files.CSV.format(table=planned.name)
        dangerous_here = files.dangerous_columns(connection, planned.name)
        files.write_csv(connection, query, folder / path, dangerous=dangerous_here)
        written[path] = {}
    return written


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    by_status = connection.execute(
        "SELECT CAST(status AS VARCHAR), count(*) FROM cellen_per_indicator GROUP BY 1 ORDER BY 1"
    )
    statuses = dict(by_status.fetchall())
    versions = connection.execute(
        "SELECT DISTINCT CAST(indicator AS VARCHAR), CAST(definitie_versie AS VARCHAR) "
        "FROM cellen_per_indicator ORDER BY 1, 2"
    ).fetchall()
    definitions: dict[str, list[str]] = {}
    for indicator, version in versions:
        definitions.setdefault(indicator, []).append(version)
    return {"statuses": statuses, "definities": definitions}


def _facts_of_file(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def _manifest(
    plan: ReleasePlan, folder: Path, rows: Mapping[str, int], counts: Mapping[str, Any]
) -> dict[str, Any]:
    contents = {path: _facts_of_file(folder / path) for path in paths_of(folder)}
    cells = [
        f"{path} {facts['sha256']}\n" for path, facts in contents.items() if path.startswith("csv/cellen/")
    ]
    manifest = {
        "formaat": FORMAT,
        "naam": plan.name,
        "titel": plan.title,
        "uitgever": plan.publisher,
        "verzonnen": plan.is_invented,
        "verzonnen_indicatoren": sorted(plan.invented),
        "verzonnen_tabellen": sorted(planned.name for planned in plan.references if planned.is_invented),
        "code_versie": plan.code_version,
        "duckdb_versie": duckdb.__version__,
        "definities": counts["definities"],
        "perioden": {period: str(status) for period, status in sorted(plan.period_statuses.items())},
        "invoer": dict(sorted(plan.inputs.items())),
        "rijen": dict(sorted(rows.items())),
        "antwoorden": counts["statuses"],
        "inhoud_cellen": f"sha256:{hashlib.sha256(''.join(cells).encode()).hexdigest()}",
        "bestanden": contents,
        "vervangt": plan.replaces,
        "reden": plan.reason,
        "gebouwd_op": plan.built_at,
    }
    return {key: value for key, value in manifest.items() if value is not None}


def _seal(folder: Path) -> None:
    """Everything on disk for certain, and closed for writing; the folder itself follows after its rename."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _same_or_refuse(building: Path, target: Path) -> Path:
    there = target / DIGEST
    if there.is_file() and there.read_bytes() == (building / DIGEST).read_bytes():
        return target
    raise ReleaseError(
        f"Release {target.name!r} exists and holds something else. A release never changes: "
        "choose another name, and say what it replaces and why."
    )


def discard(folder: Path) -> None:
    """Remove a folder that was closed for writing: an unfinished build, or a release that nobody may see."""
    if not folder.exists():
        return
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


def valid_name(name: str) -> str:
    """The name, when it can be one; raises ReleaseError otherwise (it becomes a path)."""
    if not RELEASE_NAME.fullmatch(name):
        raise ReleaseError(
            "A release is named with lower case letters, digits and dashes, at most 63: 2026-voorjaar."
        )
    return name

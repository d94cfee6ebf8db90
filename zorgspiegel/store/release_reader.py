"""Reads releases: what the portal and the interfaces see. Nothing here can change one.

The DuckDB file is opened read-only, without access to any other file, with its settings locked, and every
question carries its values as parameters. A question that takes too long is stopped.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.store.release_database import FILE_NAME, HAS_COSTS, HAS_PERSONS, ORDERS
from zorgspiegel.store.releases import CURRENT, DIGEST, FORMAT, MANIFEST, valid_name
from zorgspiegel.store.watchdog import Watchdog
from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.release import REFERENCES
from zorgspiegel.terms.tables import PROTECTED_CELLS

Choice = str | int | Sequence[str] | Sequence[int] | None

FEW_AREAS = 50
"""Up to here it pays to pick areas one by one; above, one run over the indicator is quicker."""

CELLS_SCHEMA: pa.Schema = PROTECTED_CELLS.schema.to_pyarrow()


class Release:
    """One release, opened for reading. Safe to share between threads; close it when the process ends.

    name, folder: where it is.     manifest: its manifest.json.     digest: sha256 of that manifest.
    """

    def __init__(self, folder: Path, *, memory_limit: str, threads: int, seconds: float) -> None:
        self.folder = folder
        self.name = folder.name
        self.manifest, self.digest = read_manifest(folder)
        self._watchdog = Watchdog(seconds)
        self._connection = _open(folder / FILE_NAME, memory_limit=memory_limit, threads=threads)
        self._guard = threading.Lock()
        self._known = self._enum_values()
        self._tables: dict[str, pa.Table] = {}
        # A release is shared until the process ends. DuckDB complains loudly about what is then still open.
        atexit.register(self.close)

    @property
    def is_invented(self) -> bool:
        """True when anything in it is invented; screens and files must then say so."""
        return bool(self.manifest["verzonnen"])

    def slice(
        self,
        *,
        indicator: Choice = None,
        periode: Choice = None,
        indelingsjaar: Choice = None,
        gebied_niveau: Choice = None,
        gebiedscode: Choice = None,
        categorie: Choice = None,
        leeftijd: Choice = None,
        geslacht: Choice = None,
    ) -> pa.Table:
        """The cells that fit every choice: columns of PROTECTED_CELLS, always in the same order of rows.

        A choice is one value, several, or None for all. What does not occur gives no rows.
        Rows come in the order of the run that was read: by area for few areas, else by indicator.
        """
        choices: dict[str, Choice] = {
            "indicator": indicator,
            "periode": periode,
            "indelingsjaar": indelingsjaar,
            "gebied_niveau": gebied_niveau,
            "gebiedscode": gebiedscode,
            "categorie": categorie,
            "leeftijd": leeftijd,
            "geslacht": geslacht,
        }
        chosen = {column: _several(choice) for column, choice in choices.items() if choice is not None}
        known = {column: self._that_occur(column, values) for column, values in chosen.items()}
        if not all(known.values()):
            return CELLS_SCHEMA.empty_table()
        areas = known.get("gebiedscode")
        table = "cellen_per_gebied" if areas and len(areas) <= FEW_AREAS else "cellen_per_indicator"
        question = f"FROM {table} WHERE {_conditions(known)} {_order(table, known)}"
        found = self._ask(question, [value for values in known.values() for value in values])
        return _plain(_with_nulls(found), CELLS_SCHEMA)

    def table(self, name: str) -> pa.Table:
        """A table beside the cells (terms.release.REFERENCES), in the order of its key. Kept in memory."""
        if name not in REFERENCES or name not in self.manifest["rijen"]:
            there = ", ".join(sorted(set(self.manifest["rijen"]) & set(REFERENCES)))
            raise ReleaseError(f"Release {self.name} has no table {name!r}. It has: {there}.")
        if name not in self._tables:
            self._tables[name] = self._read_table(name)
        return self._tables[name]

    def close(self) -> None:
        """Close the file. Questions that are still running are stopped."""
        atexit.unregister(self.close)
        self._watchdog.stop()
        self._connection.close()

    def _enum_values(self) -> dict[str, frozenset[str]]:
        """Per text column of a cell which values occur; they stand in the file as ENUMs, so this is quick."""
        names = [column.name for column in PROTECTED_CELLS.columns if column.type == "string"]
        query = ", ".join(f"enum_range(CAST(NULL AS {name}_waarde))" for name in names)
        values = self._connection.execute(f"SELECT {query}").fetchall()[0]
        return {name: frozenset(found) for name, found in zip(names, values, strict=True)}

    def _that_occur(self, column: str, values: tuple[Any, ...]) -> list[Any]:
        """The chosen values that a cell can have. DuckDB refuses to cast any other text to the ENUM."""
        if column == "indelingsjaar":
            return sorted({int(value) for value in values if -32_768 <= int(value) <= 32_767})
        return sorted({str(value) for value in values} & self._known[column])

    def _ask(self, query: str, values: Sequence[Any]) -> pa.Table:
        """Run one question on a cursor of its own, and stop it when it takes too long."""
        with self._guard:
            cursor = self._connection.cursor()
        try:
            with self._watchdog.over(cursor):
                return cursor.sql(query, params=list(values)).to_arrow_table()
        except duckdb.InterruptException as error:
            raise ReleaseError(
                f"A question to release {self.name} was stopped after {self._watchdog.seconds:g} seconds. "
                "Ask for less at once."
            ) from error
        finally:
            cursor.close()

    def _read_table(self, name: str) -> pa.Table:
        reference = REFERENCES[name]
        found = self._ask(f"FROM {name} ORDER BY {', '.join(reference.key)}", [])
        wanted = {column.name: column for column in reference.shape.schema.to_pyarrow()}
        return _plain(found, pa.schema([wanted.get(field.name, _decoded(field)) for field in found.schema]))


def _several(choice: Any) -> tuple[Any, ...]:
    return (choice,) if isinstance(choice, str | int) else tuple(choice)


def _with_nulls(cells: pa.Table) -> pa.Table:
    """Numbers that a cell does not have become null again; quicker here than as CASE in the question."""
    has = cells.column("getallen")
    for column, bit in (("aantal_personen", HAS_PERSONS), ("kosten_eur", HAS_COSTS)):
        is_there = pc.not_equal(pc.bit_wise_and(has, pa.scalar(bit, pa.uint8())), pa.scalar(0, pa.uint8()))
        shown = pc.if_else(is_there, cells.column(column), pa.scalar(None, cells.schema.field(column).type))
        cells = cells.set_column(cells.schema.get_field_index(column), column, shown)
    return cells


def _conditions(known: Mapping[str, Sequence[Any]]) -> str:
    """One condition per column with a question mark per value; values never become part of the text."""
    parts = [f"{column} IN ({', '.join([_mark(column)] * len(values))})" for column, values in known.items()]
    return " AND ".join(parts) or "true"


def _order(table: str, known: Mapping[str, Sequence[Any]]) -> str:
    """Sorting is only needed where DuckDB may turn a list of values into a join.

    With one value per column it promises the order of insertion (its page "order preservation").
    """
    several = any(len(values) > 1 for values in known.values())
    return f"ORDER BY {', '.join(ORDERS[table])}" if several else ""


def _mark(column: str) -> str:
    return "CAST(? AS SMALLINT)" if column == "indelingsjaar" else f"CAST(? AS {column}_waarde)"


def _decoded(field: pa.Field) -> pa.Field:
    return pa.field(field.name, field.type.value_type) if pa.types.is_dictionary(field.type) else field


def _plain(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows with the types of the shape: ENUMs become texts, small integers become int64."""
    columns = []
    for field in schema:
        column = table.column(field.name)
        if pa.types.is_dictionary(column.type):
            column = pc.cast(column, column.type.value_type)
        columns.append(column if column.type == field.type else pc.cast(column, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest and its digest. Raises ReleaseError when either is missing, damaged or too new."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        promised = (folder / DIGEST).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{folder} is not a release: {MANIFEST} or {DIGEST} cannot be read.") from error
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    if promised != f"{digest}\n":
        raise ReleaseError(
            f"Release {folder.name} is damaged: {MANIFEST} does not have the digest in {DIGEST}."
        )
    manifest = json.loads(raw)
    if manifest["formaat"] > FORMAT:
        raise ReleaseError(
            f"Release {folder.name} has format {manifest['formaat']}; this version reads {FORMAT}."
        )
    if manifest["naam"] != folder.name:
        raise ReleaseError(
            f"The folder {folder.name} holds release {manifest['naam']!r}. Give it that name again."
        )
    return manifest, digest


def _open(path: Path, *, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    try:
        connection = duckdb.connect(
            str(path),
            read_only=True,
            config={
                "threads": threads,
                "memory_limit": memory_limit,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
    except duckdb.Error as error:
        raise ReleaseError(
            f"{path} cannot be opened: it is damaged, or open already in this process with other limits. "
            f"Run: zorgspiegel release verify {path.parent.name}."
        ) from error
    _lock(connection)
    return connection


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    """No other file, no spilling, no change of settings. In this order: afterwards DuckDB refuses to be told.

    Within one process DuckDB shares what is open already; then it is locked already.
    """
    locked, outside = connection.execute(
        "SELECT current_setting('lock_configuration'), current_setting('enable_external_access')"
    ).fetchall()[0]
    if locked and not outside:
        return
    connection.execute("SET temp_directory = ''")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def open_release(
    folder: Path, *, memory_limit: str = "1GB", threads: int = 1, seconds: float = 10.0
) -> Release:
    """Open a release for reading. Raises ReleaseError when it is missing or damaged.

    threads: one is quickest for the small answers of a screen, and leaves the others to other readers.
    seconds: how long one question may take.
    """
    return Release(folder, memory_limit=memory_limit, threads=threads, seconds=seconds)


_opening = threading.Lock()
"""Two threads that open the same release at once would lock its settings under each other's hands."""


@functools.lru_cache(maxsize=8)
def _shared(folder: Path, _digest: str) -> Release:
    return open_release(folder)


def current_name(root: Path) -> str | None:
    """Name of the release that `current` points at; None when nothing was published yet."""
    try:
        return valid_name((root / CURRENT).read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None


def current_release(root: Path) -> Release | None:
    """The release that `current` points at, opened once and shared; None when nothing was published yet."""
    name = current_name(root)
    return None if name is None else named_release(root, name)


def named_release(root: Path, name: str) -> Release:
    """A release by its name (a frozen permalink), opened once and shared. Raises ReleaseError when absent."""
    folder = folder_of(root, name)
    with _opening:
        return _shared(folder.resolve(), (folder / DIGEST).read_text(encoding="ascii"))


def folder_of(root: Path, name: str) -> Path:
    """The folder of a release. Raises ReleaseError that names the releases that there are."""
    folder = root / valid_name(name)
    if not (folder / DIGEST).is_file():
        there = ", ".join(list_releases(root)) or "none yet"
        raise ReleaseError(f"There is no release {name!r} in {root}. There are: {there}.")
    return folder


def list_releases(root: Path) -> list[str]:
    """Names of the complete releases below `root`, sorted."""
    return sorted(
        path.parent.name for path in root.glob(f"*/{DIGEST}") if not path.parent.name.startswith(".")
    )


@contextmanager
def opened(folder: Path) -> Iterator[Release]:
    """A release for the length of a block; for commands, not for the web."""
    release = open_release(folder)
    try:
        yield release
    finally:
        release.close()

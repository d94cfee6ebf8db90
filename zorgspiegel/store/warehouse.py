"""The warehouse: what was imported, as Parquet, one file per table, source and year.

A catalogue (`catalogue.json`) says which files count. Files are named after their content and never change; a
write puts new files beside the old ones, and only then replaces the catalogue, in one rename. So whoever
reads sees the state before or after an import, never half of one, also when the machine stops in between.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.errors import ShapeError, SourceError
from zorgspiegel.terms.shapes import Shape
from zorgspiegel.terms.tables import WAREHOUSE

CATALOGUE = "catalogue.json"


@dataclass(frozen=True, order=True)
class Entry:
    """One Parquet file: which table, source and year it holds."""

    table: str
    source: str
    year: int
    file: str
    rows: int
    sha256: str
    shipped: bool = False
    """Part of the package's own reference data, unchanged."""


class Warehouse:
    """A folder with tables. Reading needs only the folder; writing takes a lock and is all or nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def entries(self) -> list[Entry]:
        """Every file that counts, in a fixed order."""
        path = self.folder / CATALOGUE
        if not path.is_file():
            return []
        return sorted(Entry(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))["files"])

    def has(self, table_name: str, source: str | None = None, year: int | None = None) -> bool:
        """Is there anything of this table (of this source, of this year)?"""
        return any(_fits(entry, table_name, source, year) for entry in self.entries())

    def years(self, table_name: str, source: str | None = None) -> list[int]:
        """The years of which this table has rows, ascending."""
        return sorted({e.year for e in self.entries() if _fits(e, table_name, source, None)})

    def read(
        self, con: Any, table_name: str, *, source: str | None = None, year: int | None = None
    ) -> ir.Table:
        """All rows of a table on this backend; an empty table of its shape when there are none."""
        found = [entry for entry in self.entries() if _fits(entry, table_name, source, year)]
        return _read(self.folder, con, table_name, found)

    def write(
        self, table_name: str, shape: Shape, source: str, year: int, expr_or_arrow: Any, *, con: Any = None
    ) -> Entry:
        """Put one table of one source and year in the place of what was there. Raises ShapeError.

        expr_or_arrow: an Ibis expression (of `con`, or of the backend that it belongs to) or an Arrow table.
        """
        with self.changing() as change:
            return change.write(table_name, shape, source, year, expr_or_arrow, con=con)

    def digest(self) -> str:
        """One digest over everything that is in it: same content, same digest."""
        lines = [f"{e.table} {e.source} {e.year} {e.sha256}" for e in self.entries()]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @contextlib.contextmanager
    def changing(self) -> Iterator[Change]:
        """Several writes that count together or not at all. One writer at a time; others wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            change = Change(self)
            try:
                yield change
                change.commit()
            finally:
                change.sweep()


class Change:
    """Writes that are not visible yet. `Warehouse.changing()` makes one, and commits it in the end."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._before = warehouse.entries()
        self._entries = {(e.table, e.source, e.year): e for e in self._before}

    def read(
        self, con: Any, table_name: str, *, source: str | None = None, year: int | None = None
    ) -> ir.Table:
        """As `Warehouse.read`, with the writes of this change in it."""
        found = [entry for entry in self._entries.values() if _fits(entry, table_name, source, year)]
        return _read(self._warehouse.folder, con, table_name, found)

    def has(self, table_name: str, source: str | None = None, year: int | None = None) -> bool:
        """As `Warehouse.has`, with the writes of this change in it."""
        return any(_fits(entry, table_name, source, year) for entry in self._entries.values())

    def write(
        self, table_name: str, shape: Shape, source: str, year: int, expr_or_arrow: Any, *, con: Any = None
    ) -> Entry:
        """As `Warehouse.write`, visible when the change is done."""
        assert WAREHOUSE.get(table_name, shape) is shape, f"{table_name} must be written with its own shape"
        folder = self._warehouse.folder / table_name
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", suffix=".parquet", dir=folder)
        os.close(handle)
        path = Path(name)
        try:
            rows = _write_parquet(path, shape, expr_or_arrow, con, where=f"warehouse table {table_name}")
            sha256 = _sync_and_digest(path)
            target = folder / f"{source}.{year}.{sha256[:12]}.parquet"
            path.replace(target)
        finally:
            path.unlink(missing_ok=True)
        _sync_folder(folder)
        file = str(target.relative_to(self._warehouse.folder))
        entry = Entry(table_name, source, year, file, rows, sha256)
        self._entries[table_name, source, year] = entry
        return entry

    def adopt(self, entry: Entry, content: bytes) -> None:
        """Take over a file of another warehouse as it is (the shipped reference data)."""
        key = (entry.table, entry.source, entry.year)
        if key in self._entries and not self._entries[key].shipped:
            return  # what a person imported is worth more
        assert hashlib.sha256(content).hexdigest() == entry.sha256, (
            f"{entry.file} is not what its catalogue says"
        )
        target = self._warehouse.folder / entry.file
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            _replace(target, content)
        self._entries[key] = replace(entry, shipped=True)

    def commit(self) -> None:
        """The one moment in which everything becomes visible."""
        files = [entry.__dict__ for entry in sorted(self._entries.values())]
        text = json.dumps({"files": files}, indent=1, ensure_ascii=False) + "\n"
        _replace(self._warehouse.folder / CATALOGUE, text.encode())

    def sweep(self) -> None:
        """Remove files that do not count, except those of just before: a reader may still be at them."""
        counting = {entry.file for entry in (*self._warehouse.entries(), *self._before)}
        for path in self._warehouse.folder.glob("*/*.parquet"):
            if str(path.relative_to(self._warehouse.folder)) not in counting:
                path.unlink(missing_ok=True)


def _fits(entry: Entry, table: str, source: str | None, year: int | None) -> bool:
    return entry.table == table and source in {None, entry.source} and year in {None, entry.year}


def _read(folder: Path, con: Any, table: str, entries: list[Entry]) -> ir.Table:
    if table not in WAREHOUSE:
        raise SourceError(f"The warehouse has no table {table!r}. It has: {', '.join(WAREHOUSE)}.")
    shape = WAREHOUSE[table]
    files = [str(folder / entry.file) for entry in sorted(entries)]
    if not files:
        return ibis.memtable(shape.schema.to_pyarrow().empty_table(), schema=shape.schema)
    if con.name == "duckdb":
        found = con.read_parquet(files)
    else:  # Spark takes one path at a time
        parts = [con.read_parquet(file) for file in files]
        found = ibis.union(*parts) if len(parts) > 1 else parts[0]
    # Engines read whole numbers and decimals back in their own width; the shape says which.
    return found.select(**{c.name: found[c.name].cast(c.type) for c in shape.columns})


def _write_parquet(path: Path, shape: Shape, data: Any, con: Any, *, where: str) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if isinstance(data, pa.Table):
        if sorted(data.schema.names) != sorted(shape.names):
            raise ShapeError(f"{where}: the columns must be exactly {', '.join(shape.names)}.")
        data = data.select(list(shape.names)).cast(shape.schema.to_pyarrow())
        pq.write_table(data, path, compression="zstd")
        return int(data.num_rows)
    shape.check(data, where=where)
    wanted = data.select(**{c.name: data[c.name].cast(c.type) for c in shape.columns})
    backend = con if con is not None else data.get_backend()
    if backend.name == "duckdb":
        backend.to_parquet(wanted, path, compression="zstd")
    else:
        pq.write_table(backend.to_pyarrow(wanted), path, compression="zstd")
    return int(pq.read_metadata(path).num_rows)


def _sync_and_digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(target: Path, content: bytes) -> None:
    """Write beside it, force it to disk, then rename: readers see the old file or the new one."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
    _sync_folder(target.parent)

"""Where one installation keeps its things: one folder, and the names of what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folder of an installation. `config.environment.home()` says which; nothing else reads it."""

    root: Path

    @property
    def database(self) -> Path:
        """SQLite file of the changing state, when no PostgreSQL is set."""
        return self.root / "db.sqlite3"

    @property
    def warehouse(self) -> Path:
        """Imported public sources and facts of accepted deliveries, as Parquet."""
        return self.root / "warehouse"

    @property
    def deliveries(self) -> Path:
        """Deliveries as received, encrypted, and the locked keys of each (`store.blobs`)."""
        return self.root / "deliveries"

    @property
    def public_key(self) -> Path:
        """Locks deliveries. The web process needs it."""
        return self.root / "keys" / "deliveries.pub"

    @property
    def private_key(self) -> Path:
        """Opens deliveries. Only the worker may read it; it never leaves the worker's machine."""
        return self.root / "keys" / "deliveries.key"

    @property
    def releases(self) -> Path:
        """Immutable releases, and the pointer to the current one."""
        return self.root / "releases"

    @property
    def cache(self) -> Path:
        """What can be thrown away: figures that were drawn, spilled tables."""
        return self.root / "cache"

    def make(self) -> Home:
        """Create the folders that do not exist yet, readable by the owner only."""
        folders = (
            self.root,
            self.warehouse,
            self.deliveries,
            self.releases,
            self.cache,
            self.public_key.parent,
        )
        for folder in folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

"""For tests of imports: small files of our own, through the production door into a warehouse in a folder."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from zorgspiegel.pipeline.imports import Imported, import_files
from zorgspiegel.store.definitions import load
from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.terms.sources import Source

VEKTIS_HEADER = (
    "geslacht;leeftijdsklasse;gemeentenaam;aantal_bsn;aantal_verzekerdejaren;kosten_medisch_specialistische_zorg;"
    "kosten_farmacie;kosten_huisarts_inschrijftarief;kosten_huisarts_consult;kosten_huisarts_overig;"
    "kosten_hulpmiddelen;kosten_mondzorg;kosten_paramedische_zorg_fysiotherapie;kosten_paramedische_zorg_overig;"
    "kosten_ziekenvervoer_zittend;kosten_ziekenvervoer_liggend;kosten_kraamzorg;kosten_verloskundige_zorg;"
    "kosten_grensoverschrijdende_zorg;kosten_eerstelijns_ondersteuning;kosten_overig;kosten_tweedelijns_ggz;"
    "kosten_eerstelijns_psychologische_zorg"
)
"""The columns of 2012, invented rows below them."""


def vektis(*rows: tuple[str, str, str, str, str, str]) -> str:
    """A Vektis file of 2012: sex, age, gemeente, persons, years, cost of farmacie; all other costs are 0."""
    lines = [VEKTIS_HEADER]
    for sex, age, gemeente, persons, years, farmacie in rows:
        lines.append(";".join([sex, age, gemeente, persons, years, "0", farmacie, *["0"] * 16]))
    return "\n".join(lines) + "\n"


def source(name: str) -> Source:
    """A source definition."""
    return load("sources", name, Source)


class Desk:
    """Where files are put down and imported, and what became of them can be seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = Warehouse(folder / "warehouse")
        self.con = duckdb_connection(threads=1)

    def put(self, name: str, content: str | bytes) -> Path:
        """A file with this content, UTF-8; gzipped when the name says so."""
        path = self.folder / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        return path

    def bring(self, source_name: str, name: str, content: str | bytes, year: int | None = None) -> Imported:
        """Put a file down and import it; it must be of one year."""
        (only,) = import_files(source(source_name), [self.put(name, content)], self.warehouse, year=year)
        return only

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Everything that the warehouse has in a table, in a fixed order."""
        found = self.con.to_pyarrow(self.warehouse.read(self.con, table)).to_pylist()
        return sorted(found, key=str)

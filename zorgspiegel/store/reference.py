"""The reference data that the package ships (CC-BY, see ATTRIBUTION.md there): a warehouse in itself, to read
only.

`scripts/reference.py` makes it from public files.
"""

from __future__ import annotations

from pathlib import Path

from zorgspiegel.store.definitions import ROOT
from zorgspiegel.store.warehouse import Warehouse

REFERENCE = ROOT / "reference"


def load_reference(warehouse: Warehouse, *, folder: Path = REFERENCE) -> int:
    """Put the shipped areas, members, populations, postcodes and borders into a warehouse; how many files.

    What was imported under another source id stays. Loading twice changes nothing.
    """
    shipped = Warehouse(folder)
    entries = shipped.entries()
    with warehouse.changing() as change:
        for entry in entries:
            change.adopt(entry, (folder / entry.file).read_bytes())
    return len(entries)

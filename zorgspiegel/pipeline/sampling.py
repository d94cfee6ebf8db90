"""Sample data for the demo: real public figures where there are any, invented deliveries, and a release.

Nothing here takes a shorter way: public files go through `importing`, invented deliveries are files that go
through `delivering`, and the release is built by `releasing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis.expr.types as ir

from zorgspiegel import __version__
from zorgspiegel.pipeline.delivering import deliver
from zorgspiegel.pipeline.imports import import_files
from zorgspiegel.pipeline.releasing import build_release
from zorgspiegel.store import definitions
from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.home import Home
from zorgspiegel.store.query import fetch
from zorgspiegel.store.reference import load_reference
from zorgspiegel.store.releases import set_current
from zorgspiegel.store.standards import load_standard
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.synthetic import invent, read_land, zvw_facts
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.sources import Source
from zorgspiegel.terms.tables import FACTS

Tell = Callable[[str], None]

PUBLIC_FILES = {
    "regios": (
        "regions/gemeente_zorgkantoorregio_2023_derived.csv",
        "regions/gemeente_ggd_corop_2024_derived.csv",
    ),
    "vektis": ("zvw_vektis/vektis_*_gemeente.csv.gz",),
    "kwb": ("population/kwb_2024_gemeente_wijk.csv",),
    "rivm-gezondheid": ("health/rivm_gezondheid_*.csv.gz",),
    "nza-wachttijden": ("wachttijden_ggz/nza_wachttijden_ggz_*.csv",),
}
"""Public files that the demo takes when they are there: source -> where in the data folder."""

WMO_YEARS = (2024, 2025)
ZVW_YEARS = (2020, 2022, 2023)
SEED = 20261122

PROVINCE = "PV26"
"""Utrecht: its gemeenten deliver in the demo. The land is then shown as not complete, as in real life."""


def fingerprint(data: Path | None, whole_land: bool) -> dict[str, Any]:
    """What the sample was made of: the same again needs no new release."""
    files = (
        {} if data is None else {p.name: p.stat().st_size for paths in _found(data).values() for p in paths}
    )
    rules = hashlib.sha256()
    for path in sorted(definitions.ROOT.rglob("*")):
        if path.is_file():
            rules.update(path.read_bytes())
    return {
        "version": __version__,
        "definitions": rules.hexdigest(),
        "files": files,
        "whole_land": whole_land,
        "years": list(WMO_YEARS),
        "seed": SEED,
    }


def fill(place: Home, data: Path | None, release: str, *, whole_land: bool, tell: Tell) -> Path:
    """Import, deliver, build, and let people see it; the folder of the release.

    data:       folder with public files; None or without Vektis in it: the Zvw figures are invented too.
    whole_land: deliver Wmo for every gemeente and not for one provincie. That takes long.
    """
    warehouse = Warehouse(place.warehouse)
    load_reference(warehouse)
    found = {} if data is None else _found(data)
    for source, paths in found.items():
        tell(f"importing {source}: {', '.join(path.name for path in paths)}")
        import_files(definitions.load("sources", source, Source), paths, warehouse)
    if "vektis" not in found:
        tell("no Vektis files found: inventing Zvw figures, marked as invented")
        _invent_zvw(place)
    for year in WMO_YEARS:
        tell(f"inventing and delivering Wmo of {year}")
        _deliver_wmo(place, year, None if whole_land else PROVINCE)
    tell("building the release")
    folder = build_release(release, home=place, tell=tell)
    set_current(place.releases, release)
    return folder


def _found(data: Path) -> dict[str, list[Path]]:
    found = {
        source: sorted(path for pattern in patterns for path in data.glob(pattern))
        for source, patterns in PUBLIC_FILES.items()
    }
    return {source: paths for source, paths in found.items() if paths}


def _invent_zvw(place: Home) -> None:
    warehouse, con = Warehouse(place.warehouse), duckdb_connection(folder=place.cache / "spill")
    try:
        areas, population = warehouse.read(con, "areas"), warehouse.read(con, "population")
        with warehouse.changing() as change:
            for year in ZVW_YEARS:
                facts = zvw_facts(read_land(areas, population, year=year), year=year, seed=SEED)
                change.write("facts", FACTS, "zvw-verzonnen", year, facts, con=con)
    finally:
        con.disconnect()


def _deliver_wmo(place: Home, year: int, province: str | None) -> None:
    """Invented files, each through the same check as a real one, which must accept what we make."""
    warehouse, con = Warehouse(place.warehouse), duckdb_connection(folder=place.cache / "spill")
    try:
        areas = warehouse.read(con, "areas")
        files = invent(
            load_standard("qsd301"),
            areas=areas,
            population=warehouse.read(con, "population"),
            period=Period(year),
            seed=SEED,
            gemeenten=None if province is None else _gemeenten_of(con, areas, province, year),
        )
        with warehouse.changing() as change, TemporaryDirectory(prefix="zorgspiegel-demo-") as folder:
            for name, content in files:
                path = Path(folder) / name
                path.write_bytes(content)
                outcome = deliver(path, "qsd301", home=place, invented=True, change=change)
                assert outcome.accepted, f"we invented a delivery that we refuse: {outcome.findings[0].code}"
                path.unlink()
    finally:
        con.disconnect()


def _gemeenten_of(con: Any, areas: ir.Table, province: str, year: int) -> list[str]:
    found = areas.filter(
        (areas.gebied_niveau == "gemeente") & (areas.oudercode == province) & (areas.indelingsjaar == year)
    )
    return sorted(row["gebiedscode"] for row in fetch(con, found.select("gebiedscode").distinct()))

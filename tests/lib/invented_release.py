"""An invented release, small but with every answer in it: shown, zero, hidden, unknown, not applicable."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from zorgspiegel.publish import publish
from zorgspiegel.terms.protected import Protected
from zorgspiegel.terms.release import REFERENCES, Attribution, ReleasePlan
from zorgspiegel.terms.statuses import PeriodStatus
from zorgspiegel.terms.tables import PROTECTED_CELLS

GEMEENTEN = tuple(f"GM{code:04d}" for code in (3, 14, 34, 307, 363, 599, 1992))
INDICATORS = {
    "zvw_kosten": {
        "titel": "Kosten Zvw",
        "definitie": "Kosten die zorgverzekeraars betaalden.",
        "eenheid": "euro",
        "bron": "vektis",
        "noemer": "aantal_personen",
    },
    "wmo_clienten": {
        "titel": "Cliënten Wmo",
        "definitie": "Personen met een maatwerkvoorziening.",
        "eenheid": "personen",
        "bron": "qsd301",
    },
}
SOURCES = (
    Attribution("cbs", "CBS", "Bron: CBS.", "CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", ""),
    Attribution("qsd301", "Aanlevering", "Verzonnen.", "CC0-1.0", "", ""),
)
NAMES = {"GM0003": "=HYPERLINK(1)", "GM0014": "Groningen", "GM0034": "-Almere"}
"""Names of areas are no texts of ours: two of them try to be a formula."""


def cells(indicator: str, *, years: tuple[str, ...] = ("2022", "2023"), seed: int = 1) -> pa.Table:
    """Cells of one indicator for the land and seven gemeenten, in no particular order."""
    rows = []
    combinations = itertools.product(
        years, ("NL01", *GEMEENTEN), ("T", "hulp"), ("T", "0-17", "18+"), ("T", "M", "V")
    )
    for number, (year, area, care, age, sex) in enumerate(combinations):
        draw = (number * 7919 + seed * 104_729) % 97
        status = {0: "onbekend", 1: "niet_van_toepassing"}.get(draw, "geheim" if draw < 20 else "getoond")
        persons = (draw - 20) * 13 if status == "getoond" else None
        costs = (
            Decimal(persons * 12_345 + 7) / 100 if persons is not None and indicator == "zvw_kosten" else None
        )
        rows.append(
            {
                "indicator": indicator,
                "definitie_versie": "1",
                "periode": year,
                "indelingsjaar": int(year[:4]),
                "gebied_niveau": "land" if area == "NL01" else "gemeente",
                "gebiedscode": area,
                "categorie": care,
                "leeftijd": age,
                "geslacht": sex,
                "aantal_personen": persons,
                "kosten_eur": costs,
                "status": status,
            }
        )
    rows.reverse()
    return pa.Table.from_pylist(rows, schema=PROTECTED_CELLS.schema.to_pyarrow())


def protected(table: pa.Table) -> Protected:
    """What `protect` would have given; only tests may make one themselves."""
    return Protected(ibis.memtable(table), profile="gzs", report={"teruggevonden": 0})


def areas() -> ibis.Table:
    """The land and seven gemeenten, in two years."""
    rows = [
        {
            "gebied_niveau": "land" if code == "NL01" else "gemeente",
            "gebiedscode": code,
            "indelingsjaar": year,
            "naam": NAMES.get(code, code),
            "oudercode": None if code == "NL01" else "NL01",
        }
        for year in (2022, 2023)
        for code in ("NL01", *GEMEENTEN)
    ]
    return _memtable("gebieden", rows)


def population() -> ibis.Table:
    """Inhabitants; one of them not published."""
    rows = [
        {
            "jaar": year,
            "gebied_niveau": "gemeente",
            "gebiedscode": code,
            "leeftijd": "T",
            "geslacht": "T",
            "aantal_inwoners": None if code == "GM1992" else 1000 * number + year,
        }
        for year in (2022, 2023)
        for number, code in enumerate(GEMEENTEN)
    ]
    return _memtable("inwoners", rows)


def plan(name: str = "2026-voorjaar", **changes: Any) -> ReleasePlan:
    """The plan of a small release of two indicators, one of them invented."""
    given: dict[str, Any] = {
        "title": "Voorjaar 2026",
        "indicators": INDICATORS,
        "period_statuses": {"2022": PeriodStatus.DEFINITIEF, "2023": PeriodStatus.VOORLOPIG},
        "sources": SOURCES,
        "invented": {"wmo_clienten"},
        "publisher": "Voorbeeldorganisatie",
        "code_version": "0.1.0",
        "references": {"gebieden": areas(), "inwoners": population()},
        "inputs": {"vektis_2023": "sha256:00"},
    }
    parts = changes.pop("protected", None) or [
        protected(cells(indicator)) for indicator in sorted(INDICATORS)
    ]
    return publish(parts, name=name, **(given | changes))


def _memtable(name: str, rows: list[dict[str, Any]]) -> ibis.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=REFERENCES[name].shape.schema.to_pyarrow()))

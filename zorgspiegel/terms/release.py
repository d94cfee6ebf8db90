"""A release: what is in it, in which order, and how it is described. Read and written by `store`.

A release is a folder that never changes. Its cells stand in one DuckDB file in two physical orders, because
the two questions of every screen are "this indicator, everywhere" (a map) and "this area, everything" (a
profile). Both orders hold the whole key of a cell, so they leave nothing to chance: the same cells always
come out in the same order, and so in the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis

from zorgspiegel.terms.shapes import Column, Shape
from zorgspiegel.terms.statuses import PeriodStatus
from zorgspiegel.terms.tables import (
    AREAS,
    BORDERS,
    CELL_KEY,
    KERNCIJFERS,
    POPULATION,
    POSTCODES,
    PROTECTED_CELLS,
    REGION_MEMBERS,
    RESPONSE,
)

RELEASE_NAME = re.compile(r"(?!current$)[a-z0-9][a-z0-9-]{0,62}")
"""Lower case, digits and dashes: 2026-voorjaar. It is a folder, a file name and a part of a web address;
`current` is the pointer that stands beside the folders."""

INDICATOR_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""An indicator has a file of its own in a release: its id must be safe in a path on every system."""

ORDER_BY_INDICATOR = (
    "indicator",
    "gebied_niveau",
    "categorie",
    "leeftijd",
    "geslacht",
    "indelingsjaar",
    "periode",
    "definitie_versie",
    "gebiedscode",
)
"""One map is one run of neighbours, and so is one decile fan (the same map over all periods)."""

ORDER_BY_AREA = (
    "gebiedscode",
    "indicator",
    "periode",
    "categorie",
    "leeftijd",
    "geslacht",
    "indelingsjaar",
    "definitie_versie",
    "gebied_niveau",
)
"""All that is known of one area is one run of neighbours."""

assert set(ORDER_BY_INDICATOR) == set(ORDER_BY_AREA) == set(CELL_KEY), "an order must hold the whole key"

INDICATORS = Shape(
    "indicators",
    (
        Column("indicator", "string", "id of the indicator declaration"),
        Column("titel", "string", "name on the screen, Dutch"),
        Column("definitie", "string", "what is counted, Dutch"),
        Column("eenheid", "string", "unit of the value, Dutch"),
        Column("bron", "string", "id of the source"),
        Column("is_verzonnen", "boolean", "true when the figures are invented"),
        Column("kenmerken", "string", "the whole declaration as JSON, in the order in which it was written"),
    ),
)

PERIODS = Shape(
    "periods",
    (
        Column("periode", "string", "2023 or 2025H1"),
        Column("status", "string", "one of terms.statuses.PeriodStatus"),
    ),
)

SOURCES = Shape(
    "sources",
    (
        Column("bron", "string", "id of the source"),
        Column("titel", "string", "name of the source, Dutch"),
        Column("naamsvermelding", "string", "the sentence that must stand beside its figures"),
        Column("licentie", "string", "short name of the licence"),
        Column("adres", "string", "web address of the source; empty when there is none"),
    ),
)


@dataclass(frozen=True)
class Reference:
    """A table beside the cells: its Dutch title, its shape, and the columns that name a row."""

    title: str
    shape: Shape
    key: tuple[str, ...]


REFERENCES: Mapping[str, Reference] = {
    "gebieden": Reference("Gebieden", AREAS, ("indelingsjaar", "gebied_niveau", "gebiedscode")),
    "regio_leden": Reference(
        "Regio's en hun leden", REGION_MEMBERS, ("indelingsjaar", "verzameling", "regiocode", "gebiedscode")
    ),
    "inwoners": Reference(
        "Inwoners", POPULATION, ("jaar", "gebied_niveau", "gebiedscode", "leeftijd", "geslacht")
    ),
    "postcodes": Reference("Postcodes", POSTCODES, ("jaar", "gebied_niveau", "pc4", "gebiedscode")),
    "grenzen": Reference("Grenzen", BORDERS, ("jaar", "gebied_niveau", "gebiedscode")),
    "kerncijfers": Reference(
        "Kerncijfers",
        KERNCIJFERS,
        ("bron", "periode", "indelingsjaar", "gebied_niveau", "gebiedscode", "leeftijd", "kenmerk"),
    ),
    "respons": Reference(
        "Respons", RESPONSE, ("indicator", "indelingsjaar", "gebied_niveau", "gebiedscode", "periode")
    ),
    "indicatoren": Reference("Indicatoren", INDICATORS, ("indicator",)),
    "perioden": Reference("Perioden", PERIODS, ("periode",)),
    "bronnen": Reference("Bronnen", SOURCES, ("bron",)),
}
"""The tables that may stand beside the cells. The last three are made by `publish` itself."""

CELLS_TITLE = "Cellen"


@dataclass(frozen=True)
class Attribution:
    """A source of the figures, as its licence wants it named."""

    id: str
    title: str
    credit: str
    licence: str
    licence_url: str = ""
    url: str = ""


@dataclass(frozen=True)
class PlannedTable:
    """A reference table of a plan. Its rows are sorted by the key of its Reference."""

    name: str
    table: ibis.Table
    is_invented: bool = False

    @property
    def reference(self) -> Reference:
        """Title, shape and key."""
        return REFERENCES[self.name]


@dataclass(frozen=True)
class ReleasePlan:
    """All that a release will hold, before anything is written. Only `publish` makes one; a test watches.

    cells:           one row per cell, of all indicators; shape PROTECTED_CELLS, CELL_KEY is unique.
    references:      the tables beside it, by name.
    invented:        ids of the indicators whose figures are invented.
    attack_reports:  per protection profile the report of the attack, for inside use; never served.
    inputs:          digests of what went in (deliveries, sources, definitions), by name.
    built_at:        moment of building when the caller wants it inside; None keeps the bytes free of clocks.
    """

    name: str
    title: str
    cells: ibis.Table
    references: tuple[PlannedTable, ...]
    indicators: Mapping[str, Mapping[str, Any]]
    period_statuses: Mapping[str, PeriodStatus]
    sources: tuple[Attribution, ...]
    invented: frozenset[str]
    attack_reports: tuple[Mapping[str, Any], ...]
    publisher: str
    code_version: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    replaces: str | None = None
    reason: str | None = None
    built_at: str | None = None

    def __post_init__(self) -> None:
        assert RELEASE_NAME.fullmatch(self.name), "a release is named with lower case, digits and dashes"
        PROTECTED_CELLS.check(self.cells, where="ReleasePlan")

    @property
    def is_invented(self) -> bool:
        """True when anything in it is invented: the release as a whole then says so."""
        return bool(self.invented) or any(planned.is_invented for planned in self.references)

"""The shapes of the tables that walk through the house, in the order in which they come into being.

Every column says what it means and in which unit. A count says what it counts.
"""

from __future__ import annotations

from zorgspiegel.terms.shapes import Column, Shape

ROW_NUMBER = Column("rijnummer", "int64", "row in the file; 1 = first line after the header")

TEXT_TABLE = Shape("text table", (ROW_NUMBER,), may_have_more=True)
"""A file as delivered: every column text, exactly as it stood there, plus the row number. Types come later,
from the standard or the source definition; they are never guessed."""

AREAS = Shape(
    "areas",
    (
        Column(
            "gebied_niveau", "string", "land, provincie, zorgkantoorregio, ggdregio, gemeente, wijk, buurt"
        ),
        Column("gebiedscode", "string", "CBS code with prefix, trimmed: NL01, PV22, GM0363, WK0363AA"),
        Column("indelingsjaar", "int64", "year of the division in which this code exists"),
        Column("naam", "string", "official name; never a key"),
        Column(
            "oudercode", "string", "code of the area above it in the CBS tree, same year; null for the land"
        ),
    ),
)

REGION_MEMBERS = Shape(
    "region members",
    (
        Column("verzameling", "string", "region set: provincie, zorgkantoorregio, ggdregio, or an own one"),
        Column("regiocode", "string", "code of the region within its set"),
        Column("regionaam", "string", "name of the region"),
        Column("gebiedscode", "string", "gemeente (or wijk) that belongs to it"),
        Column("indelingsjaar", "int64", "year of the division that the member code is of"),
    ),
)

AREA_TRANSITIONS = Shape(
    "area transitions",
    (
        Column("van_code", "string", "area before"),
        Column("naar_code", "string", "area after"),
        Column("van_jaar", "int64", "division year before"),
        Column("naar_jaar", "int64", "division year after"),
        Column("aandeel", "float64", "share of the addresses of van_code that went to naar_code, 0 to 1"),
    ),
)

POPULATION = Shape(
    "population",
    (
        Column("jaar", "int64", "count on 1 January of this year"),
        Column("gebied_niveau", "string", "as in areas"),
        Column("gebiedscode", "string", "as in areas"),
        Column("leeftijd", "string", "leeftijdsklasse, or T for all ages"),
        Column("geslacht", "string", "M, V, or T for all"),
        Column("aantal_inwoners", "int64", "inhabitants; null when not published"),
    ),
)

FACTS = Shape(
    "facts",
    (
        Column("indicator", "string", "id of the indicator declaration"),
        Column("periode", "string", "2023 or 2025H1"),
        Column("indelingsjaar", "int64", "division year of the area codes"),
        Column("gebiedscode", "string", "lowest area known: wijk, gemeente, or null when unknown"),
        Column("categorie", "string", "care type; T = all of them together"),
        Column("leeftijd", "string", "leeftijdsklasse; 'onbekend' when not known"),
        Column("geslacht", "string", "M, V or onbekend"),
        Column("aantal_personen", "int64", "persons that this row is about; never null, never negative"),
        Column("kosten_eur", "decimal(18, 2)", "euro; null when the source has no amount"),
        Column("herkomst", "string", "delivery or import id"),
    ),
)
"""Aggregate deliveries and imports, brought to one form: what `aggregate` takes. One row per combination and
delivery; the same combination may come from several deliveries."""

DIMENSIONS = ("categorie", "leeftijd", "geslacht")
"""The dimensions of a cell besides its area and period. An indicator that does not use one has T in it."""

CELL_KEY = (
    "indicator",
    "definitie_versie",
    "periode",
    "indelingsjaar",
    "gebied_niveau",
    "gebiedscode",
    *DIMENSIONS,
)
"""What names a cell."""

_CELL_KEY_COLUMNS = (
    Column("indicator", "string", "id of the indicator declaration"),
    Column("definitie_versie", "string", "version of that definition"),
    Column("periode", "string", "2023 or 2025H1"),
    Column("indelingsjaar", "int64", "division year of the area code"),
    Column("gebied_niveau", "string", "as in areas; 'onbekend' for the rest group without an area"),
    Column("gebiedscode", "string", "as in areas; for the rest group: parent's code + '-onbekend'"),
    Column("categorie", "string", "care type; T = total"),
    Column("leeftijd", "string", "leeftijdsklasse; T = total"),
    Column("geslacht", "string", "M, V, onbekend; T = total"),
)

CELLS = Shape(
    "cells",
    (
        *_CELL_KEY_COLUMNS,
        Column("aantal_personen", "int64", "persons in the cell; never null"),
        Column("kosten_eur", "decimal(18, 2)", "euro; null when the indicator has no amount"),
        Column("aantal_bijdragers", "int64", "source rows that make up the amount, for dominance rules"),
        Column(
            "grootste_eur", "decimal(18, 2)", "largest single contribution in euro; null without an amount"
        ),
        Column("tweede_eur", "decimal(18, 2)", "second largest contribution in euro; null without one"),
        Column("herkomst", "string", "delivery ids, sorted, joined with a comma"),
    ),
)
"""What `aggregate` gives: one row per cell that occurs, at every level, with every total. Absent = zero."""

PROTECTED_CELLS = Shape(
    "protected cells",
    (
        *_CELL_KEY_COLUMNS,
        Column("aantal_personen", "int64", "as shown; null when status is geheim"),
        Column(
            "kosten_eur", "decimal(18, 2)", "as shown, euro; null when status is geheim or there is no amount"
        ),
        Column("status", "string", "one of terms.statuses.CellStatus"),
    ),
)
"""What may leave the house: the inside columns (contributors, origin, rule) are gone."""

HIERARCHY = Shape(
    "hierarchy",
    (
        Column("dimensie", "string", "gebied, categorie, leeftijd or geslacht"),
        Column(
            "verzameling", "string", "which tree: within one, a child has one parent; sets share children"
        ),
        Column("kind", "string", "code of the part"),
        Column("ouder", "string", "code of the sum that it belongs to"),
    ),
)
"""Which cells add up to which: the relations that an attacker can subtract with."""

VOORZIENINGEN = Shape(
    "voorzieningen",
    (
        Column("gemeente", "string", "four digits"),
        Column("persoon", "string", "pseudonym, stable within a gemeente and purpose"),
        Column("type", "string", "productcategorie (WMO020)"),
        Column("leveringsvorm", "string", "ZIN, PGB, or null when unknown"),
        Column("begin", "date", "first day"),
        Column("eind", "date", "last day; null = open"),
        Column("bronrecords", "array<int64>", "row ids of the records that were merged, ascending"),
        Column("redenen", "array<string>", "reasons of the merges, sorted, each once"),
    ),
)

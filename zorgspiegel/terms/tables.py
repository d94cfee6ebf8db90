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
        Column("categorie", "string", "care type; T = all of them together, beside them"),
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
            "grootste_eur",
            "decimal(18, 2)",
            "size of the largest contribution in euro; null without an amount, or when rows are groups",
        ),
        Column("tweede_eur", "decimal(18, 2)", "size of the second largest in euro; null as grootste_eur"),
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

RECORDS = Shape(
    "records",
    (
        Column("rijnummer", "int64", "unique over all files that are merged together"),
        Column("gemeente", "string", "four digits; never null"),
        Column("persoon", "string", "pseudonym, stable within a gemeente and purpose; never null"),
        Column("type", "string", "productcategorie (WMO020); never null"),
        Column("leveringsvorm", "string", "ZIN, PGB, or null when unknown"),
        Column(
            "toewijzingsnummer", "string", "by which the gemeente says what belongs together; null = none"
        ),
        Column("begin", "date", "first day; never null"),
        Column("eind", "date", "last day, not before begin; null = open"),
    ),
    may_have_more=True,
)
"""What `merge` takes: delivered records that passed the check. More columns may come along."""

MERGE_REASONS = ("toewijzingsnummer", "gelijk", "binnen", "aansluitend", "overlap")
"""Why two records became one. When several hold, the first in this order is the one that is told.
`overlap` only occurs when merging partial overlaps is switched on."""

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
    may_have_more=True,
)
"""What `merge` gives. Besides these columns: the number of merges per reason (`samenvoegingen_<reden>`), and
what was delivered with the records and survives (`merge.with_attributes`)."""

GMSD_PERSONEN = Shape(
    "persons of the GMSD",
    (
        Column("gemeente", "string", "four digits"),
        Column("persoon", "string", "pseudonym; one row per gemeente and persoon"),
        Column("wijk", "string", "WK0363AA; null when unknown"),
        Column("leeftijd", "string", "leeftijdsklasse; null when unknown"),
        Column("geslacht", "string", "M, V; null when unknown"),
    ),
)

GMSD_TELLINGEN = Shape(
    "counts of the GMSD",
    (
        Column("maat", "string", "clienten, voorzieningen, stand, instroom, uitstroom or stapeling"),
        Column("periode", "string", "2025 or 2025H1"),
        Column("gebied_niveau", "string", "gemeente or wijk"),
        Column("gebiedscode", "string", "GM0307 or WK030701"),
        Column("categorie", "string", "productcategorie, published class, T; for stapeling 1 to 5, 6+, T"),
        Column("leveringsvorm", "string", "ZIN, PGB, onbekend; T = all"),
        Column("leeftijd", "string", "leeftijdsklasse, onbekend; T = all"),
        Column("geslacht", "string", "M, V, onbekend; T = all"),
        Column("aantal", "int64", "unique persons; for voorzieningen the number of voorzieningen"),
    ),
)
"""Unique persons do not add up over categorie and leveringsvorm; over leeftijd and geslacht they do, and over
wijken up to the persons whose wijk is unknown. Absent = zero."""

SAMENVOEGRAPPORT = Shape(
    "samenvoegrapport",
    (
        Column("soort", "string", "samengevoegd, gedeeltelijke_overlap or overlap_met_open"),
        Column("gemeente", "string", "four digits"),
        Column("type", "string", "productcategorie (WMO020)"),
        Column("leveringsvorm", "string", "ZIN, PGB, or null when unknown"),
        Column("begin", "date", "first day of the voorziening"),
        Column("eind", "date", "last day; null = open"),
        Column("bronrecords", "array<int64>", "row ids of its records"),
        Column("redenen", "array<string>", "why they became one; empty for one record"),
        Column("naast", "array<int64>", "overlaps only: row ids of the voorziening that it stays beside"),
    ),
)
"""Which records became one voorziening and why, and which overlap and yet stayed apart. No person in it."""

SAMENVOEGTELLING = Shape(
    "samenvoegtelling",
    (
        Column(
            "onderdeel", "string", "what is counted: records, na_stap_1, na_stap_2, samenvoegingen_..., ..."
        ),
        Column("aantal", "int64", "how many; never null"),
    ),
)

VERZEKERDEJAREN = Shape(
    "verzekerdejaren",
    (
        Column("periode", "string", "2023"),
        Column("indelingsjaar", "int64", "division year of the area codes"),
        Column("gebiedscode", "string", "gemeente, or null when unknown"),
        Column("leeftijd", "string", "leeftijdsklasse; 'onbekend' when not known"),
        Column("geslacht", "string", "M, V or onbekend"),
        Column("aantal_personen", "int64", "insured persons"),
        Column("aantal_verzekerdejaren", "decimal(18, 2)", "years that these persons were insured, together"),
        Column("herkomst", "string", "import id"),
    ),
)

KERNCIJFERS = Shape(
    "kerncijfers",
    (
        Column("bron", "string", "id of the source definition"),
        Column("periode", "string", "2022"),
        Column("indelingsjaar", "int64", "division year of the area codes"),
        Column("gebied_niveau", "string", "as in areas"),
        Column("gebiedscode", "string", "as in areas"),
        Column("leeftijd", "string", "age group of the persons that the figure is about; T = all ages"),
        Column("kenmerk", "string", "what is measured: id of the topic in the source definition"),
        Column("eenheid", "string", "aantal, procent, eur, ... ; 'onbekend' when the source does not say"),
        Column("waarde", "decimal(18, 4)", "the figure; null unless status is getoond"),
        Column("status", "string", "getoond, onbekend (not published or secret) or niet_van_toepassing"),
    ),
)
"""Figures that others published, one row per area and topic. Shares and estimates cannot be added up."""

WACHTTIJDEN = Shape(
    "wachttijden",
    (
        Column("periode", "string", "year of the measurement"),
        Column("peildatum", "date", "day on which the waiting time was looked up; null when not given"),
        Column("gebiedscode", "string", "gemeente of the location; null when not given"),
        Column("soort_aanbieder", "string", "instelling, vrijgevestigd or paaz"),
        Column("aanbieder", "string", "name of an institution; null for others (they are persons)"),
        Column("aanbieder_agb", "string", "AGB code of an institution, 8 digits; null for others"),
        Column("vestiging", "string", "location as the institution calls it; null for others"),
        Column("circuit", "string", "volwassenen, ouderen, jeugd, ... as the source says"),
        Column("hoofddiagnosegroep", "string", "as the source says"),
        Column("soort_zorg", "string", "BGGZ, SGGZ, Combi or as the source says"),
        Column("aanmeldwachttijd_weken", "decimal(6, 1)", "weeks from report to intake"),
        Column("aanmeldwachttijd_status", "string", "getoond, onbekend, niet_van_toepassing or stop"),
        Column("behandelwachttijd_weken", "decimal(6, 1)", "weeks from intake to treatment"),
        Column("behandelwachttijd_status", "string", "getoond, onbekend, niet_van_toepassing or stop"),
    ),
)
"""One row per location, circuit, diagnosis group and care type. stop = takes no new patients."""

POSTCODES = Shape(
    "postcodes",
    (
        Column("jaar", "int64", "division year of the area codes"),
        Column("pc4", "string", "four digits"),
        Column("gebied_niveau", "string", "gemeente or wijk"),
        Column("gebiedscode", "string", "as in areas"),
        Column("gewicht", "float64", "share of the postcode's addresses in this area, 0 to 1"),
    ),
)

BORDERS = Shape(
    "borders",
    (
        Column("jaar", "int64", "division year"),
        Column("gebied_niveau", "string", "provincie, gemeente or wijk"),
        Column("gebiedscode", "string", "as in areas"),
        Column(
            "geometrie",
            "string",
            "GeoJSON geometry in metres of the Rijksdriehoek (x east, y north), simplified",
        ),
    ),
)
"""Pre-projected: a map needs no projection, only y upside down."""

RESPONSE = Shape(
    "response",
    (
        Column("indicator", "string", "id of the indicator declaration"),
        Column("periode", "string", "2023 or 2025H1"),
        Column("indelingsjaar", "int64", "division year of the area code"),
        Column("gebied_niveau", "string", "land, provincie or a region set"),
        Column("gebiedscode", "string", "code of the area or region"),
        Column("gemeenten_geleverd", "int64", "gemeenten in it that delivered"),
        Column("gemeenten_totaal", "int64", "gemeenten in it"),
    ),
)
"""Of figures that gemeenten deliver: how complete an area above the gemeente is."""

WAREHOUSE = {
    "areas": AREAS,
    "region_members": REGION_MEMBERS,
    "area_transitions": AREA_TRANSITIONS,
    "population": POPULATION,
    "facts": FACTS,
    "verzekerdejaren": VERZEKERDEJAREN,
    "kerncijfers": KERNCIJFERS,
    "wachttijden": WACHTTIJDEN,
    "postcodes": POSTCODES,
    "borders": BORDERS,
}
"""Tables of the warehouse by name: what was imported, brought to one form per subject."""

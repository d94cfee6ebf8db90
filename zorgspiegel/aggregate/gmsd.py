"""Counts of the GMSD: clients, voorzieningen, stand, instroom, uitstroom and stapeling (DOMAIN 4.7).

Here, and only here, voorzieningen are held against a period. They are stored as they were merged, open ends
and all; a year is counted over what H1 and H2 give together, never as H1 plus H2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.indicators import TOTAL, UNKNOWN
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import CELLS, GMSD_PERSONEN, GMSD_TELLINGEN, VOORZIENINGEN

NEAR_DAYS = 3
"""Whoever had, or gets, a voorziening of the type within these days does not flow in, or out."""

MOST_STACKED = 6
"""Six or more voorzieningen are one class, as in StatLine table 83264NED."""

PERSON = ("gemeente", "persoon")
_WHO = (*PERSON, "wijk", "leeftijd", "geslacht")
_WHAT = ("maat", "categorie", "leveringsvorm")
_OPEN = date(9999, 12, 31)


@door(voorzieningen=VOORZIENINGEN, persons=GMSD_PERSONEN, gives=GMSD_TELLINGEN)
def count_gmsd(
    voorzieningen: ir.Table, persons: ir.Table, *, period: Period, classes: Mapping[str, Sequence[str]]
) -> ir.Table:
    """All counts of one period, for gemeenten and wijken, with every total.

    voorzieningen: of all files that belong to the period together (a year: of both halves), not cut off.
    persons:       who is not in it counts with wijk, leeftijd and geslacht unknown.
    classes:       published class -> its productcategorieen, of the version that holds in the period. A
    person counts once in a class, and once in the total T, whatever the number of types.

    clienten:      persons with a voorziening on at least one day of the period.
    voorzieningen: merged voorzieningen on at least one day of the period.
    stand:         persons with a voorziening on its last day.
    instroom:      persons with one that begins in the period, who had none of that category (in whatever
                   leveringsvorm) on the three days before.
    uitstroom:     persons with one that ends in the period, who have none of that category on the three days
                   after. One that runs on counts as having one: who still gets care did not leave.
    stapeling:     persons by the number of their voorzieningen in the period: 1 to 5, 6+.
    Persons whose wijk is unknown count in the gemeente only.
    Source: DOMAIN 4.5 point 12 and 4.7; decision 0038.
    """
    rows = _in_categories(_described(voorzieningen, persons), classes)
    active = rows.filter(rows.begin <= period.last_day, rows.eind >= period.first_day)
    found = ibis.union(
        _measured("clienten", active),
        _measured("voorzieningen", active, unit=active.voorziening.cast("string")),
        _measured("stand", active.filter(active.eind >= period.last_day)),
        _measured("instroom", _flowing_in(rows, period)),
        _measured("uitstroom", _flowing_out(rows, period)),
    )
    found = found.union(found.mutate(leveringsvorm=ibis.literal(TOTAL)))
    found = found.union(_stacked(active))
    leaf = found.group_by([*(name for name in _WHO if name != "persoon"), *_WHAT]).agg(
        aantal=found.eenheid.nunique()
    )
    return _with_totals(leaf, period)


def _described(voorzieningen: ir.Table, persons: ir.Table) -> ir.Table:
    """One row per voorziening, with what is known of the person; an open end is the last day there is."""
    named = voorzieningen.left_join(persons, list(PERSON), rname="{name}_persoon")
    return named.select(
        *PERSON,
        "wijk",
        "type",
        "begin",
        leeftijd=named.leeftijd.fill_null(UNKNOWN),
        geslacht=named.geslacht.fill_null(UNKNOWN),
        leveringsvorm=named.leveringsvorm.fill_null(UNKNOWN),
        eind=named.eind.fill_null(_OPEN),
        voorziening=named.bronrecords[0],
    )


def _in_categories(rows: ir.Table, classes: Mapping[str, Sequence[str]]) -> ir.Table:
    """Each voorziening under its type, under every class that has its type, and under T."""
    named = [rows.mutate(categorie=rows.type), rows.mutate(categorie=ibis.literal(TOTAL))]
    named += [
        rows.filter(rows.type.isin(list(types))).mutate(categorie=ibis.literal(name))
        for name, types in classes.items()
    ]
    return ibis.union(*named).drop("type")


def _measured(name: str, rows: ir.Table, *, unit: ir.StringValue | None = None) -> ir.Table:
    return rows.select(
        *(column for column in _WHO if column != "persoon"),
        maat=ibis.literal(name),
        categorie=rows.categorie,
        leveringsvorm=rows.leveringsvorm,
        eenheid=rows.persoon if unit is None else unit,
    )


def _flowing_in(rows: ir.Table, period: Period) -> ir.Table:
    began = rows.filter(rows.begin >= period.first_day, rows.begin <= period.last_day)
    other = _others(rows)
    first = began.begin - ibis.interval(days=NEAR_DAYS)
    return began.anti_join(
        other, [*_same(began, other), other.ander_begin < began.begin, other.ander_eind >= first]
    )


def _flowing_out(rows: ir.Table, period: Period) -> ir.Table:
    ended = rows.filter(rows.eind >= period.first_day, rows.eind <= period.last_day)
    other = _others(rows)
    last = ended.eind + ibis.interval(days=NEAR_DAYS)
    return ended.anti_join(
        other, [*_same(ended, other), other.ander_eind > ended.eind, other.ander_begin <= last]
    )


def _others(rows: ir.Table) -> ir.Table:
    return rows.select(
        van_gemeente="gemeente",
        van_persoon="persoon",
        van_categorie="categorie",
        ander_begin="begin",
        ander_eind="eind",
    )


def _same(one: ir.Table, other: ir.Table) -> list[ir.BooleanValue]:
    return [one[name] == other[f"van_{name}"] for name in (*PERSON, "categorie")]


def _stacked(active: ir.Table) -> ir.Table:
    """Persons by their number of voorzieningen; and all of them, as T."""
    total = active.filter(active.categorie == TOTAL)
    counted = total.group_by(list(_WHO)).agg(n=total.count())
    many = counted.n >= MOST_STACKED
    stacked = counted.mutate(
        categorie=many.ifelse(f"{MOST_STACKED}+", counted.n.cast("string")),
        leveringsvorm=ibis.literal(TOTAL),
    )
    every = stacked.mutate(categorie=ibis.literal(TOTAL))
    return _measured("stapeling", stacked).union(_measured("stapeling", every))


def _with_totals(leaf: ir.Table, period: Period) -> ir.Table:
    """A person has one leeftijd, one geslacht and one wijk, so over these counts of persons add up."""
    for name in ("leeftijd", "geslacht"):
        leaf = leaf.union(leaf.mutate(**{name: ibis.literal(TOTAL)}))
    gemeente = leaf.mutate(
        gebied_niveau=ibis.literal("gemeente"), gebiedscode=ibis.literal("GM").concat(leaf.gemeente)
    )
    wijk = leaf.filter(leaf.wijk.notnull()).mutate(gebied_niveau=ibis.literal("wijk"), gebiedscode=leaf.wijk)
    rows = gemeente.union(wijk)
    key = [name for name in GMSD_TELLINGEN.names if name not in {"periode", "aantal"}]
    summed = rows.group_by(key).agg(aantal=rows.aantal.sum().cast("int64"))
    return summed.mutate(periode=ibis.literal(str(period))).select(*GMSD_TELLINGEN.names)


@door(counts=GMSD_TELLINGEN, gives=CELLS)
def gmsd_cells(
    counts: ir.Table, *, definitie_versie: str, indelingsjaar: int, herkomst: Sequence[str]
) -> ir.Table:
    """The counts as cells: one indicator per maat (`gmsd_clienten`), and the leveringsvorm in the categorie.

    A cell of one leveringsvorm has categorie `02-ZIN` (`T-ZIN` over all types); unique persons of ZIN and of
    PGB do not add up to those of T. There is no amount; each person is one contributor.
    """
    whole = counts.leveringsvorm == TOTAL
    money = ibis.null("decimal(18, 2)")
    return counts.select(
        indicator=ibis.literal("gmsd_").concat(counts.maat),
        definitie_versie=ibis.literal(definitie_versie),
        periode=counts.periode,
        indelingsjaar=ibis.literal(indelingsjaar, "int64"),
        gebied_niveau=counts.gebied_niveau,
        gebiedscode=counts.gebiedscode,
        categorie=whole.ifelse(counts.categorie, counts.categorie.concat("-", counts.leveringsvorm)),
        leeftijd=counts.leeftijd,
        geslacht=counts.geslacht,
        aantal_personen=counts.aantal,
        kosten_eur=money,
        aantal_bijdragers=counts.aantal,
        grootste_eur=money,
        tweede_eur=money,
        herkomst=ibis.literal(",".join(sorted(herkomst))),
    )

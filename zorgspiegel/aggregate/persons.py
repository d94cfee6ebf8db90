"""The first roll-up, over categorie: there persons add up, or are the same ones, or are unique.

Over all other dimensions and over areas persons add up (each is in one age class, one sex and one place on
the reference day), and amounts add up everywhere.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.aggregate.sums import as_parts, spread, total
from zorgspiegel.terms.indicators import TOTAL, UNKNOWN, Dimension, Indicator

ROW = ("periode", "indelingsjaar", "blad", "leeftijd", "geslacht")
"""What names a group of persons, apart from the categorie."""

KEY = (*ROW, "categorie")


def over_categories(facts: ir.Table, indicator: Indicator) -> ir.Table:
    """Parts per leaf area, leeftijd and geslacht, for every categorie, declared group and the total.

    In: facts with blad, and only codes that the declaration knows, or T, or a group that the source delivers.
    """
    dimension = indicator.dimension("categorie")
    ranked = indicator.bijdrager == "rij"
    if dimension is None:
        return total(as_parts(facts, ranked=ranked), KEY)
    own, given = _own_and_given(facts, dimension)
    roll_up = {"sum": _adding, "same": _same, "unique": _unique}[dimension.personen]
    return roll_up(as_parts(own, ranked=ranked), as_parts(given, ranked=ranked), dimension)


def _own_and_given(facts: ir.Table, dimension: Dimension) -> tuple[ir.Table, ir.Table]:
    """Facts of single categories, and the totals (and groups) that the source gives beside them.

    Amounts are always those of the single categories: then they add up by themselves. A delivery without any
    single category has all its persons and amounts in the category "onbekend".
    """
    is_single = facts.categorie.isin(dimension.leaves)
    has_single = facts.group_by("periode", "herkomst").aggregate(heeft_delen=is_single.any())
    told = facts.join(has_single, ["periode", "herkomst"])
    is_single = told.categorie.isin(dimension.leaves)
    own = told.filter(is_single | (~told.heeft_delen & (told.categorie == TOTAL))).mutate(
        categorie=is_single.ifelse(told.categorie, ibis.literal(UNKNOWN))
    )
    given = told.filter(~is_single).mutate(kosten_eur=ibis.null("decimal(18, 2)"))
    return own.drop("heeft_delen"), given.drop("heeft_delen")


def _adding(own: ir.Table, _given: ir.Table, dimension: Dimension) -> ir.Table:
    return total(spread(total(own, KEY), "categorie", dimension.closure()), KEY)


def _same(own: ir.Table, given: ir.Table, dimension: Dimension) -> ir.Table:
    """Each category has the persons of the whole group, also where a source leaves it out (no costs)."""
    rows = own.union(given.select(own.columns))
    per_delivery = rows.group_by(*ROW, "herkomst").aggregate(aantal_personen=rows.aantal_personen.max())
    persons = per_delivery.group_by(*ROW).aggregate(aantal_personen=per_delivery.aantal_personen.sum())
    amounts = total(own, KEY)
    has_amount = amounts.cent.notnull().any()
    in_use = amounts.group_by(jaar="periode", soort="categorie").aggregate(
        niets=has_amount.ifelse(0, ibis.null("int64"))
    )
    full = persons.join(in_use, persons.periode == in_use.jaar)
    same_row = [full[name] == amounts[name] for name in ROW]
    full = full.left_join(amounts, [*same_row, full.soort == amounts.categorie], rname="{name}_bedrag")
    full = full.select(
        *(name for name in ("grootste_cent", "tweede_cent") if name in amounts.columns),
        *ROW,
        "aantal_personen",
        categorie="soort",
        cent=full.cent.coalesce(full.niets),
        aantal_bijdragers=full.aantal_bijdragers.coalesce(0),
        ontbreekt=full.ontbreekt.coalesce(0),
    )
    return total(spread(full, "categorie", dimension.closure()), KEY, same_persons=True)


def _unique(own: ir.Table, given: ir.Table, dimension: Dimension) -> ir.Table:
    """A total has the persons that the source gives; where one delivery in it gives none, nobody knows."""
    wide = spread(own.mutate(eigen=own.categorie), "categorie", dimension.closure())
    told = given.select(periode_g="periode", herkomst_g="herkomst", gegeven="categorie").distinct()
    same = [wide.periode == told.periode_g, wide.herkomst == told.herkomst_g, wide.categorie == told.gegeven]
    wide = wide.left_join(told, same)
    is_sum = wide.categorie != wide.eigen
    wide = wide.mutate(
        aantal_personen=is_sum.ifelse(ibis.null("int64"), wide.aantal_personen),
        ontbreekt=(is_sum & wide.gegeven.isnull()).ifelse(1, 0).cast("int64"),
    ).drop("eigen", "periode_g", "herkomst_g", "gegeven")
    return total(wide.union(given.select(wide.columns)), KEY)

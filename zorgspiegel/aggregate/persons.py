"""The first roll-up, over categorie: there persons add up, or are the same ones, or are unique.

Over all other dimensions and over areas persons add up (each is in one age class, one sex and one place on
the reference day), and amounts add up everywhere.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.aggregate.sums import WIDE, as_parts, spread, total
from zorgspiegel.terms.indicators import TOTAL, UNKNOWN, Dimension

PLACE = ("periode", "indelingsjaar", "blad")
ROW = (*PLACE, "leeftijd", "geslacht")
"""What names a group of persons, apart from the categorie."""


def over_categories(facts: ir.Table, dimension: Dimension | None) -> ir.Table:
    """Cells per leaf area, leeftijd and geslacht, for every categorie, declared group and the total.

    In: facts with blad, and only codes that the declaration knows, or T, or a group that the source delivers.
    """
    if dimension is None:
        return total(as_parts(facts.mutate(categorie=ibis.literal(TOTAL))), (*ROW, "categorie"))
    own, given = _own_and_given(facts, dimension)
    roll_up = {"sum": _adding, "same": _same, "unique": _unique}[dimension.personen]
    return roll_up(own, given, dimension)


def _own_and_given(facts: ir.Table, dimension: Dimension) -> tuple[ir.Table, ir.Table]:
    """Facts of single categories, and the totals (and groups) that the source gives beside them.

    Amounts are always those of the single categories: then they add up by themselves. A delivery without any
    single category has all its persons and amounts in the category "onbekend".
    """
    is_single = facts.categorie.isin(dimension.leaves)
    has_single = facts.group_by("periode", "herkomst").aggregate(heeft_delen=is_single.any())
    told = facts.join(has_single, ["periode", "herkomst"])
    is_own = told.categorie.isin(dimension.leaves) | ~told.heeft_delen & (told.categorie == TOTAL)
    own = told.filter(is_own).mutate(
        categorie=told.categorie.isin(dimension.leaves).ifelse(told.categorie, ibis.literal(UNKNOWN))
    )
    given = told.filter(~told.categorie.isin(dimension.leaves)).mutate(kosten_eur=ibis.null("decimal(18, 2)"))
    return own.drop("heeft_delen"), given.drop("heeft_delen")


def _adding(own: ir.Table, _given: ir.Table, dimension: Dimension) -> ir.Table:
    leaf = total(as_parts(own), (*ROW, "categorie"))
    return total(spread(leaf, "categorie", dimension.closure()), (*ROW, "categorie"))


def _same(own: ir.Table, given: ir.Table, dimension: Dimension) -> ir.Table:
    """Each category has the persons of the whole group, also where a source leaves it out (no costs)."""
    rows = own.union(given.select(own.columns))
    per_delivery = rows.group_by(*ROW, "herkomst").aggregate(aantal_personen=rows.aantal_personen.max())
    persons = per_delivery.group_by(*ROW).aggregate(aantal_personen=per_delivery.aantal_personen.sum())
    amounts = total(as_parts(own), (*ROW, "categorie"))
    has_amount = amounts.kosten_eur.notnull().any()
    in_use = amounts.group_by(jaar="periode", soort="categorie").aggregate(
        niets=has_amount.ifelse(0, ibis.null())
    )
    full = persons.join(in_use, persons.periode == in_use.jaar)
    same_row = [full[name] == amounts[name] for name in ROW]
    full = full.left_join(amounts, [*same_row, full.soort == amounts.categorie], rname="{name}_bedrag")
    full = full.select(
        *ROW,
        "aantal_personen",
        "grootste_eur",
        "tweede_eur",
        categorie="soort",
        kosten_eur=full.kosten_eur.coalesce(full.niets.cast(WIDE)),
        aantal_bijdragers=full.aantal_bijdragers.coalesce(0),
        ontbreekt=full.ontbreekt.coalesce(0),
    )
    return total(spread(full, "categorie", dimension.closure()), (*ROW, "categorie"), same_persons=True)


def _unique(own: ir.Table, given: ir.Table, dimension: Dimension) -> ir.Table:
    """A total has the persons that the source gives; where one delivery in it gives none, nobody knows."""
    wide = spread(as_parts(own).mutate(eigen=own.categorie), "categorie", dimension.closure())
    told = given.select("periode", "herkomst", gegeven="categorie").distinct()
    wide = wide.left_join(
        told,
        [wide.periode == told.periode, wide.herkomst == told.herkomst, wide.categorie == told.gegeven],
    ).drop("periode_right", "herkomst_right")
    is_sum = wide.categorie != wide.eigen
    wide = wide.mutate(
        aantal_personen=is_sum.ifelse(ibis.null("int64"), wide.aantal_personen),
        ontbreekt=(is_sum & wide.gegeven.isnull()).ifelse(1, 0).cast("int64"),
    ).drop("eigen", "gegeven")
    return total(wide.union(as_parts(given).select(wide.columns)), (*ROW, "categorie"))

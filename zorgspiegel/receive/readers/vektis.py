"""Vektis open data Zorgverzekeringswet: insured persons and costs per gemeente, sex and age class.

The file has one row per gemeente x sex x age class, and one row without any of them: the rest group, in which
Vektis puts all cells below ten persons. That row has hundreds of thousands of persons and is part of every
total.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.names import codes_of_names, gemeente_keys, name_of_gemeente
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.receive.values import clean, faults, geslacht, leeftijdsklasse, number, translated
from zorgspiegel.terms.tables import FACTS, VERZEKERDEJAREN

TOTAL = "T"
INDICATOR = "zvw"
_SUM = "decimal(38, 2)"


def read(text: ir.Table, context: Context) -> Reading:
    """FACTS (one row per row and care type, and one with the total) and VERZEKERDEJAREN."""
    costs = _costs(context)
    return Reading(
        faults=_faults(text, context),
        rows=_placed(text, _typed(text, context, costs), context),
        tables=functools.partial(_tables, costs=costs, context=context),
        totals=_totals,
    )


def _tables(rows: ir.Table, *, costs: Mapping[str, str], context: Context) -> dict[str, ir.Table]:
    rows = rows.mutate(periode=rows.jaar.cast("string"), herkomst=ibis.literal(context.origin))
    return {"facts": _facts(rows, costs), "verzekerdejaren": rows.select(VERZEKERDEJAREN.names)}


def _costs(context: Context) -> dict[str, str]:
    """Care type -> column of the file, for every amount in it."""
    matched = context.matched
    return {
        ours.removeprefix("kosten_"): column
        for ours, column in matched.columns.items()
        if matched.declared(ours).type == "eur" and ours.startswith("kosten_")
    }


def _faults(text: ir.Table, context: Context) -> ir.Table:
    matched = context.matched
    kinds = {column: matched.declared(ours).type for ours, column in matched.columns.items()}
    age, sex = matched.columns["leeftijdsklasse"], matched.columns["geslacht"]
    persons = matched.columns["aantal_bsn"]
    others = [
        (age, "not an age class", lambda column: leeftijdsklasse(column).isnull()),
        (sex, "not M, V or empty", lambda column: geslacht(column).isnull()),
        (persons, "empty or negative", lambda column: clean(column).coalesce("-").startswith("-")),
    ]
    return faults(text, {c: kind for c, kind in kinds.items() if kind != "text"}, matched.layout, others)


def _typed(text: ir.Table, context: Context, costs: dict[str, str]) -> ir.Table:
    columns, layout = context.matched.columns, context.matched.layout
    amounts = {care: number(text[column], "eur", layout) for care, column in costs.items()}
    text = translated(text, columns["leeftijdsklasse"], "leeftijd", leeftijdsklasse)
    text = translated(text, columns["geslacht"], "sekse", geslacht)
    return text.select(
        rijnummer=text.rijnummer,
        naam=clean(text[columns["gemeentenaam"]]),
        jaar=ibis.literal(context.year, "int64"),
        leeftijd=text.leeftijd,
        geslacht=text.sekse,
        aantal_personen=number(text[columns["aantal_bsn"]], "count", layout),
        aantal_verzekerdejaren=number(text[columns["aantal_verzekerdejaren"]], "eur", layout),
        **amounts,
    )


def _placed(text: ir.Table, typed: ir.Table, context: Context) -> ir.Table:
    """With gebiedscode and indelingsjaar. The gemeente division of a file is newer than its year."""
    column = clean(text[context.matched.columns["gemeentenaam"]])
    names = text.select(naam=column).filter(lambda t: t.naam.notnull()).distinct()
    names = names.mutate(sleutel=name_of_gemeente(names.naam))
    gemeenten = gemeente_keys(context.areas)
    codes = codes_of_names(names.select("sleutel").distinct(), gemeenten, year=context.year or 0)
    by_name = names.join(codes, "sleutel").select("naam", "gebiedscode")
    division = codes.aggregate(indelingsjaar=codes.indelingsjaar.max())
    # A file of which no name is known still has a division: its own year.
    year = ibis.literal(context.year, "int64")
    return (
        typed.left_join(by_name, "naam")
        .drop("naam_right")
        .cross_join(division)
        .mutate(
            indelingsjaar=lambda t: t.indelingsjaar.coalesce(year),
            afgekeurd=ibis.literal(False),
            # Never rejected: a name that no list has must not take its persons out of the national totals.
            zonder_gebied=lambda t: t.naam.notnull() & t.gebiedscode.isnull(),
        )
    )


def _facts(rows: ir.Table, costs: Mapping[str, str]) -> ir.Table:
    zero = ibis.literal(0).cast("decimal(18, 2)")
    total = functools.reduce(operator.add, (rows[care].coalesce(zero) for care in costs))
    long = rows.mutate(**{TOTAL: total.cast("decimal(18, 2)")}).pivot_longer(
        [*costs, TOTAL], names_to="categorie", values_to="kosten_eur"
    )
    return long.mutate(indicator=ibis.literal(INDICATOR)).select(FACTS.names)


def _totals(tables: Mapping[str, ir.Table]) -> ir.Table:
    """National totals over everything loaded, the rest group included."""
    facts, years = tables["facts"], tables["verzekerdejaren"]
    money = facts.group_by("categorie").aggregate(waarde=facts.kosten_eur.sum().cast(_SUM))
    name = (money.categorie == TOTAL).ifelse("total_cost_eur", ibis.literal("kosten_") + money.categorie)
    insured = years.aggregate(
        aantal_bsn=years.aantal_personen.sum().cast(_SUM),
        aantal_verzekerdejaren=years.aantal_verzekerdejaren.sum().cast(_SUM),
    ).pivot_longer(["aantal_bsn", "aantal_verzekerdejaren"], names_to="maat", values_to="waarde")
    unit = (insured.maat == "aantal_bsn").ifelse("aantal", "jaar")
    level = ibis.literal("land")
    return ibis.union(
        insured.select("maat", eenheid=unit, niveau=level, waarde="waarde"),
        money.select(maat=name, eenheid=ibis.literal("eur"), niveau=level, waarde="waarde"),
    )

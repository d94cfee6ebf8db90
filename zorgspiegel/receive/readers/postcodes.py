"""Postcodes of four digits to gemeenten and wijken."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.names import codes_of_names, gemeente_keys, name_of_gemeente
from zorgspiegel.receive.places import level
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.receive.totals import SUM
from zorgspiegel.receive.values import clean, faults, gebiedscode, no_faults, number
from zorgspiegel.terms.tables import POSTCODES


def read(text: ir.Table, context: Context) -> Reading:
    """POSTCODES: the weight of an area is its share of the addresses of the postcode; of a name it is 1."""
    columns, layout = context.matched.columns, context.matched.layout
    by_name = "gemeentenaam" in columns
    typed = text.select(
        rijnummer=text.rijnummer,
        jaar=ibis.literal(context.year, "int64"),
        # Four digits, the first not 0: a lost zero cannot be, so nothing is put before a shorter one.
        pc4=clean(text[columns["pc4"]]).re_extract("^([1-9][0-9]{3})$", 1).nullif(""),
        sleutel=name_of_gemeente(clean(text[columns["gemeentenaam"]])) if by_name else ibis.null("string"),
        code=ibis.null("string")
        if by_name
        else gebiedscode(text[columns["gebiedscode"]], prefix=layout.prefix),
        adressen=ibis.literal(1) if by_name else number(text[columns["adressen"]], "count", layout),
    )
    placed = _placed(typed, context) if by_name else typed.mutate(gebiedscode=typed.code)
    rows = placed.mutate(
        gebied_niveau=level(placed.gebiedscode),
        afgekeurd=placed.pc4.isnull() | placed.gebiedscode.isnull() | level(placed.gebiedscode).isnull(),
        zonder_gebied=ibis.literal(False),
    )
    return Reading(
        faults=no_faults(text) if by_name else faults(text, {columns["adressen"]: "count"}, layout),
        rows=rows,
        tables=_tables,
        totals=_totals,
    )


def _placed(typed: ir.Table, context: Context) -> ir.Table:
    keys = typed.select("sleutel").filter(typed.sleutel.notnull()).distinct()
    codes = codes_of_names(keys, gemeente_keys(context.areas), year=context.year or 0)
    joined = typed.left_join(codes.select("sleutel", "gebiedscode"), "sleutel")
    return joined.drop("sleutel_right")


def _tables(rows: ir.Table) -> dict[str, ir.Table]:
    whole = rows.adressen.sum().over(group_by=[rows.pc4, rows.gebied_niveau])
    shares = rows.mutate(gewicht=rows.adressen.cast("float64") / whole.cast("float64"))
    return {"postcodes": shares.select(POSTCODES.names)}


def _totals(tables: Mapping[str, ir.Table]) -> ir.Table:
    found = tables["postcodes"].aggregate(waarde=tables["postcodes"].pc4.nunique().cast(SUM))
    return found.select(
        maat=ibis.literal("aantal_postcodes"),
        eenheid=ibis.literal("aantal"),
        niveau=ibis.literal("land"),
        waarde="waarde",
    )

"""Which addresses went from which area to which, from one year to the next."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.places import level
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.receive.totals import SUM
from zorgspiegel.receive.values import faults, gebiedscode, number
from zorgspiegel.terms.tables import AREA_TRANSITIONS


def read(text: ir.Table, context: Context) -> Reading:
    """AREA_TRANSITIONS: the share of the addresses of an area that went to another one (or stayed).

    A code that is absent in a pair of years did not change. Rows are kept under `naar_jaar`.
    """
    columns, layout = context.matched.columns, context.matched.layout
    numbers = {columns[name]: "count" for name in ("from_year", "to_year", "addresses")}
    before, after = (gebiedscode(text[columns[name]]) for name in ("from_code", "to_code"))
    rows = text.select(
        rijnummer=text.rijnummer,
        jaar=number(text[columns["to_year"]], "count", layout),
        van_jaar=number(text[columns["from_year"]], "count", layout),
        van_code=before,
        naar_code=after,
        adressen=number(text[columns["addresses"]], "count", layout),
        afgekeurd=level(before).isnull() | level(after).isnull() | (level(before) != level(after)),
        zonder_gebied=ibis.literal(False),
    )
    return Reading(
        faults=faults(text, numbers, layout),
        rows=rows.mutate(afgekeurd=rows.afgekeurd.fill_null(True)),
        tables=_tables,
        totals=_totals,
    )


def _tables(rows: ir.Table) -> dict[str, ir.Table]:
    whole = rows.adressen.sum().over(group_by=[rows.van_code, rows.van_jaar])
    shares = rows.mutate(naar_jaar=rows.jaar, aandeel=rows.adressen.cast("float64") / whole.cast("float64"))
    return {"area_transitions": shares.select(AREA_TRANSITIONS.names)}


def _totals(tables: Mapping[str, ir.Table]) -> ir.Table:
    changes = tables["area_transitions"]
    moved = changes.van_code != changes.naar_code
    numbers = changes.aggregate(
        aantal_overgangen=changes.count().cast(SUM),
        aantal_gewijzigde_gebieden=changes.van_code.nunique(where=moved).cast(SUM),
    )
    found = numbers.pivot_longer(numbers.columns, names_to="maat", values_to="waarde")
    return found.select("maat", eenheid=ibis.literal("aantal"), niveau=ibis.literal("land"), waarde="waarde")

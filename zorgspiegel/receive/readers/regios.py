"""Which gemeenten (or wijken) belong to which region."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.places import first_present, level, row_year
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.receive.totals import SUM
from zorgspiegel.receive.values import clean, gebiedscode, no_faults
from zorgspiegel.terms.tables import REGION_MEMBERS

SETS = ("zorgkantoorregio", "ggdregio", "corop")
"""Region sets that have a column of their own in a list."""


def read(text: ir.Table, context: Context) -> Reading:
    """REGION_MEMBERS. A row without a well-formed code, or without a region, is rejected."""
    return Reading(faults=no_faults(text), rows=_rows(text, context), tables=_tables, totals=_totals)


def _rows(text: ir.Table, context: Context) -> ir.Table:
    columns = context.matched.columns
    code = gebiedscode(text[columns["gebiedscode"]], prefix=context.matched.layout.prefix)
    common = {
        "rijnummer": text.rijnummer,
        "jaar": row_year(text, context),
        "gebiedscode": code,
        "zonder_gebied": ibis.literal(False),
    }
    if "verzameling" in columns:
        names = ("verzameling", "regiocode", "regionaam")
        own = text.select(**common, **{name: clean(text[columns[name]]) for name in names})
        parts = [own.mutate(verzameling=own.verzameling.lower())]
    else:
        parts = [_of_set(text, context, name, common) for name in SETS if name in columns]
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return rows.mutate(
        afgekeurd=level(rows.gebiedscode).isnull() | rows.regiocode.isnull() | rows.verzameling.isnull()
    )


def _of_set(text: ir.Table, context: Context, name: str, common: Mapping[str, ir.Value]) -> ir.Table:
    columns = context.matched.columns
    region = clean(text[columns[name]])
    given = clean(text[columns[f"{name}_code"]]) if f"{name}_code" in columns else ibis.null("string")
    rows = text.select(**common, regionaam=region, gegeven=given, sleutel=_key(region))
    areas = context.areas.filter(context.areas.gebied_niveau == name)
    known = first_present(
        areas.select(bekend="gebiedscode", sleutel=_key(areas.naam)), key="sleutel", keep=["bekend"]
    )
    joined = rows.left_join(known, "sleutel").drop("sleutel_right")
    return joined.mutate(
        verzameling=ibis.literal(name), regiocode=joined.gegeven.coalesce(joined.bekend, joined.regionaam)
    ).select(*common, "verzameling", "regiocode", "regionaam")


def _key(column: ir.StringValue) -> ir.StringValue:
    """`Zorgkantoor Drenthe` and `Drenthe` are one region."""
    return column.lower().re_replace(r"^(zorgkantoor|ggd) ", "").re_replace(r"[^a-zà-ÿ]", "").nullif("")


def _tables(rows: ir.Table) -> dict[str, ir.Table]:
    members = rows.mutate(indelingsjaar=rows.jaar)
    return {"region_members": members.select(REGION_MEMBERS.names).distinct()}


def _totals(tables: Mapping[str, ir.Table]) -> ir.Table:
    members = tables["region_members"]
    found = members.group_by("verzameling").aggregate(waarde=members.regiocode.nunique().cast(SUM))
    return found.select(
        maat=ibis.literal("aantal_") + found.verzameling,
        eenheid=ibis.literal("aantal"),
        niveau=ibis.literal("land"),
        waarde="waarde",
    )

"""Areas of CBS: maps (with borders) and lists of gemeenten, wijken, buurten, provincies and other regions."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.places import first_present, level, parent, row_year
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.receive.totals import counted_per_level
from zorgspiegel.receive.values import clean, gebiedscode, no_faults
from zorgspiegel.terms.tables import AREAS, BORDERS, REGION_MEMBERS


def read(text: ir.Table, context: Context) -> Reading:
    """AREAS, BORDERS where the file is a map, REGION_MEMBERS where it says the provincie of a gemeente."""
    return Reading(
        faults=no_faults(text),
        rows=_rows(text, context),
        tables=functools.partial(_tables, is_map="geometrie" in context.matched.columns),
        totals=_totals,
    )


def _rows(text: ir.Table, context: Context) -> ir.Table:
    columns = context.matched.columns

    def column(name: str) -> ir.StringValue:
        return clean(text[columns[name]]) if name in columns else ibis.null("string")

    code = gebiedscode(text[columns["gebiedscode"]], prefix=context.matched.layout.prefix)
    typed = text.select(
        rijnummer=text.rijnummer,
        jaar=row_year(text, context),
        gebiedscode=code,
        gebied_niveau=level(code),
        naam=column("naam"),
        pv_code=column("pv_code"),
        provincienaam=column("provincienaam"),
        geometrie=column("geometrie"),
        # CBS draws the water of a gemeente as a second area with the same code.
        is_water=(column("water").upper() == "JA").fill_null(False),
        zonder_gebied=ibis.literal(False),
    ).mutate(afgekeurd=lambda t: t.gebied_niveau.isnull())
    return _with_parent(typed, context.areas)


def _with_parent(typed: ir.Table, areas: ir.Table) -> ir.Table:
    """With oudercode: what the code says, else the provincie in the file, else what was known already."""
    provincies = areas.filter(areas.gebied_niveau == "provincie")
    by_name = first_present(
        provincies.select("naam", pv_bekend="gebiedscode"), key="naam", keep=["pv_bekend"]
    )
    names = first_present(
        provincies.select("gebiedscode", pv_naam="naam"), key="gebiedscode", keep=["pv_naam"]
    )
    gemeenten = areas.filter(areas.gebied_niveau == "gemeente").select("gebiedscode", eerder="oudercode")
    known = first_present(gemeenten, key="gebiedscode", keep=["eerder"])
    rows = typed.left_join(by_name, typed.provincienaam == by_name.naam).drop("naam_right")
    rows = rows.left_join(known, "gebiedscode").drop("gebiedscode_right")
    rows = rows.mutate(oudercode=parent(rows.gebiedscode).coalesce(rows.pv_code, rows.pv_bekend, rows.eerder))
    return rows.left_join(names, rows.oudercode == names.gebiedscode).drop("gebiedscode_right")


def _tables(rows: ir.Table, *, is_map: bool) -> dict[str, ir.Table]:
    land = rows.filter(~rows.is_water)
    rank = ibis.row_number().over(group_by=land.gebiedscode, order_by=land.rijnummer)
    once = land.mutate(rang=rank).filter(lambda t: t.rang == 0).mutate(indelingsjaar=lambda t: t.jaar)
    tables = {"areas": once.select(AREAS.names)}
    members = once.filter(once.gebied_niveau == "gemeente", once.oudercode.notnull()).select(
        verzameling=ibis.literal("provincie"),
        regiocode="oudercode",
        regionaam=lambda t: t.pv_naam.coalesce(t.provincienaam, t.oudercode),
        gebiedscode="gebiedscode",
        indelingsjaar="indelingsjaar",
    )
    tables["region_members"] = members.select(REGION_MEMBERS.names)
    if is_map:
        tables["borders"] = once.filter(once.geometrie.notnull()).select(BORDERS.names)
    return tables


def _totals(tables: Mapping[str, ir.Table]) -> ir.Table:
    return counted_per_level(tables["areas"])

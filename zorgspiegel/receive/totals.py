"""National totals, in the form that a Reading gives them: `maat, eenheid, niveau, waarde`."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

SUM = "decimal(38, 4)"
LEVELS = ("land", "provincie", "gemeente", "wijk", "buurt")
"""From the whole to its parts. Adding up two levels would count everybody twice."""


def counted_per_level(table: ir.Table) -> ir.Table:
    """How many areas of each level a table with `gebied_niveau, gebiedscode` has."""
    found = table.group_by("gebied_niveau").aggregate(waarde=table.gebiedscode.nunique().cast(SUM))
    return found.select(
        maat=ibis.literal("aantal_") + found.gebied_niveau,
        eenheid=ibis.literal("aantal"),
        niveau=ibis.literal("land"),
        waarde="waarde",
    )


def summed_at_highest_level(long: ir.Table) -> ir.Table:
    """Sums of `waarde` per `kenmerk` (and `eenheid`), at the highest level that the table has.

    The file of one gemeente has a total for that gemeente, not for the country: `niveau` says of what.
    """
    places = [(long.gebied_niveau == name, place) for place, name in enumerate(LEVELS)]
    rank = ibis.cases(*places, else_=len(LEVELS))
    ranked = long.mutate(rang=rank)
    highest = ranked.aggregate(hoogste=ranked.rang.min())
    there = ranked.cross_join(highest).filter(lambda t: t.rang == t.hoogste)
    found = there.group_by("kenmerk", "eenheid", "gebied_niveau").aggregate(
        waarde=there.waarde.sum().cast(SUM)
    )
    return found.select(maat="kenmerk", eenheid="eenheid", niveau="gebied_niveau", waarde="waarde")

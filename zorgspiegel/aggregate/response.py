"""Who delivered: a total over gemeenten of which some are missing is no total."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.areas import LAND
from zorgspiegel.terms.indicators import TOTAL, Indicator
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import AREAS, CELLS, FACTS, HIERARCHY, REGION_MEMBERS, RESPONSE

AREA = ("periode", "indelingsjaar", "gebied_niveau", "gebiedscode")


@door(facts=FACTS, areas=AREAS, region_members=REGION_MEMBERS, gives=RESPONSE)
def response(
    facts: ibis.Table, areas: ibis.Table, region_members: ibis.Table, *, indicator: Indicator
) -> ibis.Table:
    """How many gemeenten of each area above the gemeente delivered figures of this indicator.

    Out: one row per area and period for which any gemeente delivered; areas without any are there with 0.
    Only for figures that gemeenten deliver: a national source is there or not there.
    """
    own = facts.filter((facts.indicator == indicator.id) & facts.gebiedscode.notnull())
    delivered = own.select(
        "periode", "indelingsjaar", gemeente="GM" + own.gebiedscode.substr(2, 4), is_geleverd=True
    ).distinct()
    asked = _gemeenten_above(areas, region_members)
    periods = delivered.select("periode", "indelingsjaar").distinct()
    wanted = periods.join(asked, "indelingsjaar")
    found = wanted.left_join(delivered, ["periode", "indelingsjaar", "gemeente"])
    return (
        found.group_by(*AREA)
        .aggregate(
            gemeenten_geleverd=found.is_geleverd.notnull().sum(),
            gemeenten_totaal=found.count(),
        )
        .mutate(indicator=ibis.literal(indicator.id))
        .select(*RESPONSE.names)
    )


def _gemeenten_above(areas: ir.Table, members: ir.Table) -> ir.Table:
    """(indelingsjaar, gebied_niveau, gebiedscode, gemeente): which gemeenten make up an area above them."""
    gemeenten = areas.filter(areas.gebied_niveau == "gemeente").select(
        "indelingsjaar", "oudercode", gemeente="gebiedscode"
    )
    land = gemeenten.select(
        "indelingsjaar",
        gebied_niveau=ibis.literal("land"),
        gebiedscode=ibis.literal(LAND),
        gemeente="gemeente",
    )
    provinces = gemeenten.filter(gemeenten.oudercode.startswith("PV")).select(
        "indelingsjaar", gebied_niveau=ibis.literal("provincie"), gebiedscode="oudercode", gemeente="gemeente"
    )
    regions = members.select(
        "indelingsjaar",
        gebied_niveau="verzameling",
        gebiedscode="regiocode",
        gemeente="GM" + members.gebiedscode.substr(2, 4),
    )
    return ibis.union(land, provinces, regions).distinct()


@door(facts=FACTS, gives=FACTS)
def with_totals(facts: ibis.Table, *, indicator: Indicator) -> ibis.Table:
    """The facts without deliveries that cannot be counted in, because they do not give unique persons.

    Where a person may be in several categorieën, only the delivery itself knows how many persons there are in
    all. One that does not say so would make every total above it too low. It counts as not delivered.
    """
    categories = indicator.dimension("categorie")
    if categories is None or categories.personen != "unique":
        return facts
    complete = facts.filter((facts.indicator == indicator.id) & (facts.categorie == TOTAL)).select("herkomst")
    return facts.semi_join(complete.distinct(), "herkomst")


@door(cells=CELLS, respons=RESPONSE, gives=CELLS)
def of_complete_areas(cells: ibis.Table, respons: ibis.Table) -> ibis.Table:
    """The cells without those of areas from which a gemeente is missing: unknown is not a smaller number."""
    return cells.anti_join(_incomplete(respons), list(AREA))


@door(sums=HIERARCHY, respons=RESPONSE, gives=HIERARCHY)
def sums_of_complete_areas(sums: ibis.Table, respons: ibis.Table) -> ibis.Table:
    """The hierarchy without areas from which a gemeente is missing: there is no sum to subtract from."""
    missing = _incomplete(respons).select(ouder="gebiedscode").distinct()
    kept = sums.anti_join(missing, "ouder")
    return kept.anti_join(missing.select(kind="ouder"), "kind")


def _incomplete(respons: ir.Table) -> ir.Table:
    is_short = respons.gemeenten_geleverd < respons.gemeenten_totaal
    return respons.filter(is_short).select(*AREA)

"""From facts to cells: every level, every region set, every total."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.aggregate.persons import over_categories
from zorgspiegel.aggregate.places import closure, leaf_year, leaves, place, places, regions_of, upward
from zorgspiegel.aggregate.sums import EUR, in_eur, spread, total
from zorgspiegel.terms.indicators import TOTAL, UNKNOWN, Indicator
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import AREAS, CELLS, DIMENSIONS, FACTS, REGION_MEMBERS

AREA = ("periode", "indelingsjaar", "gebied_niveau", "gebiedscode")


@door(facts=FACTS, areas=AREAS, region_members=REGION_MEMBERS, gives=CELLS)
def aggregate(
    facts: ibis.Table, areas: ibis.Table, region_members: ibis.Table, *, indicator: Indicator
) -> ibis.Table:
    """All cells of one indicator: what occurs, at every level and with every total.

    facts:          rows of other indicators are left alone. Areas and codes that are not known count as
                    'onbekend' (`unplaced` lists them); nothing is dropped.
    areas:          of the division years in the facts.
    region_members: any region sets; each becomes a level of its own name.
    Out:            one row per cell. kosten_eur is the exact sum; herkomst names every delivery about the
                    area, because a delivery without such persons says something too: zero. Where persons are
                    unique, a total that some delivery does not give is not there: unknown is not zero.
                    grootste_eur and tweede_eur are null where a fact is a group and no single contributor.
    """
    known = places(areas, indicator)
    placed = place(declared(facts, indicator), known).drop("is_bekend")
    in_tree = upward(leaves(known, indicator), indicator)
    above = closure(in_tree, regions_of(in_tree, region_members, indicator)).rename(bladjaar="indelingsjaar")
    cells = over_categories(placed, indicator)
    for name in ("leeftijd", "geslacht"):
        cells = _over(cells, name, indicator)
    cells = _over_areas(cells, above)
    cells = cells.filter(cells.aantal_personen.notnull(), cells.ontbreekt == 0)
    return _finished(cells, _origins(placed, above), indicator)


def declared(facts: ir.Table, indicator: Indicator) -> ir.Table:
    """Facts of this indicator, in which a code that the declaration does not know is 'onbekend'."""
    own = facts.filter(facts.indicator == indicator.id).drop("indicator")
    known = known_codes(indicator)
    return own.mutate(
        **{
            name: own[name].isin(known[name]).ifelse(own[name], ibis.literal(UNKNOWN))
            if name in known
            else ibis.literal(TOTAL)
            for name in DIMENSIONS
        }
    )


def known_codes(indicator: Indicator) -> dict[str, tuple[str, ...]]:
    """Per dimension that is used the codes that facts may have. Only a categorie may come as a total."""
    known: dict[str, tuple[str, ...]] = {
        name: dimension.leaves for name, dimension in indicator.dimensies.items()
    }
    if categories := indicator.dimension("categorie"):
        given = (code for code in categories.cell_groups if categories.groepen[code].geleverd)
        known["categorie"] = (*categories.leaves, TOTAL, *given)
    return known


def _over(cells: ir.Table, name: str, indicator: Indicator) -> ir.Table:
    dimension = indicator.dimension(name)
    if dimension is None:
        return cells
    key = ("periode", "indelingsjaar", "blad", *DIMENSIONS)
    return total(spread(cells, name, dimension.closure()), key)


def _over_areas(cells: ir.Table, above: ir.Table) -> ir.Table:
    spread_out = cells.mutate(bladjaar=leaf_year(cells)).join(above, ["bladjaar", "blad"])
    return total(spread_out.drop("bladjaar", "blad"), (*AREA, *DIMENSIONS))


def _origins(placed: ir.Table, above: ir.Table) -> ir.Table:
    """Per area and period the deliveries about it."""
    about = placed.select("periode", "indelingsjaar", "blad", "herkomst").distinct()
    about = about.mutate(bladjaar=leaf_year(about)).join(above, ["bladjaar", "blad"])
    about = about.select(*AREA, "herkomst").distinct()
    return about.group_by(*AREA).aggregate(herkomst=about.herkomst.collect().sort().join(","))


def _finished(cells: ir.Table, origins: ir.Table, indicator: Indicator) -> ir.Table:
    year = cells.periode.substr(0, 4).cast("int64")
    versions = [((year >= d.vanaf) & (year <= (d.tot or 9999)), d.versie) for d in indicator.definities]
    named = cells.mutate(
        indicator=ibis.literal(indicator.id),
        definitie_versie=ibis.cases(*versions, else_=UNKNOWN),
    ).join(origins, list(AREA))
    largest = {
        f"{name}_eur": in_eur(named[f"{name}_cent"]) if f"{name}_cent" in named.columns else ibis.null(EUR)
        for name in ("grootste", "tweede")
    }
    return named.mutate(kosten_eur=in_eur(named.cent), **largest).select(*CELLS.names)

"""Which cells add up to which, for every dimension of an indicator."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.aggregate.places import leaves, levels, places, regions_of, upward
from zorgspiegel.terms.areas import LAND
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import AREAS, DIMENSIONS, HIERARCHY, REGION_MEMBERS

CBS = "cbs"
"""The name of the set that is the CBS tree: wijk, gemeente, provincie, land."""


@door(areas=AREAS, region_members=REGION_MEMBERS, gives=HIERARCHY)
def hierarchy(
    areas: ibis.Table, region_members: ibis.Table, *, indicator: Indicator, indelingsjaar: int, jaar: int
) -> ibis.Table:
    """The sums in the cells of one indicator, division year and year: what an attacker can subtract with.

    Out: one row per part and set. Within a set each part has one sum, and every set holds the whole land.
    The CBS tree is one set; each region set is another, over gemeenten (over wijken where a region cuts
    through a gemeente). Amounts add up along every row. Persons only where the declaration says `sum`.
    """
    parts = [_codes(name, indicator, jaar) for name in DIMENSIONS if indicator.dimension(name)]
    of_year = areas.filter(areas.indelingsjaar == indelingsjaar)
    members = region_members.filter(region_members.indelingsjaar == indelingsjaar)
    return ibis.union(*parts, *_areas(of_year, members, indicator)).distinct()


def _codes(name: str, indicator: Indicator, jaar: int) -> ir.Table:
    dimension = indicator.dimension(name)
    assert dimension is not None, "only dimensions that are used have a hierarchy"
    rows = [
        {"dimensie": name, "verzameling": division, "kind": part, "ouder": whole}
        for division, part, whole in dimension.parents_in(jaar)
    ]
    return ibis.memtable(rows, schema=HIERARCHY.schema)


def _areas(areas: ir.Table, members: ir.Table, indicator: Indicator) -> list[ir.Table]:
    known = places(areas, indicator)
    leaf = leaves(known, indicator)
    return [*_tree(leaf, indicator), *_regions(leaf, members, indicator)]


def _tree(leaf: ir.Table, indicator: Indicator) -> list[ir.Table]:
    """Each area below the nearest area above it; a rest group below the area of which it is the rest."""
    chain = [leaf.blad, *(leaf[level] for level in reversed(levels(indicator)))]
    found = []
    for place, code in enumerate(chain[:-1]):
        above = ibis.coalesce(*chain[place + 1 :]) if place else _above_leaf(leaf, chain)
        pairs = leaf.select(kind=code, ouder=above).filter(lambda t: t.kind.notnull() & (t.kind != t.ouder))
        found.append(pairs)
    return [_of_area(ibis.literal(CBS), pairs) for pairs in found]


def _above_leaf(leaf: ir.Table, chain: list[ir.StringValue]) -> ir.StringValue:
    """The area right above a leaf: the first one on its way up that is not the leaf itself."""
    return ibis.coalesce(*(code.nullif(leaf.blad) for code in chain[1:]))


def _regions(leaf: ir.Table, members: ir.Table, indicator: Indicator) -> list[ir.Table]:
    """Per region set: gemeenten (or loose leaves) below their region, regions below the land."""
    regions = regions_of(upward(leaf, indicator), members, indicator).drop("indelingsjaar")
    sets = regions.select("verzameling").distinct()
    placed = leaf.cross_join(sets).left_join(regions, ["verzameling", "blad"])
    placed = placed.select("verzameling", "blad", *levels(indicator), "regiocode")
    if "gemeente" in indicator.niveaus:
        whole = placed.group_by("verzameling", "gemeente").aggregate(
            delen=placed.regiocode.coalesce("").nunique()
        )
        placed = placed.left_join(whole, ["verzameling", "gemeente"])
        is_whole = placed.gemeente.notnull() & (placed.delen == 1)
        placed = placed.mutate(eenheid=is_whole.ifelse(placed.gemeente, placed.blad))
    else:
        placed = placed.mutate(eenheid=placed.blad)
    below = placed.select("verzameling", kind="eenheid", ouder=placed.regiocode.coalesce(LAND))
    above = regions.select("verzameling", kind="regiocode", ouder=ibis.literal(LAND))
    return [_of_area(pairs.verzameling, pairs) for pairs in (below, above)]


def _of_area(verzameling: ir.StringValue, pairs: ir.Table) -> ir.Table:
    return pairs.select(dimensie=ibis.literal("gebied"), verzameling=verzameling, kind="kind", ouder="ouder")

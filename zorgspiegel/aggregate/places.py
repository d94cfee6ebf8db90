"""Where a fact counts: its leaf area, and every area above that leaf, in every region set.

A *leaf* is an area of the indicator's most detailed level, or the rest group of an area above it
(`GM0307-onbekend`: in the gemeente, but in no known wijk; `NL01-onbekend`: in no known area at all). A fact
with an area that the division of its year does not have is never lost: it is in the rest group of the nearest
area that we do know. Decision 0016.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.areas import LAND, LEVEL_OF_PREFIX
from zorgspiegel.terms.indicators import UNKNOWN, Indicator

TREE = ("land", "provincie", "gemeente", "wijk", "buurt")
"""The levels of the CBS tree, from above."""

REST = f"-{UNKNOWN}"
"""What is put after the code of an area to name its rest group."""


def levels(indicator: Indicator) -> tuple[str, ...]:
    """The indicator's levels of the CBS tree, from above."""
    return tuple(level for level in TREE if level in indicator.niveaus)


def places(areas: ir.Table, indicator: Indicator) -> ir.Table:
    """One row per area of the CBS tree and division year.

    Columns: indelingsjaar, gebiedscode, gebied_niveau; per level of the indicator a column with the code of
    the area on that level (null when this area lies above it); and blad, the leaf of facts with this code.
    """
    tree = areas.filter(areas.gebied_niveau.isin(TREE))
    chain = _with_ancestors(tree)
    known = chain.select(
        "indelingsjaar",
        "gebiedscode",
        "gebied_niveau",
        **{level: _code_at(chain, level) for level in levels(indicator) if level != "land"},
    ).mutate(land=ibis.literal(LAND))
    return known.mutate(blad=_leaf(known, indicator))


def _with_ancestors(tree: ir.Table) -> ir.Table:
    """With code0/niveau0 (itself) to code4/niveau4 (four steps up); null above the land."""
    parents = tree.select("indelingsjaar", "gebiedscode", "gebied_niveau", "oudercode")
    chain = parents.mutate(
        code0=parents.gebiedscode, niveau0=parents.gebied_niveau, volgende=parents.oudercode
    )
    for step in range(1, len(TREE)):
        above = parents.select(
            "indelingsjaar",
            code="gebiedscode",
            niveau="gebied_niveau",
            daarboven="oudercode",
        )
        joined = chain.left_join(
            above, [chain.indelingsjaar == above.indelingsjaar, chain.volgende == above.code]
        )
        chain = joined.drop("indelingsjaar_right", "volgende").rename(
            {f"code{step}": "code", f"niveau{step}": "niveau", "volgende": "daarboven"}
        )
    return chain


def _code_at(chain: ir.Table, level: str) -> ir.StringValue:
    codes = [
        (chain[f"niveau{step}"] == level).ifelse(chain[f"code{step}"], ibis.null("string"))
        for step in range(len(TREE))
    ]
    return ibis.coalesce(*codes)


def _leaf(known: ir.Table, indicator: Indicator) -> ir.StringValue:
    from_below = levels(indicator)[::-1]
    rest = [known[level] + REST for level in from_below[1:]]
    return ibis.coalesce(known[from_below[0]], *rest)


def place(facts: ir.Table, known: ir.Table) -> ir.Table:
    """The facts with `blad` in place of gebiedscode; `is_bekend`: the division of the year has that code."""
    found = known.select(jaar_a="indelingsjaar", code_a="gebiedscode", blad_a="blad")
    # A wijk that does not exist (WK030799 is how qsd301 writes "wijk onbekend") is still in its gemeente.
    gemeente = known.filter(known.gebied_niveau == "gemeente").select(
        jaar_b="indelingsjaar", code_b="gebiedscode", blad_b="blad"
    )
    is_below = facts.gebiedscode.substr(0, 2).isin(["WK", "BU"])
    facts = facts.mutate(
        in_gemeente=is_below.ifelse("GM" + facts.gebiedscode.substr(2, 4), ibis.null("string"))
    )
    placed = facts.left_join(found, [facts.indelingsjaar == found.jaar_a, facts.gebiedscode == found.code_a])
    placed = placed.left_join(
        gemeente, [placed.indelingsjaar == gemeente.jaar_b, placed.in_gemeente == gemeente.code_b]
    )
    return placed.mutate(
        blad=ibis.coalesce(placed.blad_a, placed.blad_b, ibis.literal(LAND + REST)),
        is_bekend=placed.blad_a.notnull()
        | placed.gebiedscode.isnull()
        | (placed.blad_b.notnull() & placed.gebiedscode.re_search("^WK[0-9]{4}99$")),
    ).drop("gebiedscode", "in_gemeente", "jaar_a", "code_a", "blad_a", "jaar_b", "code_b", "blad_b")


def leaves(known: ir.Table, years: ir.Table, indicator: Indicator) -> ir.Table:
    """One row per leaf that can occur: indelingsjaar, blad, and the codes of the levels above it, and itself.

    years: every division year of the facts (indelingsjaar), also one of which we have no areas.
    """
    own = known.select("indelingsjaar", "blad", *levels(indicator)).distinct()
    nowhere = years.select(
        "indelingsjaar",
        blad=ibis.literal(LAND + REST),
        **{
            level: ibis.literal(LAND) if level == "land" else ibis.null("string")
            for level in levels(indicator)
        },
    )
    return own.union(nowhere).distinct()


def regions_of(leaf: ir.Table, region_members: ir.Table, indicator: Indicator) -> ir.Table:
    """indelingsjaar, blad, verzameling, regiocode: the region of each leaf, per set; at most one in each set.

    A set with the name of a level of the CBS tree (provincie) is left alone: the tree has it already.
    Where both a wijk and its gemeente are members, the wijk's own membership counts. A region with a member
    below the indicator's levels (a wijk, for figures per gemeente) is left out whole: its sum is unknown.
    """
    members = region_members.select("verzameling", "regiocode", "gebiedscode", "indelingsjaar").distinct()
    members = members.filter(~members.verzameling.isin(TREE))
    if indicator.regio_indelingen != "alle":
        members = members.filter(members.verzameling.isin(indicator.regio_indelingen))
    too_fine = [p for p, level in LEVEL_OF_PREFIX.items() if level in TREE and level not in indicator.niveaus]
    whole = members.anti_join(
        members.filter(members.gebiedscode.substr(0, 2).isin(too_fine)),
        ["verzameling", "regiocode", "indelingsjaar"],
    )
    ranked = [
        leaf.join(
            whole, [leaf.indelingsjaar == whole.indelingsjaar, leaf[level] == whole.gebiedscode]
        ).select(leaf.indelingsjaar, "blad", "verzameling", "regiocode", diepte=ibis.literal(depth))
        for depth, level in enumerate(levels(indicator))
    ]
    every = ibis.union(*ranked)
    return every.group_by("indelingsjaar", "blad", "verzameling").aggregate(
        regiocode=every.regiocode.argmax(every.diepte)
    )


def closure(leaf: ir.Table, regions: ir.Table, indicator: Indicator) -> ir.Table:
    """indelingsjaar, blad, gebied_niveau, gebiedscode: each area in which a leaf counts, each once."""
    on_level = [
        leaf.filter(leaf[level].notnull()).select(
            "indelingsjaar", "blad", gebied_niveau=ibis.literal(level), gebiedscode=leaf[level]
        )
        for level in levels(indicator)
    ]
    as_rest = leaf.filter(leaf.blad.endswith(REST)).select(
        "indelingsjaar", "blad", gebied_niveau=ibis.literal(UNKNOWN), gebiedscode=leaf.blad
    )
    in_region = regions.select("indelingsjaar", "blad", gebied_niveau="verzameling", gebiedscode="regiocode")
    return ibis.union(*on_level, as_rest, in_region)

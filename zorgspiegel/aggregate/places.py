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

NOWHERE = LAND + REST
"""The leaf of facts without any known area."""


def levels(indicator: Indicator) -> tuple[str, ...]:
    """The indicator's levels of the CBS tree, from above."""
    return tuple(level for level in TREE if level in indicator.niveaus)


def places(areas: ir.Table, indicator: Indicator) -> ir.Table:
    """One row per area of the CBS tree and division year.

    Columns: indelingsjaar, gebiedscode, gebied_niveau; per level of the indicator a column with the code of
    the area on that level (null when this area lies above it); and blad, the leaf of facts with this code.
    """
    tree = areas.filter(areas.gebied_niveau.isin(TREE))
    gemeenten = areas.filter(areas.gebied_niveau == "gemeente").select(
        jaar_g="indelingsjaar", code_g="gebiedscode", boven="oudercode"
    )
    with_parent = tree.mutate(gemeente=_gemeente_of(tree)).left_join(
        gemeenten, [tree.indelingsjaar == gemeenten.jaar_g, _gemeente_of(tree) == gemeenten.code_g]
    )
    codes = _codes(with_parent)
    known = with_parent.select(
        "indelingsjaar",
        "gebiedscode",
        "gebied_niveau",
        **{level: codes[level] for level in levels(indicator)},
    )
    return known.mutate(blad=_leaf(known, indicator))


def _gemeente_of(area: ir.Table) -> ir.StringValue:
    """CBS codes hold the gemeente in which they lie: WK036301 is in GM0363."""
    is_inside = area.gebied_niveau.isin(["gemeente", "wijk", "buurt"])
    return is_inside.ifelse("GM" + area.gebiedscode.substr(2, 4), ibis.null("string"))


def _codes(area: ir.Table) -> dict[str, ir.StringValue]:
    """The code of an area on each level of the tree; null above its own level."""
    level, code, nothing = area.gebied_niveau, area.gebiedscode, ibis.null("string")
    has_province = area.boven.startswith("PV")
    return {
        "land": ibis.literal(LAND),
        "provincie": (level == "provincie").ifelse(code, has_province.ifelse(area.boven, nothing)),
        "gemeente": area.gemeente,
        "wijk": level.isin(["wijk", "buurt"]).ifelse("WK" + code.substr(2, 6), nothing),
        "buurt": (level == "buurt").ifelse(code, nothing),
    }


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
    is_convention = placed.blad_b.notnull() & placed.gebiedscode.re_search("^WK[0-9]{4}99$")
    return placed.mutate(
        blad=ibis.coalesce(placed.blad_a, placed.blad_b, ibis.literal(NOWHERE)),
        is_bekend=placed.blad_a.notnull() | placed.gebiedscode.isnull() | is_convention,
    ).drop("gebiedscode", "in_gemeente", "jaar_a", "code_a", "blad_a", "jaar_b", "code_b", "blad_b")


def leaves(known: ir.Table, indicator: Indicator) -> ir.Table:
    """One row per leaf: indelingsjaar, blad, and the codes of the levels above it, and itself.

    The leaf of facts without an area is there once, with division year 0: it belongs to every year.
    """
    own = known.select("indelingsjaar", "blad", *levels(indicator)).distinct()
    columns = {"indelingsjaar": "int64", "blad": "string", **dict.fromkeys(levels(indicator), "string")}
    nowhere = ibis.memtable([{"indelingsjaar": 0, "blad": NOWHERE, "land": LAND}], schema=columns)
    return own.filter(own.blad != NOWHERE).union(nowhere)


def leaf_year(placed: ir.Table) -> ir.IntegerValue:
    """The division year by which a leaf is found in `leaves`."""
    return (placed.blad == NOWHERE).ifelse(0, placed.indelingsjaar)


def upward(leaf: ir.Table, indicator: Indicator) -> ir.Table:
    """indelingsjaar, blad, gebied_niveau, gebiedscode: the areas of the tree in which a leaf counts."""
    is_rest = leaf.blad.endswith(REST)
    wide = leaf.mutate(**{UNKNOWN: is_rest.ifelse(leaf.blad, ibis.null("string"))})
    long = wide.pivot_longer(
        [*levels(indicator), UNKNOWN], names_to="gebied_niveau", values_to="gebiedscode"
    ).select("indelingsjaar", "blad", "gebied_niveau", "gebiedscode")
    return long.filter(long.gebiedscode.notnull())


def regions_of(above: ir.Table, region_members: ir.Table, indicator: Indicator) -> ir.Table:
    """indelingsjaar, blad, verzameling, regiocode: the region of each leaf, per set; at most one in each set.

    above: from `upward`. A set with the name of a level of the CBS tree (provincie) is left alone: the tree
    has it already. Where both a wijk and its gemeente are members, the wijk's own membership counts. A region
    with a member below the indicator's levels (a wijk, for figures per gemeente) is left out whole: its sum
    is unknown.
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
    depth = above.gebied_niveau.cases(*((level, i) for i, level in enumerate(TREE)), else_=-1)
    joined = above.mutate(diepte=depth).join(whole, ["indelingsjaar", "gebiedscode"])
    return joined.group_by("indelingsjaar", "blad", "verzameling").aggregate(
        regiocode=joined.regiocode.argmax(joined.diepte)
    )


def closure(above: ir.Table, regions: ir.Table) -> ir.Table:
    """indelingsjaar, blad, gebied_niveau, gebiedscode: each area in which a leaf counts, each once."""
    in_region = regions.select("indelingsjaar", "blad", gebied_niveau="verzameling", gebiedscode="regiocode")
    return above.union(in_region)

"""Names of gemeenten to codes, for sources that have no codes.

Names are no keys: publishers drop accents and apostrophes, shorten, and add a province. So a name is
compared by its key, `zorgspiegel.receive.names.SAME` says which keys are one name, and the file as a whole
tells of which
division its names are: the year in whose list most of them stand.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

_ACCENTED = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝ"
_PLAIN = "AAAAAACEEEEIIIINOOOOOUUUUY"

SAME = {
    # the key of what stands in files -> the key of the official name
    "BERGENLB": "BERGENL",
    "BERGENLIMBURG": "BERGENL",
    "BERGENNOORDHOLLAND": "BERGENNH",
    "NUENENCA": "NUENENGERWENENNEDERWETTEN",
    "NUENEN": "NUENENGERWENENNEDERWETTEN",
    "KOLLUMERLANDCA": "KOLLUMERLANDENNIEUWKRUISLAND",
    "HAARLEMMERLIEDECA": "HAARLEMMERLIEDEENSPAARNWOUDE",
    "BEEKL": "BEEK",
    "HENGELOO": "HENGELO",
    "LARENNH": "LAREN",
    "MIDDELBURGZ": "MIDDELBURG",
    "RIJSWIJKZH": "RIJSWIJK",
    "STEINL": "STEIN",
    "DENHAAG": "SGRAVENHAGE",
    "DENBOSCH": "SHERTOGENBOSCH",
    "DEFRIESEMEREN": "DEFRYSKEMARREN",
    "MENALDUMADEEL": "MENAMERADIEL",
}
"""Sources: the Vektis files of 2011 to 2023 next to the CBS lists of gemeenten of 2017 to 2026."""


def name_of_gemeente(column: ir.StringValue) -> ir.StringValue:
    """The key of a name: upper case, no accents, letters only, and one key where a name has several forms."""
    upper = column.upper().translate(_ACCENTED, _PLAIN)
    key = upper.re_replace(r"[^A-Z]", "").nullif("")
    return key.cases(*((seen, meant) for seen, meant in SAME.items()), else_=key)


def best_division(keys: ir.Table, gemeenten: ir.Table, *, year: ir.IntegerValue | int) -> ir.Table:
    """The division year in whose list most of the keys stand: one row, `indelingsjaar`, `herkend`.

    keys:      one row per different key (column `sleutel`).
    gemeenten: `sleutel, gebiedscode, indelingsjaar` of every division that is known.
    Among equals the year itself, then the nearest later one (a file is made after its year), then the
    nearest.
    """
    found = gemeenten.semi_join(keys, "sleutel")
    counted = found.group_by("indelingsjaar").aggregate(herkend=found.sleutel.nunique())
    # Fewer gemeenten that are not in the file is the second proof: 345 names in a list of 388 fit less well.
    sizes = gemeenten.group_by("indelingsjaar").aggregate(omvang=gemeenten.sleutel.nunique())
    ranked = counted.join(sizes, "indelingsjaar")
    distance = (ranked.indelingsjaar - year).abs() * 2 + (ranked.indelingsjaar < year).cast("int64")
    return (
        ranked.mutate(afstand=distance)
        .order_by([ibis.desc("herkend"), ibis.asc("omvang"), ibis.asc("afstand")])
        .limit(1)
        .select("indelingsjaar", "herkend")
    )


def codes_of_names(keys: ir.Table, gemeenten: ir.Table, *, year: ir.IntegerValue | int) -> ir.Table:
    """`sleutel, gebiedscode, indelingsjaar` for every key; gebiedscode is null for a name that no list has.

    A name that the best division lacks but another one has (a list that mixes years) gets the code of the
    nearest division that knows it.
    """
    best = best_division(keys, gemeenten, year=year).select(beste="indelingsjaar")
    choices = gemeenten.cross_join(best)
    rank = ibis.row_number().over(
        group_by=choices.sleutel,
        order_by=[(choices.indelingsjaar - choices.beste).abs(), ibis.desc(choices.indelingsjaar)],
    )
    nearest = choices.mutate(rang=rank).filter(lambda t: t.rang == 0).select("sleutel", "gebiedscode")
    return (
        keys.left_join(nearest, "sleutel")
        .select("sleutel", "gebiedscode")
        .cross_join(best.select(indelingsjaar="beste"))
    )


def gemeente_keys(areas: ir.Table) -> ir.Table:
    """`sleutel, gebiedscode, indelingsjaar` of the gemeenten in areas."""
    gemeenten = areas.filter(areas.gebied_niveau == "gemeente", areas.naam.notnull())
    return gemeenten.select(
        sleutel=name_of_gemeente(gemeenten.naam), gebiedscode="gebiedscode", indelingsjaar="indelingsjaar"
    )

"""What the declaration or the division year does not know: it is counted as 'onbekend', and listed here."""

from __future__ import annotations

import ibis

from zorgspiegel.aggregate.cells import known_codes
from zorgspiegel.aggregate.places import place, places
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.shapes import Column, Shape, door
from zorgspiegel.terms.tables import AREAS, FACTS

UNPLACED = Shape(
    "unplaced facts",
    (
        Column("herkomst", "string", "delivery or import id"),
        Column("wat", "string", "gebiedscode, categorie, leeftijd, geslacht or definitie"),
        Column("aantal_feiten", "int64", "facts that are counted as onbekend for this reason"),
        Column("aantal_personen", "int64", "persons in those facts"),
    ),
)


@door(facts=FACTS, areas=AREAS, gives=UNPLACED)
def unplaced(facts: ibis.Table, areas: ibis.Table, *, indicator: Indicator) -> ibis.Table:
    """Per delivery and reason how many facts `aggregate` counts as 'onbekend', because we do not know a code.

    What the source itself calls unknown (no area, `WK030799`, 'onbekend') is not in it. Empty = all is well.
    """
    own = facts.filter(facts.indicator == indicator.id)
    strange = {name: ~own[name].isin(allowed) for name, allowed in known_codes(indicator).items()}
    first = min(definition.vanaf for definition in indicator.definities)
    last = max(definition.tot or 9999 for definition in indicator.definities)
    strange["definitie"] = ~own.periode.substr(0, 4).cast("int64").between(first, last)
    found = [_per_delivery(own.filter(is_strange), what) for what, is_strange in strange.items()]
    placed = place(own, places(areas, indicator))
    found.append(_per_delivery(placed.filter(~placed.is_bekend), "gebiedscode"))
    return ibis.union(*found)


def _per_delivery(facts: ibis.Table, what: str) -> ibis.Table:
    return facts.group_by("herkomst").aggregate(
        wat=ibis.literal(what),
        aantal_feiten=facts.count(),
        aantal_personen=facts.aantal_personen.sum().cast("int64"),
    )

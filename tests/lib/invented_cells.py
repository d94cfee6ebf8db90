"""Invented cells in the house's own shape, for tests: facts at the lowest level, added up to every total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import product

import ibis
import pyarrow as pa

from zorgspiegel.terms.areas import level_of
from zorgspiegel.terms.shapes import Shape
from zorgspiegel.terms.tables import CELLS, HIERARCHY

Fact = tuple[str, str, str, str, int, str]
"""area, category, age, sex, persons, euros"""


def as_table(rows: list[dict[str, object]], shape: Shape) -> ibis.Table:
    """Rows as an Ibis table of exactly this shape."""
    return ibis.memtable(pa.Table.from_pylist(rows, schema=shape.schema.to_pyarrow()))


def hierarchy(pairs: Mapping[tuple[str, str], Iterable[tuple[str, str]]]) -> ibis.Table:
    """(dimension, set) -> (child, parent) pairs, as a hierarchy table."""
    rows = [
        {"dimensie": dim, "verzameling": label, "kind": child, "ouder": parent}
        for (dim, label), links in pairs.items()
        for child, parent in links
    ]
    return as_table(rows, HIERARCHY)


def cells(facts: Iterable[Fact], area_pairs: Iterable[Iterable[tuple[str, str]]], **fixed: str) -> ibis.Table:
    """Cells at every level and total out of facts. Areas follow the pairs of all sets; other dimensions go to
    T."""
    trees = [dict(pairs) for pairs in area_pairs]
    persons: dict[tuple[str, ...], int] = defaultdict(int)
    euros: dict[tuple[str, ...], list[Decimal]] = defaultdict(list)
    for area, category, age, sex, count, amount in facts:
        for key in product(_above(area, trees), {category, "T"}, {age, "T"}, {sex, "T"}):
            persons[key] += count
            euros[key].append(Decimal(amount))
    rows: list[dict[str, object]] = []
    for key, count in persons.items():
        shares = sorted(euros[key], reverse=True)
        rows.append(
            {
                "indicator": fixed.get("indicator", "wmo"),
                "definitie_versie": "1",
                "periode": fixed.get("periode", "2025"),
                "indelingsjaar": 2025,
                "gebied_niveau": level_of(key[0]) or "onbekend",
                "gebiedscode": key[0],
                "categorie": key[1],
                "leeftijd": key[2],
                "geslacht": key[3],
                "aantal_personen": count,
                "kosten_eur": sum(shares),
                "aantal_bijdragers": len(shares),
                "grootste_eur": shares[0],
                "tweede_eur": shares[1] if len(shares) > 1 else None,
                "herkomst": "invented",
            }
        )
    return as_table(rows, CELLS)


def _above(area: str, trees: Iterable[Mapping[str, str]]) -> set[str]:
    found = {area}
    waiting = [area]
    while waiting:
        code = waiting.pop()
        for tree in trees:
            if (over := tree.get(code)) and over not in found:
                found.add(over)
                waiting.append(over)
    return found

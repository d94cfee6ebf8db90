"""Table advice: which two classes to merge so that more of the table can be shown.

A table that is designed to be publishable beats one that is mostly hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pyarrow as pa

from zorgspiegel.protect.greedy import Rules, publish_greedily
from zorgspiegel.protect.own_table import Columns, OwnTable, Pairs, own_table
from zorgspiegel.protect.primary import small
from zorgspiegel.terms.protection import Profile

MOST_TRIED = 60
MOST_GIVEN = 5


def advice(
    table: pa.Table, wanted: Columns, hierarchies: Mapping[str, Mapping[str, Pairs]], profile: Profile
) -> list[dict[str, Any]]:
    """Try to merge pairs of neighbouring classes under one total, the thinnest first, and measure each.

    Gives at most five mergers, the best first: `dimension`, the two `codes`, and `gain`: how many more
    figures would be shown, after the merged classes have lost their own. Only mergers with a gain. Classes
    are neighbours when they have the same parent and follow each other in the order of their codes.
    """
    plain = Columns(wanted.dims, wanted.count)
    own = own_table(table, plain, hierarchies)
    now = _shown(own, profile)
    found: list[tuple[int, str, str, str]] = []
    for name, first, second in _pairs(own)[:MOST_TRIED]:
        merged = own_table(*_merged(table, plain, hierarchies, own, (name, first, second)))
        gain = _shown(merged, profile) - now
        if gain > 0:
            found.append((-gain, name, first, second))
    return [
        {"dimension": name, "codes": [first, second], "gain": -loss}
        for loss, name, first, second in sorted(found)[:MOST_GIVEN]
    ]


def _shown(own: OwnTable, profile: Profile) -> int:
    rules = Rules(profile.smallest_shown, profile.zeros == "shown", singletons=profile.singletons)
    return int(publish_greedily(own.layout, own.counts, small(own.counts, profile), rules).sum())


def _pairs(own: OwnTable) -> list[tuple[str, str, str]]:
    """Neighbouring leaves under one parent: dimension and two codes, the pair with fewest persons first."""
    found = []
    for axis, dim in enumerate(own.layout.dims):
        table = own.layout.as_table(own.counts)
        totals = table.max(axis=tuple(i for i in range(table.ndim) if i != axis))
        code_of = {
            int(node): code for code, node in zip(reversed(dim.codes), reversed(dim.node_of), strict=True)
        }
        leaves = set(dim.leaf_node.tolist())
        for _, kids in dim.sums:
            ordered = sorted((code_of[kid], kid) for kid in kids if kid in leaves)
            for (first, a), (second, b) in pairwise(ordered):
                found.append((int(totals[a] + totals[b]), dim.name, first, second))
    return [(name, first, second) for _, name, first, second in sorted(set(found))]


def _merged(
    table: pa.Table,
    plain: Columns,
    hierarchies: Mapping[str, Mapping[str, Pairs]],
    own: OwnTable,
    pair: tuple[str, str, str],
) -> tuple[pa.Table, Columns, Mapping[str, Mapping[str, Pairs]]]:
    """The same table and hierarchies with the second code replaced by the first, and rows that became one
    added."""
    name, first, second = pair
    codes = [first if code == second else code for code in table[name].to_pylist()]
    table = table.set_column(table.column_names.index(name), name, pa.array(codes, pa.string()))
    counts = table[plain.count].cast(pa.float64()).cast(pa.int64())
    added = (
        table.set_column(table.column_names.index(plain.count), plain.count, counts)
        .group_by(list(plain.dims), use_threads=False)
        .aggregate([(plain.count, "sum")])
        .rename_columns([*plain.dims, plain.count])
    )
    added = added.set_column(len(plain.dims), plain.count, added[plain.count].cast(pa.string()))
    sets = dict(hierarchies)
    if name in sets:
        sets[name] = {label: [p for p in pairs if p[0] != second] for label, pairs in sets[name].items()}
    assert own.columns.dims == plain.dims, "advice is about the table that was laid out"
    return added, plain, sets

"""The dimensions of one indicator, out of its cells and the hierarchy of the whole house.

The hierarchy knows all areas of a year down to the buurt. An indicator reaches down to the wijk or the
gemeente, and only some gemeenten delivered. What is not there is not zero: it stays out of the cube.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from zorgspiegel.protect.trees import Dimension, dimension, flat
from zorgspiegel.terms.areas import level_of
from zorgspiegel.terms.errors import CellsError

Sets = Mapping[str, list[tuple[str, str]]]

REST = "onbekend"
_LOCAL = {"gemeente", "wijk", "buurt"}


def area_dimension(sets: Sets, occurring: Collection[str], levels: Collection[str]) -> Dimension:
    """The areas that take part: those with cells, those above them, and within a gemeente that takes part
    every wijk and buurt of a level that the indicator knows. A rest group joins the area that its code
    names."""
    sets = _with_rest_groups(sets, occurring, separator="-")
    known = {code for pairs in sets.values() for pair in pairs for code in pair}
    if strangers := set(occurring) - known:
        if known:
            raise CellsError(_strangers("gebied", len(strangers)))
        known |= strangers
    parents = [dict(pairs) for pairs in sets.values()]
    at_level = {code for code in known if code in occurring or level_of(code) in levels}
    above = set(occurring) & known
    for tree in parents:
        for code in occurring:
            over = tree.get(code)
            while over is not None:
                above.add(over)
                over = tree.get(over)
    kept = {code for code in at_level if code in above or _lies_in(code, parents, above)}
    pairs = {label: _relinked(tree, kept) for label, tree in zip(sets, parents, strict=True)}
    return dimension("gebied", {label: tree for label, tree in pairs.items() if tree}, extra=kept)


def other_dimension(name: str, sets: Sets, occurring: Collection[str], total: str = "T") -> Dimension:
    """A dimension as its hierarchy says; without one, its codes make up the total."""
    if not any(sets.values()):
        return flat(name, occurring, total)
    known = {code for pairs in sets.values() for pair in pairs for code in pair}
    rest = {code for code in occurring if code == REST and code not in known}
    if strangers := set(occurring) - known - rest - {total}:
        raise CellsError(_strangers(name, len(strangers)))
    return dimension(
        name, {label: [*pairs, *((code, total) for code in rest)] for label, pairs in sets.items()}
    )


def _strangers(name: str, count: int) -> str:
    return (
        f"cells: {count} codes of dimension {name} do not stand in its hierarchy. "
        "Add them to the hierarchy, or take them out of the cells."
    )


def _with_rest_groups(
    sets: Sets, occurring: Collection[str], separator: str
) -> dict[str, list[tuple[str, str]]]:
    suffix = separator + REST
    rest = [code for code in sorted(occurring) if code.endswith(suffix)]
    result = {}
    for label, pairs in sets.items():
        children, sums = {child for child, _ in pairs}, {parent for _, parent in pairs}
        added = [
            (c, c.removesuffix(suffix)) for c in rest if c not in children and c.removesuffix(suffix) in sums
        ]
        result[label] = [*pairs, *added]
    return result


def _lies_in(code: str, parents: list[dict[str, str]], above: Collection[str]) -> bool:
    """Whether a gemeente or wijk that takes part holds this area."""
    if level_of(code) not in _LOCAL:
        return False
    for tree in parents:
        over = tree.get(code)
        while over is not None and level_of(over) in _LOCAL:
            if over in above:
                return True
            over = tree.get(over)
    return False


def _relinked(tree: Mapping[str, str], kept: Collection[str]) -> list[tuple[str, str]]:
    """The same tree over the kept codes only: a child goes to the nearest kept area above it."""
    pairs = []
    for child in sorted(tree):
        over = tree[child]
        while over not in kept and over in tree:
            over = tree[over]
        if child in kept and over in kept:
            pairs.append((child, over))
    return pairs

"""One dimension of a table: its codes, and which of them add up to which.

Sets of areas share their gemeenten (provincie, zorgkantoorregio, ggdregio), so a dimension is not one tree
but several over the same leaves. Codes that consist of the same leaves are the same cell under two names:
they share one *node*, and what is decided for the one holds for the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zorgspiegel.terms.errors import CellsError

Ints = npt.NDArray[np.int64]
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Dimension:
    """Codes, nodes and leaves of one dimension, in an order that depends on the codes only.

    codes:     every code once, sorted.
    node_of:   code number -> node number. Node numbers go from most leaves to fewest; 0 is the total when
               there is one total.
    leaves_of: node number -> its leaf numbers, ascending.
    leaf_node: leaf number -> the node that is this leaf alone.
    sums:      (parent node, child nodes): relations that an attacker can subtract with.
    """

    name: str
    codes: tuple[str, ...]
    node_of: Ints
    leaves_of: tuple[Ints, ...]
    leaf_node: Ints
    sums: tuple[tuple[int, tuple[int, ...]], ...]

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.leaves_of)

    @property
    def leaves(self) -> int:
        """How many leaves there are."""
        return len(self.leaf_node)

    @property
    def has_total(self) -> bool:
        """Whether one node holds all leaves."""
        return len(self.leaves_of[0]) == self.leaves

    def number_of(self) -> dict[str, int]:
        """Code -> code number."""
        return {code: number for number, code in enumerate(self.codes)}


def flat(name: str, codes: Iterable[str], total: str) -> Dimension:
    """A dimension of parts and their total, without levels in between."""
    return dimension(name, {"": [(code, total) for code in sorted(set(codes) - {total})]}, extra=[total])


def separate(name: str, codes: Iterable[str]) -> Dimension:
    """A dimension whose codes do not add up to each other at all."""
    return dimension(name, {}, extra=codes)


def dimension(name: str, sets: Mapping[str, Pairs], extra: Iterable[str] = ()) -> Dimension:
    """Build a dimension from (child, parent) pairs per set; `extra` are codes that may stand in no pair.

    Raises CellsError on a child with two parents in one set, a cycle, or a parent that consists of different
    leaves in different sets.
    """
    children = {label: _children(name, pairs) for label, pairs in sorted(sets.items())}
    codes = sorted(
        {code for tree in children.values() for p, cs in tree.items() for code in (p, *cs)} | set(extra)
    )
    leaves = [code for code in codes if not any(code in tree for tree in children.values())]
    number = {code: i for i, code in enumerate(leaves)}
    leaves_of = _leaf_sets(name, codes, children, number)
    nodes = sorted({leaves_of[code] for code in codes}, key=lambda held: (-len(held), sorted(held)))
    node_number = {held: i for i, held in enumerate(nodes)}
    sums = {
        (node_number[leaves_of[parent]], tuple(sorted(node_number[leaves_of[child]] for child in kids)))
        for tree in children.values()
        for parent, kids in tree.items()
        if len(kids) > 1
    }
    return Dimension(
        name=name,
        codes=tuple(codes),
        node_of=np.array([node_number[leaves_of[code]] for code in codes], np.int64),
        leaves_of=tuple(np.array(sorted(held), np.int64) for held in nodes),
        leaf_node=np.array([node_number[frozenset((i,))] for i in range(len(leaves))], np.int64),
        sums=tuple(sorted(sums)),
    )


def _children(name: str, pairs: Pairs) -> dict[str, list[str]]:
    parent_of: dict[str, str] = {}
    for child, parent in pairs:
        if parent_of.setdefault(child, parent) != parent:
            raise CellsError(
                f"hierarchy of {name}: a code has two parents in one set. Give each code one parent, "
                "or put the second division in a set (file) of its own."
            )
    tree: dict[str, list[str]] = {}
    for child, parent in sorted(parent_of.items()):
        tree.setdefault(parent, []).append(child)
    return tree


def _leaf_sets(
    name: str,
    codes: Sequence[str],
    children: Mapping[str, Mapping[str, Sequence[str]]],
    number: Mapping[str, int],
) -> dict[str, frozenset[int]]:
    """The leaves below each code. Walks with its own stack: a hierarchy may be deeper than Python's."""
    known: dict[str, frozenset[int]] = {code: frozenset((i,)) for code, i in number.items()}
    on_path: set[str] = set()
    for start in codes:
        stack = [start]
        while stack:
            code = stack[-1]
            if code in known:
                stack.pop()
                continue
            parts = [tree[code] for tree in children.values() if code in tree]
            missing = [kid for kids in parts for kid in kids if kid not in known]
            if not missing:
                known[code] = _union(name, [[known[kid] for kid in kids] for kids in parts])
                on_path.discard(stack.pop())
            elif code in on_path:
                raise CellsError(
                    f"hierarchy of {name}: there is a cycle. Each code must lead to a total in the end."
                )
            else:
                on_path.add(code)
                stack.extend(missing)
    return known


def _union(name: str, ways: Sequence[Sequence[frozenset[int]]]) -> frozenset[int]:
    unions = {frozenset().union(*parts) for parts in ways}
    if len(unions) > 1:
        raise CellsError(
            f"hierarchy of {name}: a total consists of other leaves in one set than in another. "
            "Give the set that lacks some a rest group, or a total of its own."
        )
    (union,) = unions
    if any(sum(map(len, parts)) != len(union) for parts in ways):
        raise CellsError(f"hierarchy of {name}: two parts of one total overlap. Parts must not share leaves.")
    return union

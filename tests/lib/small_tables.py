"""Small random tables for protection tests: uneven trees, single children, linked sets, one to four
dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from hypothesis import strategies as st

from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.trees import Dimension, dimension


@dataclass(frozen=True)
class SmallTable:
    """A layout with its counts (spine nodes x crosses), and each cell's vector over the elementary cells."""

    layout: Layout
    counts: np.ndarray
    vectors: Mapping[int, tuple[int, ...]]

    @property
    def elementary(self) -> int:
        """How many elementary cells there are."""
        return self.layout.spine.leaves * self.layout.parts


def of(layout: Layout, elementary: np.ndarray) -> SmallTable:
    """The table that these elementary cells (spine leaves x parts) make."""
    matrix = layout.cross_matrix.toarray()
    vectors = {}
    for node, cross in product(range(layout.spine.nodes), range(layout.crosses)):
        vector = np.zeros((layout.spine.leaves, layout.parts), np.int64)
        vector[layout.spine.leaves_of[node]] = matrix[cross]
        vectors[node * layout.crosses + cross] = tuple(int(x) for x in vector.ravel())
    return SmallTable(layout, layout.cube(elementary.astype(np.int64)), vectors)


@st.composite
def dimensions(draw: st.DrawFn, name: str, most_leaves: int, *, linked: bool = True) -> Dimension:
    """A dimension with an uneven tree, perhaps with single children, perhaps with a second tree over the
    leaves."""
    leaves = [f"{name}{i}" for i in range(draw(st.integers(1, most_leaves)))]
    sets = {"first": draw(_trees(name, leaves, "p"))}
    if linked and len(leaves) > 2 and draw(st.booleans()):
        sets["second"] = draw(_trees(name, leaves, "q"))
    return dimension(name, sets)


@st.composite
def _trees(draw: st.DrawFn, name: str, leaves: list[str], mark: str) -> list[tuple[str, str]]:
    pairs, standing, number = [], list(leaves), 0
    while len(standing) > 2 and draw(st.booleans()):
        size = draw(st.integers(1, len(standing) - 1))
        parent = f"{name}{mark}{number}"
        number += 1
        pairs += [(child, parent) for child in standing[:size]]
        standing = [*standing[size:], parent]
    return pairs + [(child, f"{name}T") for child in standing]


@st.composite
def small_tables(draw: st.DrawFn, *, most_cells: int = 12, most_count: int = 14, dims: int = 4) -> SmallTable:
    """A sparse table of at most `most_cells` elementary cells: many zeros and ones, some larger counts."""
    found: list[Dimension] = []
    room = most_cells
    for number in range(draw(st.integers(1, dims))):
        one = draw(dimensions("abcd"[number], max(1, min(room, 6))))
        room //= one.leaves
        found.append(one)
    layout = Layout(tuple(found))
    value = st.one_of(st.just(0), st.just(1), st.integers(0, 3), st.integers(0, most_count))
    size = layout.spine.leaves * layout.parts
    counts = draw(st.lists(value, min_size=size, max_size=size))
    return of(layout, np.array(counts).reshape(layout.spine.leaves, layout.parts))

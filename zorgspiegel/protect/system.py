"""What an attacker writes down: the sums that tie cells together, one equation per cell that has parts.

This is built from the hierarchies alone and shares nothing with the elimination. Each cell that is not
elementary is set equal to the sum of its parts over one dimension (the one with fewest parts, so that the
equations stay sparse); every other sum follows from these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from zorgspiegel.protect.blocks import Block
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.trees import Ints


@dataclass(frozen=True)
class System:
    """Equations over the cells of some rows of the spine.

    cells:   number of each cell in the whole table (spine node * crosses + cross).
    matrix:  equations x cells: parts +1, whole -1; each row adds up to zero in any true table.
    """

    cells: Ints
    matrix: Any
    at_least: Any = None
    """Rows that are never negative in a true table: unique persons are no more than the sum of the parts, and
    no fewer than the largest part."""


def system_of(layout: Layout, block: Block, unique: Sequence[tuple[Ints, Ints]] = ()) -> System:
    """The equations among the cells of one block, its root included.

    unique: (totals, parts) over crosses, where the total counts each person once: one row of parts per total.
    """
    nodes = block.nodes if block.root < 0 else np.append(block.root, block.nodes)
    place = {int(node): i for i, node in enumerate(nodes)}
    over_spine = _spine_parts(layout, block, place)
    over_cross = _cross_parts(layout)
    crosses = layout.crosses
    wholes: list[int] = []
    parts: list[Ints] = []
    for at in range(len(nodes)):
        kids = over_spine.get(at)
        for cross in range(crosses):
            down = over_cross.get(cross)
            if down is not None and (kids is None or len(down) <= len(kids)):
                wholes.append(at * crosses + cross)
                parts.append(at * crosses + down)
            elif kids is not None:
                wholes.append(at * crosses + cross)
                parts.append(kids * crosses + cross)
    cells = (nodes[:, None] * crosses + np.arange(crosses)[None, :]).ravel()
    matrix = _matrix(wholes, parts, len(cells))
    return System(cells, matrix, _inequalities(unique, len(nodes), crosses) if unique else None)


def _inequalities(unique: Sequence[tuple[Ints, Ints]], nodes: int, crosses: int) -> Any:
    wholes: list[int] = []
    parts: list[Ints] = []
    for total, kids in unique:
        for at in range(nodes):
            wholes += (at * crosses + total).tolist()
            parts += list(at * crosses + kids)
    sums = _matrix(wholes, parts, nodes * crosses)
    each = [(whole, int(kid)) for whole, kids in zip(wholes, parts, strict=True) for kid in kids]
    tops = -_matrix([w for w, _ in each], [np.array([k], np.int64) for _, k in each], nodes * crosses)
    return sparse.vstack([sums, tops], format="csr")


def _matrix(wholes: list[int], parts: list[Ints], size: int) -> Any:
    lengths = np.array([len(one) for one in parts], np.int64)
    rows = np.arange(len(wholes))
    return sparse.csr_array(
        (
            np.concatenate([np.ones(int(lengths.sum())), -np.ones(len(wholes))]),
            (
                np.concatenate([np.repeat(rows, lengths), rows]),
                np.concatenate([*parts, np.array(wholes, np.int64), np.zeros(0, np.int64)]),
            ),
        ),
        shape=(len(wholes), size),
    )


def _spine_parts(layout: Layout, block: Block, place: dict[int, int]) -> dict[int, Ints]:
    """Place of a row -> places of the rows that it is the sum of; rows that are leaves here have none."""
    found: dict[int, Ints] = {}
    for parent, kids in layout.spine.sums:
        at = place.get(parent)
        if at is None or not all(kid in place for kid in kids):
            continue
        if at not in found or len(kids) < len(found[at]):
            found[at] = np.array([place[kid] for kid in kids], np.int64)
    leaves = {int(leaf): set(layout.spine.leaves_of[leaf].tolist()) for leaf in block.leaves}
    for node, at in place.items():
        if (
            at not in found and node not in leaves
        ):  # its parts lie across the cut: take the leaves of the block
            held = set(layout.spine.leaves_of[node].tolist())
            found[at] = np.array([place[leaf] for leaf, own in leaves.items() if own <= held], np.int64)
    return found


def _cross_parts(layout: Layout) -> dict[int, Ints]:
    found: dict[int, Ints] = {}
    for up, down in layout.cross_sums:
        for cross, kids in zip(up.tolist(), down, strict=True):
            if cross not in found or len(kids) < len(found[cross]):
                found[cross] = kids
    return found

"""Cutting a large table into blocks from above: land with provincies, provincie with gemeenten, and so on.

A block is closed: what is published in it teaches nothing about its root beyond what was published there. So
blocks above are never reopened, and blocks beside each other can run at the same time, or alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zorgspiegel.protect.trees import Dimension, Ints

MOST_VARIABLES = 60_000
"""A part of the tree with no more elementary cells than this is one block, whatever its depth."""


@dataclass(frozen=True)
class Block:
    """Rows of the spine that are decided together.

    root:   the node that closes the block from above; -1 for the first block, which nothing closes.
    nodes:  the nodes that are decided here (the root was decided before), ascending.
    leaves: the nodes among them that the others consist of: leaves of the spine, or roots of blocks below.
    depth:  0 for the first block; a block comes after the block that holds its root.
    """

    root: int
    nodes: Ints
    leaves: Ints
    depth: int


def blocks_of(dim: Dimension, parts: int, most: int = MOST_VARIABLES) -> list[Block]:
    """Cut the spine into blocks; those above come first."""
    holders = _holders(dim)
    cuts = _cuts(dim, holders)
    found, waiting = [], [(-1, 0)]
    while waiting:
        root, depth = waiting.pop(0)
        block = _block(dim, holders, cuts, root=root, depth=depth, most_leaves=most // max(parts, 1))
        found.append(block)
        waiting += [(int(leaf), depth + 1) for leaf in block.leaves if len(dim.leaves_of[leaf]) > 1]
    return found


def _holders(dim: Dimension) -> list[list[int]]:
    """Leaf -> the nodes that hold it, the largest first."""
    holders: list[list[int]] = [[] for _ in range(dim.leaves)]
    for node, leaves in enumerate(dim.leaves_of):
        for leaf in leaves:
            holders[leaf].append(node)
    return holders


def _cuts(dim: Dimension, holders: list[list[int]]) -> set[int]:
    """Nodes where the tree may be cut: every other node lies inside it, around it, or apart from it."""
    cuts = set()
    for node, leaves in enumerate(dim.leaves_of):
        shared: dict[int, int] = {}
        for leaf in leaves:
            for other in holders[leaf]:
                shared[other] = shared.get(other, 0) + 1
        if all(count == min(len(leaves), len(dim.leaves_of[other])) for other, count in shared.items()):
            cuts.add(node)
    return cuts


def _block(
    dim: Dimension, holders: list[list[int]], cuts: set[int], *, root: int, depth: int, most_leaves: int
) -> Block:
    inside = np.arange(dim.leaves) if root < 0 else dim.leaves_of[root]
    small = len(inside) <= most_leaves
    nodes, leaves = set(), set()
    for leaf in inside:
        for node in holders[leaf]:
            if root >= 0 and (node <= root or len(dim.leaves_of[node]) > len(inside)):
                continue
            nodes.add(node)
            size = len(dim.leaves_of[node])
            is_whole = root < 0 and size == dim.leaves
            if size == 1 or (not small and node in cuts and not is_whole):
                leaves.add(node)
                break
    return Block(root, np.array(sorted(nodes), np.int64), np.array(sorted(leaves), np.int64), depth)

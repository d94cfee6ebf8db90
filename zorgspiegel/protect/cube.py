"""The full cube of a table: every combination of every node of every dimension, laid out as a matrix.

The dimension with most nodes (the areas, as a rule) is the *spine*: one row per node of it. All combinations
of nodes of the other dimensions are the *crosses*: one column each. A combination of leaves of the other
dimensions is a *part*. So cell = spine node x cross, and elementary cell = spine leaf x part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zorgspiegel.protect.trees import Dimension, Ints


@dataclass(frozen=True)
class Layout:
    """Dimensions in the order of the table, and which of them is the spine.

    impossible: spine leaves x parts, True for elementary cells that cannot hold anybody and of which everyone
                knows it (structural zeros); None = there are none.
    """

    dims: tuple[Dimension, ...]
    impossible: Any = field(default=None, compare=False)

    @cached_property
    def spine_at(self) -> int:
        """Place of the spine among the dimensions: the first one with most nodes."""
        return max(range(len(self.dims)), key=lambda i: (self.dims[i].nodes, -i))

    @property
    def spine(self) -> Dimension:
        """The dimension whose nodes are the rows."""
        return self.dims[self.spine_at]

    @cached_property
    def others(self) -> tuple[Dimension, ...]:
        """The dimensions that make the columns, in the order of the table."""
        return tuple(dim for i, dim in enumerate(self.dims) if i != self.spine_at)

    @cached_property
    def crosses(self) -> int:
        """How many columns there are."""
        return int(np.prod([dim.nodes for dim in self.others], dtype=np.int64))

    @cached_property
    def parts(self) -> int:
        """How many combinations of leaves of the other dimensions there are."""
        return int(np.prod([dim.leaves for dim in self.others], dtype=np.int64))

    @cached_property
    def cross_matrix(self) -> Any:
        """Crosses x parts: 1 where the part belongs to the cross."""
        return _product([membership(dim) for dim in self.others])

    @cached_property
    def part_cross(self) -> Ints:
        """Part -> the cross that is this part alone."""
        return _ravel([dim.leaf_node for dim in self.others], [dim.nodes for dim in self.others])

    @cached_property
    def cross_sums(self) -> list[tuple[Ints, Ints]]:
        """(parents, children) over crosses: parents[i] = the sum over row i of children."""
        shape = [dim.nodes for dim in self.others]
        numbers = np.arange(self.crosses, dtype=np.int64).reshape(shape)
        found = []
        for axis, dim in enumerate(self.others):
            by_node = np.moveaxis(numbers, axis, 0)
            for parent, children in dim.sums:
                parts = np.stack([by_node[child].ravel() for child in children], axis=1)
                found.append((by_node[parent].ravel(), parts))
        return found

    @cached_property
    def impossible_cells(self) -> npt.NDArray[np.bool_]:
        """Spine nodes x crosses: cells of structural zeros only. They are no secret, and no figure."""
        if self.impossible is None:
            return np.zeros((self.spine.nodes, self.crosses), np.bool_)
        return self.cube((~self.impossible).astype(np.int64)) == 0

    def cube(self, elementary: Ints) -> Ints:
        """All cells (spine nodes x crosses) out of the elementary ones (spine leaves x parts)."""
        over_parts = sparse.csr_array(elementary) @ self.cross_matrix.T
        return np.asarray((membership(self.spine) @ over_parts).toarray(), dtype=elementary.dtype)

    def numbers(self, codes: Sequence[Ints]) -> tuple[Ints, Ints]:
        """Row and column of cells that are given by one array of node numbers per dimension."""
        others = [nodes for i, nodes in enumerate(codes) if i != self.spine_at]
        return codes[self.spine_at], _ravel(
            others, [dim.nodes for dim in self.others], like=codes[self.spine_at]
        )

    def table_shape(self) -> tuple[int, ...]:
        """Nodes per dimension, in the order of the table."""
        return tuple(dim.nodes for dim in self.dims)

    def as_table(self, matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A matrix of cells, turned into one axis per dimension in the order of the table."""
        shape = [self.spine.nodes, *(dim.nodes for dim in self.others)]
        return np.moveaxis(matrix.reshape(shape), 0, self.spine_at)

    def as_matrix(self, table: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The other way: one axis per dimension, turned into spine nodes x crosses."""
        return np.ascontiguousarray(np.moveaxis(table, self.spine_at, 0).reshape(self.spine.nodes, -1))


def membership(dim: Dimension) -> Any:
    """Nodes x leaves: 1 where the leaf belongs to the node."""
    counts = np.array([len(leaves) for leaves in dim.leaves_of])
    rows = np.repeat(np.arange(dim.nodes), counts)
    columns = np.concatenate(dim.leaves_of) if dim.nodes else np.zeros(0, np.int64)
    return sparse.csr_array((np.ones(len(rows), np.int64), (rows, columns)), shape=(dim.nodes, dim.leaves))


def _product(matrices: Sequence[Any]) -> Any:
    result = sparse.csr_array(np.ones((1, 1), np.int64))
    for matrix in matrices:
        result = sparse.csr_array(sparse.kron(result, matrix, format="csr"))
    return result


def _ravel(indexes: Sequence[Ints], shape: Sequence[int], like: Ints | None = None) -> Ints:
    """Number of the combination when the indexes are combined with each other in full (or, with `like`, one
    by one). No dimensions at all make one combination, number 0."""
    if like is not None:
        result = np.zeros(len(like), np.int64)
        for index, size in zip(indexes, shape, strict=True):
            result = result * size + index
        return result
    result = np.zeros(1, np.int64)
    for index, size in zip(indexes, shape, strict=True):
        result = (result[:, None] * size + index[None, :]).ravel()
    return result

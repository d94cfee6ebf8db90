"""The arrays that the compiled kernels share: which variables make up which cells, and scratch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Shape(NamedTuple):
    """Which variables make up which cells. Cell = node * crosses + cross; variable = leaf * parts + part."""

    node_ptr: Ints
    node_leaves: Ints
    leaf_ptr: Ints
    leaf_nodes: Ints
    cross_ptr: Ints
    cross_parts: Ints
    part_ptr: Ints
    part_crosses: Ints
    part_cross: Ints  # part -> the cross that is this part alone
    crosses: int
    parts: int


class Work(NamedTuple):
    """Scratch, so that nothing is allocated in the kernel."""

    in_cell: Ints  # variable -> tick of the last cell that held it
    row_tick: Ints
    met: Ints
    dot: Ints
    dense: Ints
    dense_tick: Ints
    listed: Ints
    primary_tick: Ints
    primary_dot: Ints
    touched: Ints
    old: Ints  # touched x 3
    tick: Ints  # [0] the last tick given out

"""A sparse basis of the null space, over the prime field: what may change without a published cell changing.

Nothing is allocated inside a kernel: when the room is nearly used up, the caller packs the basis into a
larger one (`with_room`) and goes on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from zorgspiegel.protect.arrays import Bools, Ints, Shape, Work
from zorgspiegel.protect.field import PRIME, inverse, kernel


class Basis(NamedTuple):
    """Sparse rows over the variables, and per variable the rows that may hold it (stale entries are
    allowed)."""

    row_start: Ints
    row_len: Ints
    row_cap: Ints
    row_at: Ints
    row_value: Ints
    col_start: Ints
    col_len: Ints
    col_cap: Ints
    col_row: Ints
    used: Ints  # [0] of row_at and row_value, [1] of col_row; [2] the room that was wanting


@kernel
def meet(shape: Shape, basis: Basis, work: Work, node: int, cross: int) -> tuple[int, int, int]:
    """Find the basis rows that notice this cell. Gives their number, the place of the pivot among them, and
    how much room an elimination may need."""
    work.tick[0] += 1
    tick = work.tick[0]
    for i in range(shape.node_ptr[node], shape.node_ptr[node + 1]):
        for j in range(shape.cross_ptr[cross], shape.cross_ptr[cross + 1]):
            work.in_cell[shape.node_leaves[i] * shape.parts + shape.cross_parts[j]] = tick
    found, pivot, room, entries = 0, -1, 0, 0
    for i in range(shape.node_ptr[node], shape.node_ptr[node + 1]):
        for j in range(shape.cross_ptr[cross], shape.cross_ptr[cross + 1]):
            at = shape.node_leaves[i] * shape.parts + shape.cross_parts[j]
            for e in range(basis.col_start[at], basis.col_start[at] + basis.col_len[at]):
                row = basis.col_row[e]
                if work.row_tick[row] == tick or basis.row_len[row] == 0:
                    continue
                work.row_tick[row] = tick
                dot = 0
                for x in range(basis.row_start[row], basis.row_start[row] + basis.row_len[row]):
                    if work.in_cell[basis.row_at[x]] == tick:
                        dot += basis.row_value[x]
                dot %= PRIME
                if dot == 0:
                    continue
                work.met[found] = row
                work.dot[found] = dot
                entries += basis.row_len[row]
                best = work.met[pivot] if pivot >= 0 else row
                longer = basis.row_len[row] - basis.row_len[best]
                if pivot < 0 or longer < 0 or (longer == 0 and row < best):
                    pivot = found
                found += 1
    if found:
        room = 2 * (entries + found * basis.row_len[work.met[pivot]]) + 8 * found
    return found, pivot, room


@kernel
def add_to_column(basis: Basis, at: int, row: int) -> None:
    """Note that this row now holds this variable; a full list moves to the end and drops rows that are
    gone."""
    if basis.col_len[at] == basis.col_cap[at]:
        start, end, kept = basis.col_start[at], basis.used[1], 0
        for e in range(start, start + basis.col_len[at]):
            if basis.row_len[basis.col_row[e]] > 0:
                basis.col_row[end + kept] = basis.col_row[e]
                kept += 1
        basis.col_start[at] = end
        basis.col_len[at] = kept
        basis.col_cap[at] = 2 * kept + 4
        basis.used[1] = end + basis.col_cap[at]
    basis.col_row[basis.col_start[at] + basis.col_len[at]] = row
    basis.col_len[at] += 1


@kernel
def subtract(basis: Basis, work: Work, row: int, factor: int, pivot_row: int) -> None:
    """row -= factor * pivot_row."""
    work.tick[0] += 1
    tick = work.tick[0]
    length = 0
    for x in range(basis.row_start[row], basis.row_start[row] + basis.row_len[row]):
        at = basis.row_at[x]
        work.dense[at] = basis.row_value[x]
        work.dense_tick[at] = tick
        work.listed[length] = at
        length += 1
    for x in range(basis.row_start[pivot_row], basis.row_start[pivot_row] + basis.row_len[pivot_row]):
        at = basis.row_at[x]
        taken = factor * basis.row_value[x] % PRIME
        if work.dense_tick[at] == tick:
            work.dense[at] = (work.dense[at] - taken) % PRIME
        else:
            work.dense[at] = (PRIME - taken) % PRIME
            work.dense_tick[at] = tick
            work.listed[length] = at
            length += 1
            add_to_column(basis, at, row)
    kept = 0
    for i in range(length):
        if work.dense[work.listed[i]] != 0:
            kept += 1
    if kept > basis.row_cap[row]:
        basis.row_start[row] = basis.used[0]
        basis.row_cap[row] = kept + kept // 2 + 2
        basis.used[0] += basis.row_cap[row]
    basis.row_len[row] = kept
    x = basis.row_start[row]
    for i in range(length):
        at = work.listed[i]
        if work.dense[at] != 0:
            basis.row_at[x] = at
            basis.row_value[x] = work.dense[at]
            x += 1


@kernel
def eliminate(basis: Basis, work: Work, found: int, pivot: int) -> None:
    """Make all met rows blind to the cell by subtracting the pivot row; the pivot row itself goes."""
    pivot_row = work.met[pivot]
    scale = inverse(work.dot[pivot])
    for m in range(found):
        if m != pivot:
            subtract(basis, work, work.met[m], work.dot[m] * scale % PRIME, pivot_row)
    basis.row_len[pivot_row] = 0


@kernel
def wants_room(basis: Basis, room: int) -> bool:
    """Whether an elimination that needs this much room would not fit; the room is noted for `with_room`."""
    basis.used[2] = room
    return bool(basis.used[0] + room > len(basis.row_at) or basis.used[1] + 4 * room > len(basis.col_row))


def unit_basis(variables: int, alive: Bools) -> Basis:
    """The basis with one row per living variable: nothing is published yet. A variable that is not alive is
    known already (it lies in a zero that is shown) and never moves."""
    rows = np.flatnonzero(alive).astype(np.int64)
    size, room = len(rows), max(64, 6 * len(rows))
    col_len = alive.astype(np.int64)
    basis = Basis(
        row_start=np.arange(size, dtype=np.int64),
        row_len=np.ones(size, np.int64),
        row_cap=np.ones(size, np.int64),
        row_at=np.concatenate([rows, np.zeros(room, np.int64)]),
        row_value=np.ones(size + room, np.int64),
        col_start=np.cumsum(col_len) - col_len,
        col_len=col_len,
        col_cap=col_len.copy(),
        col_row=np.concatenate([np.arange(size, dtype=np.int64), np.zeros(2 * room, np.int64)]),
        used=np.array([size, size, 0], np.int64),
    )
    assert len(basis.col_start) == variables, "one column per variable"
    return basis


def with_room(basis: Basis) -> Basis:
    """The same basis, packed, with at least the room behind it that was wanting."""
    rows = np.flatnonzero(basis.row_len)
    entries = int(basis.row_len.sum())
    free = max(int(basis.used[2]), entries)
    packed = Basis(
        row_start=np.zeros_like(basis.row_start),
        row_len=basis.row_len.copy(),
        row_cap=basis.row_len.copy(),
        row_at=np.zeros(entries + free, np.int64),
        row_value=np.zeros(entries + free, np.int64),
        col_start=np.zeros_like(basis.col_start),
        col_len=np.zeros_like(basis.col_len),
        col_cap=np.zeros_like(basis.col_cap),
        col_row=np.zeros(entries + 4 * free, np.int64),
        used=np.zeros(3, np.int64),
    )
    _pack(basis, packed, rows)
    return packed


@kernel
def _pack(old: Basis, new: Basis, rows: Any) -> None:
    for row in rows:
        new.row_start[row] = new.used[0]
        for x in range(old.row_start[row], old.row_start[row] + old.row_len[row]):
            new.row_at[new.used[0]] = old.row_at[x]
            new.row_value[new.used[0]] = old.row_value[x]
            new.used[0] += 1
            new.col_cap[old.row_at[x]] += 1
    for at in range(len(new.col_start)):
        new.col_start[at] = new.used[1]
        new.used[1] += new.col_cap[at]
    for row in rows:
        for x in range(new.row_start[row], new.row_start[row] + new.row_len[row]):
            at = new.row_at[x]
            new.col_row[new.col_start[at] + new.col_len[at]] = row
            new.col_len[at] += 1

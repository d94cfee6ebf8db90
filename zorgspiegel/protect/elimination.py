"""Greedy publication: offer cells one by one, refuse each that would give a hidden cell away.

Every cell is a sum of *variables* (elementary cells). What is published spans a space of sums that an
attacker can form; its *null space* holds the ways in which the variables may change without any published
cell changing. We keep a sparse basis of that null space over a prime field, and three random members of it.
The three numbers that a cell gets from those three are its *sketch*:

- a sketch of zeros: the cell can be derived from what is published;
- two proportional sketches: publishing the one reveals the other. (Two cells that have nothing to do with
  each other look so once in 10^9: the error is on the safe side, one cell hidden too many.)

Accepting a cell removes one dimension: the sparsest basis row that meets the cell is the pivot.
This is the idea of Gaussian elimination for secondary suppression, turned round so that it stays sparse.
A lower block is *closed* against its parent: its basis holds only the changes that no cell of the parent
notices, so that whatever is accepted in it teaches nothing about the parent.

Everything here is compiled. Arrays only; nothing is allocated inside: when the room for the basis is nearly
used up, `publish_from` stops, its caller gives it more room (`with_room`), and it goes on where it was.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.field import PRIME, inverse, kernel

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NO_KEY = -1
_OFFSET = PRIME + 1


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


class Watch(NamedTuple):
    """The primary cells: their sketches, and a hash table from direction of sketch to who has it."""

    number: Ints  # cell -> primary number, -1 for others
    cell: Ints  # primary number -> cell
    person: Ints  # primary number -> the variable of its lone contributor, -1 when not alone
    sketch: Ints  # primary number x 3
    key: Ints
    members: Ints
    singles: Ints
    person_sum: Ints
    person_squares: Ints
    filled: Ints  # [0] slots that ever held a key since the last rebuild
    singletons: bool  # whether singletons may not be proportional to other primaries


class Thin(NamedTuple):
    """Additive equations (parent = sum of children): what is still hidden in each."""

    child_ptr: Ints  # cell -> equations in which it is a child
    child_of: Ints
    parent_ptr: Ints  # cell -> equations in which it is the parent
    parent_of: Ints
    hidden: Ints  # hidden children
    persons: Ints  # persons in them
    primaries: Ints
    singles: Ints
    parent_shown: Bools
    smallest: int
    on: bool


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


@kernel
def key_of(a: int, b: int, c: int) -> int:
    """A number for the direction of a sketch: the same for all multiples of it. NO_KEY for a sketch of
    zeros."""
    if a != 0:
        scale = inverse(a)
        return (b * scale % PRIME) * _OFFSET + c * scale % PRIME
    if b != 0:
        return -2 - c * inverse(b) % PRIME
    return NO_KEY if c == 0 else -2 - _OFFSET


@kernel
def slot_of(watch: Watch, key: int) -> int:
    """Where this key is, or where it would go."""
    size = len(watch.key)
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    at: Any = np.int64((mixed >> np.uint64(20)) % np.uint64(size))
    while watch.key[at] != NO_KEY and watch.key[at] != key:
        at = at + 1 if at + 1 < size else 0
    return at


@kernel
def remember(watch: Watch, primary: int) -> bool:
    """Put a primary under its direction. False when a lone contributor there could now derive another's
    cell."""
    sketch = watch.sketch[primary]
    key = key_of(sketch[0], sketch[1], sketch[2])
    if key == NO_KEY:
        return False
    at = slot_of(watch, key)
    if watch.key[at] == NO_KEY:
        watch.key[at] = key
        watch.filled[0] += 1
    watch.members[at] += 1
    person = watch.person[primary]
    if person >= 0:
        watch.singles[at] += 1
        watch.person_sum[at] += person
        watch.person_squares[at] += person * person
    members, singles = watch.members[at], watch.singles[at]
    if not watch.singletons or singles == 0 or members == 1:
        return True
    # All of one person: n * sum of squares = square of the sum, and only then.
    one_person = singles * watch.person_squares[at] == watch.person_sum[at] * watch.person_sum[at]
    return bool(members == singles and one_person)


@kernel
def forget(watch: Watch, primary: int) -> None:
    """Take a primary away from its direction."""
    sketch = watch.sketch[primary]
    key = key_of(sketch[0], sketch[1], sketch[2])
    if key == NO_KEY:
        return
    at = slot_of(watch, key)
    watch.members[at] -= 1
    person = watch.person[primary]
    if person >= 0:
        watch.singles[at] -= 1
        watch.person_sum[at] -= person
        watch.person_squares[at] -= person * person


@kernel
def rebuild(watch: Watch) -> None:
    """Fill the hash table anew: emptied slots are never given back otherwise."""
    watch.key[:] = NO_KEY
    watch.members[:] = 0
    watch.singles[:] = 0
    watch.person_sum[:] = 0
    watch.person_squares[:] = 0
    watch.filled[0] = 0
    for primary in range(len(watch.cell)):
        remember(watch, primary)


@kernel
def sketch_of(shape: Shape, null: Ints, node: int, cross: int) -> tuple[int, int, int]:
    """What the three random null vectors give for one cell."""
    a = b = c = 0
    for i in range(shape.node_ptr[node], shape.node_ptr[node + 1]):
        base = shape.node_leaves[i] * shape.parts
        for j in range(shape.cross_ptr[cross], shape.cross_ptr[cross + 1]):
            at = base + shape.cross_parts[j]
            a += null[at, 0]
            b += null[at, 1]
            c += null[at, 2]
    return a % PRIME, b % PRIME, c % PRIME


@kernel
def sketch_primaries(shape: Shape, null: Ints, watch: Watch) -> None:
    """Sketches of all primaries from scratch, and the hash table that goes with them."""
    for primary in range(len(watch.cell)):
        cell = watch.cell[primary]
        a, b, c = sketch_of(shape, null, cell // shape.crosses, cell % shape.crosses)
        watch.sketch[primary, 0] = a
        watch.sketch[primary, 1] = b
        watch.sketch[primary, 2] = c
    rebuild(watch)


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
def touch_primaries(shape: Shape, basis: Basis, work: Work, watch: Watch, row: int) -> int:
    """The primaries that notice this basis row, with what they notice. Gives how many."""
    work.tick[0] += 1
    tick = work.tick[0]
    count = 0
    for x in range(basis.row_start[row], basis.row_start[row] + basis.row_len[row]):
        at, value = basis.row_at[x], basis.row_value[x]
        leaf, part = at // shape.parts, at % shape.parts
        for i in range(shape.leaf_ptr[leaf], shape.leaf_ptr[leaf + 1]):
            base = shape.leaf_nodes[i] * shape.crosses
            for j in range(shape.part_ptr[part], shape.part_ptr[part + 1]):
                primary = watch.number[base + shape.part_crosses[j]]
                if primary < 0:
                    continue
                if work.primary_tick[primary] != tick:
                    work.primary_tick[primary] = tick
                    work.primary_dot[primary] = 0
                    work.touched[count] = primary
                    count += 1
                work.primary_dot[primary] += value
    return count


@kernel
def move_sketches(work: Work, watch: Watch, count: int, by: tuple[int, int, int]) -> bool:
    """Take `by` times what each touched primary notices off its sketch. False, and nothing moved, when that
    would let a lone contributor derive another's cell."""
    moved = 0
    for t in range(count):
        primary = work.touched[t]
        dot = work.primary_dot[primary] % PRIME
        if dot != 0:
            forget(watch, primary)
            for k in range(3):
                work.old[moved, k] = watch.sketch[primary, k]
                watch.sketch[primary, k] = (watch.sketch[primary, k] - by[k] * dot) % PRIME
            work.touched[moved] = primary
            moved += 1
    done, safe = 0, True
    while done < moved and safe:
        safe = remember(watch, work.touched[done])
        done += 1
    if not safe:
        for t in range(done):
            forget(watch, work.touched[t])
        for t in range(moved):
            primary = work.touched[t]
            for k in range(3):
                watch.sketch[primary, k] = work.old[t, k]
            remember(watch, primary)
    return safe


@kernel
def thin_allows(thin: Thin, watch: Watch, cell: int, count: int) -> bool:
    """Whether publishing this cell leaves enough hidden beside every hidden primary, in each equation."""
    if not thin.on:
        return True
    for e in range(thin.child_ptr[cell], thin.child_ptr[cell + 1]):
        equation = thin.child_of[e]
        if thin.parent_shown[equation] and thin.primaries[equation] > 0:
            left, persons = thin.hidden[equation] - 1, thin.persons[equation] - count
            alone = watch.singletons and thin.singles[equation] > 0 and thin.primaries[equation] > 1
            if persons < thin.smallest or left < (3 if alone else 2):
                return False
    for e in range(thin.parent_ptr[cell], thin.parent_ptr[cell + 1]):
        equation = thin.parent_of[e]
        if thin.primaries[equation] > 0:
            alone = watch.singletons and thin.singles[equation] > 0 and thin.primaries[equation] > 1
            if thin.persons[equation] < thin.smallest or thin.hidden[equation] < (3 if alone else 2):
                return False
    return True


@kernel
def thin_publish(thin: Thin, cell: int, count: int) -> None:
    """Note in its equations that this cell is published."""
    for e in range(thin.child_ptr[cell], thin.child_ptr[cell + 1]):
        thin.hidden[thin.child_of[e]] -= 1
        thin.persons[thin.child_of[e]] -= count
    for e in range(thin.parent_ptr[cell], thin.parent_ptr[cell + 1]):
        thin.parent_shown[thin.parent_of[e]] = True


@kernel
def wants_room(basis: Basis, room: int) -> bool:
    """Whether an elimination that needs this much room would not fit; the room is noted for `with_room`."""
    basis.used[2] = room
    return bool(basis.used[0] + room > len(basis.row_at) or basis.used[1] + 4 * room > len(basis.col_row))


@kernel
def close(shape: Shape, basis: Basis, work: Work, node: int, first_part: int) -> int:
    """Make the basis blind to every part of one node (the parent of the block). Gives the part at which it
    stopped for want of room, or the number of parts."""
    for part in range(first_part, shape.parts):
        found, pivot, room = meet(shape, basis, work, node, shape.part_cross[part])
        if found == 0:
            continue
        if wants_room(basis, room):
            return part
        eliminate(basis, work, found, pivot)
    return shape.parts


@kernel
def publish_from(  # noqa: PLR0917 - a kernel takes its arrays by position
    position: int,
    order: Ints,
    count: Ints,
    shown: Bools,
    null: Ints,
    shape: Shape,
    basis: Basis,
    work: Work,
    watch: Watch,
    thin: Thin,
) -> int:
    """Offer the cells order[position:], one by one; mark in `shown` which are published.

    Gives the position at which it stopped: the end, or the cell for which the basis needs more room.
    """
    for at in range(position, len(order)):
        cell = order[at]
        node, cross = cell // shape.crosses, cell % shape.crosses
        if 2 * watch.filled[0] > len(watch.key):
            rebuild(watch)
        if not thin_allows(thin, watch, cell, count[cell]):
            continue
        a, b, c = sketch_of(shape, null, node, cross)
        key = key_of(a, b, c)
        if key == NO_KEY:
            shown[cell] = True
            thin_publish(thin, cell, count[cell])
            continue
        if watch.members[slot_of(watch, key)] > 0:
            continue
        found, pivot, room = meet(shape, basis, work, node, cross)
        if found == 0:
            continue  # it would teach something about the parent of this block
        if wants_room(basis, room):
            return at
        row = work.met[pivot]
        scale = inverse(work.dot[pivot])
        by = (a * scale % PRIME, b * scale % PRIME, c * scale % PRIME)
        touched = touch_primaries(shape, basis, work, watch, row)
        if not move_sketches(work, watch, touched, by):
            continue
        for x in range(basis.row_start[row], basis.row_start[row] + basis.row_len[row]):
            for k in range(3):
                held = null[basis.row_at[x], k] - by[k] * basis.row_value[x]
                null[basis.row_at[x], k] = held % PRIME
        eliminate(basis, work, found, pivot)
        shown[cell] = True
        thin_publish(thin, cell, count[cell])
    return len(order)


@kernel
def derivable(shape: Shape, null: Ints, cells: Ints) -> Bools:
    """Which of these cells have a sketch of zeros: derivable from what is published."""
    found = np.zeros(len(cells), np.bool_)
    for i in range(len(cells)):
        a, b, c = sketch_of(shape, null, cells[i] // shape.crosses, cells[i] % shape.crosses)
        found[i] = a == 0 and b == 0 and c == 0
    return found


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

"""Sketches of cells, and who among the primary cells has a proportional one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from zorgspiegel.protect.arrays import Bools, Ints, Shape, Work
from zorgspiegel.protect.basis import Basis
from zorgspiegel.protect.field import PRIME, inverse, kernel

NO_KEY = -1
"""The direction of a sketch of zeros: a cell that can be derived."""
_OFFSET = PRIME + 1


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
def move_sketches(work: Work, watch: Watch, count: int, by: tuple[int, int, int], forced: bool) -> bool:
    """Take `by` times what each touched primary notices off its sketch. False, and nothing moved, when that
    would let a lone contributor derive another's cell; unless it is `forced`: known is known."""
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
        safe = remember(watch, work.touched[done]) or forced
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
def derivable(shape: Shape, null: Ints, cells: Ints) -> Bools:
    """Which of these cells have a sketch of zeros: derivable from what is published."""
    found = np.zeros(len(cells), np.bool_)
    for i in range(len(cells)):
        a, b, c = sketch_of(shape, null, cells[i] // shape.crosses, cells[i] % shape.crosses)
        found[i] = a == 0 and b == 0 and c == 0
    return found

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

from zorgspiegel.protect.arrays import Bools, Ints, Shape, Work
from zorgspiegel.protect.basis import Basis, eliminate, meet, wants_room
from zorgspiegel.protect.field import PRIME, inverse, kernel
from zorgspiegel.protect.sketches import (
    NO_KEY,
    Watch,
    key_of,
    move_sketches,
    rebuild,
    sketch_of,
    slot_of,
    touch_primaries,
)
from zorgspiegel.protect.thin import Thin, thin_allows, thin_publish


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
    known: int,
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
    """Offer the cells order[position:], one by one; mark in `shown` which are published. The first `known`
    cells of the order are published whatever they give away: everybody knows them already.

    Gives the position at which it stopped: the end, or the cell for which the basis needs more room.
    """
    for at in range(position, len(order)):
        cell = order[at]
        node, cross = cell // shape.crosses, cell % shape.crosses
        if 2 * watch.filled[0] > len(watch.key):
            rebuild(watch)
        forced = at < known
        if not forced and not thin_allows(thin, watch, cell, count[cell]):
            continue
        a, b, c = sketch_of(shape, null, node, cross)
        key = key_of(a, b, c)
        if key == NO_KEY:
            shown[cell] = True
            thin_publish(thin, cell, count[cell])
            continue
        if not forced and watch.members[slot_of(watch, key)] > 0:
            continue
        found, pivot, room = meet(shape, basis, work, node, cross)
        if found == 0:  # it would teach something about the parent of this block
            shown[cell] |= forced
            continue
        if wants_room(basis, room):
            return at
        row = work.met[pivot]
        scale = inverse(work.dot[pivot])
        by = (a * scale % PRIME, b * scale % PRIME, c * scale % PRIME)
        touched = touch_primaries(shape, basis, work, watch, row)
        if not move_sketches(work, watch, touched, by, forced):
            continue
        for x in range(basis.row_start[row], basis.row_start[row] + basis.row_len[row]):
            for k in range(3):
                held = null[basis.row_at[x], k] - by[k] * basis.row_value[x]
                null[basis.row_at[x], k] = held % PRIME
        eliminate(basis, work, found, pivot)
        shown[cell] = True
        thin_publish(thin, cell, count[cell])
    return len(order)

"""Thin remainders: beside a hidden primary cell enough must stay hidden, in each additive equation."""

from __future__ import annotations

from typing import NamedTuple

from zorgspiegel.protect.arrays import Bools, Ints
from zorgspiegel.protect.field import kernel
from zorgspiegel.protect.sketches import Watch


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

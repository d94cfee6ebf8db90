"""Attackers who know more than what is shown: a contributor who is alone in a cell knows that cell.

A person who is alone in a cell is alone in every smaller cell around him too, and knows what else lies in
them: nothing. We ask what such a person learns about others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.intervals import WHOLE_UP_TO
from zorgspiegel.protect.solver import Floats
from zorgspiegel.protect.system import System

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

GROUPS_UP_TO = 2_000
"""Systems with more hidden cells than this are guarded by the linear rule of the elimination alone."""
_GROUPS = 6


@dataclass(frozen=True)
class Insiders:
    """Lone contributors, each known by the elementary cell that he is in.

    held: cell -> the person who is alone in it, -1 for other cells.
    """

    system: System
    held: Ints
    persons: Ints

    def knowledge(self) -> Bools:
        """What they know when they put it all together: the cells where one of them is alone, and their
        parts."""
        return _inside(self.system, np.isin(self.held, self.persons))

    def halves(self) -> tuple[Insiders, Insiders]:
        """The same persons in two groups."""
        first, second = np.array_split(self.persons, 2)
        return replace(self, persons=first), replace(self, persons=second)


def insiders(system: System, values: Floats, shown: Bools, alone: Bools) -> Iterator[Insiders]:
    """The lone contributors of a system: one by one when it is small, in groups to begin with when it is
    larger.

    A group does not ask what one member learns about the cells of another: groups are drawn twice, so that
    two persons who are together in one group are apart in another, as good as always.
    """
    lone = alone & ~shown
    hidden = int((~shown).sum())
    if not lone.any() or hidden > GROUPS_UP_TO:
        return
    held = _held_by(system, values, lone)
    persons = np.unique(held[held >= 0])
    if hidden <= WHOLE_UP_TO:
        yield from (Insiders(system, held, persons[i : i + 1]) for i in range(len(persons)))
        return
    draw = np.random.default_rng(len(persons))
    for _ in range(2):
        for group in np.array_split(draw.permutation(persons), _GROUPS):
            yield Insiders(system, held, np.sort(group))


def _held_by(system: System, values: Floats, lone: Bools) -> npt.NDArray[np.int64]:
    """Cell -> the elementary cell where its lone contributor is; -1 for cells that are not alone.

    Walks down the equations: of the parts of a cell with one person, one part holds that person.
    """
    matrix = system.matrix
    down = {}
    for row in range(matrix.shape[0]):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        cells, signs = matrix.indices[span], matrix.data[span]
        down[int(cells[signs < 0][0])] = cells[signs > 0]
    held = np.full(len(lone), -1, np.int64)
    for cell in np.flatnonzero(lone):
        at = int(cell)
        while at in down:
            parts = down[at]
            at = int(parts[values[parts].argmax()])
        held[cell] = at
    return held


def _inside(system: System, known: Bools) -> Bools:
    """Cells that lie inside known cells: the parts of a cell with one person are known to that person."""
    matrix = system.matrix
    inside = known.copy()
    grown = True
    while grown:
        grown = False
        for row in range(matrix.shape[0]):
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            cells, signs = matrix.indices[span], matrix.data[span]
            # A cell whose parts he all knows is known to him too: it may have been cut up over another
            # dimension.
            knows = inside[cells[signs < 0][0]] or inside[cells[signs > 0]].all()
            if knows and not inside[cells].all():
                inside[cells] = True
                grown = True
    return inside

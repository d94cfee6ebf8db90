"""Attackers who know more than what is shown: a contributor who is alone in a cell knows that cell.

A person who is alone in a cell is alone in every smaller cell around him too, and knows what else lies in
them: nothing. We ask what such a person learns about others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.intervals import WHOLE_UP_TO
from zorgspiegel.protect.solver import Floats
from zorgspiegel.protect.system import System

Bools = npt.NDArray[np.bool_]

GROUPS_UP_TO = 2_000
"""Systems with more hidden cells than this are guarded by the linear rule of the elimination alone."""
_GROUPS = 6


def insiders(
    system: System, values: Floats, shown: Bools, primary: Bools, alone: Bools
) -> Iterator[tuple[Bools, Bools]]:
    """Pairs of (cells that an attacker knows besides, cells that must still be able to move for him).

    Small systems: one attacker per lone contributor. Larger ones: contributors in groups who pool what they
    know, each contributor in one of a few groups: whatever is safe from a group is safe from each of its
    members.
    """
    lone = alone & ~shown
    hidden = int((~shown).sum())
    if not lone.any() or hidden > GROUPS_UP_TO:
        return
    held = _held_by(system, values, lone)
    persons = np.unique(held[held >= 0])
    groups = [[p] for p in persons] if hidden <= WHOLE_UP_TO else np.array_split(_dealt(persons), _GROUPS)
    for group in groups:
        known = np.isin(held, group)
        inside = known | _inside(system, known)
        yield inside & ~shown, primary & ~shown & ~inside


def _dealt(persons: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.random.default_rng(len(persons)).permutation(persons)


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

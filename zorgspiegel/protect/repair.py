"""The audit with the truth in hand: every hidden cell must be able to move; where one cannot, hide more.

Hiding more never hurts another cell: every table that agreed with what was shown still does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.blocks import Block
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.insiders import Insiders, insiders
from zorgspiegel.protect.intervals import Needs, Search, Spread, far_above, rows_of
from zorgspiegel.protect.solver import Floats, Polytope
from zorgspiegel.protect.system import System, system_of
from zorgspiegel.protect.trees import Ints

Bools = npt.NDArray[np.bool_]

_MOST_PASSES = 60
_MOST_FREED = 8
_AT_ONCE = 25
_HOLDS = 1e-3
_REACHED = 1e-3
_GIVE_BACK_UP_TO = 1_000
_GIVE_BACK_MOST = 40


@dataclass
class Outcome:
    """What the audit of one block found and did."""

    hidden_more: list[int] = field(default_factory=list)
    too_narrow: int = 0
    tested: int = 0
    by_witness: int = 0
    one_by_one: int = 0
    solves: int = 0
    left: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """One table to audit, over all its cells (spine nodes x crosses, as one row).

    values: the truth. needs: how far each cell must be able to move. price: what it costs to hide a shown
            cell.
    primary: cells whose secret is at stake; alone: hidden cells with one contributor, who knows them.
    unique:  totals over crosses that count each person once.
    counts:  whether the values are whole numbers.
    main:    cell -> cell of the table whose mask is decided, when that is not the same one.
    kept:    shown cells that cannot be hidden any more, since everybody knows them already.
    """

    layout: Layout
    values: Floats
    needs: Needs
    price: Floats
    primary: Bools
    alone: Bools
    unique: Sequence[tuple[Ints, Ints]] = ()
    counts: bool = True
    main: Ints | None = None
    kept: Bools | None = None

    def own(self, shown: Bools) -> Bools:
        """The mask of the main table, cell by cell of this one."""
        return shown if self.main is None else shown[self.main]

    def theirs(self, cells: Sequence[int]) -> list[int]:
        """Cells of this table as cells of the main one."""
        return sorted({int(cell if self.main is None else self.main[cell]) for cell in cells})


def audit_block(task: Task, block: Block, shown: Bools, *, alone_too: bool = True) -> Outcome:
    """Test the hidden cells of one block against outsiders and against lone contributors, and say which shown
    cells have to be hidden too. `left` are cells that stay too narrow when nothing more can be hidden.

    alone_too: lone contributors as well; in tables of many blocks the linear rule alone guards against them.
    """
    system = system_of(task.layout, block, task.unique)
    mine = system.cells
    audit = _Audit(
        system=system,
        values=task.values[mine],
        shown=task.own(shown)[mine].copy(),
        needs=Needs(task.needs.above[mine], task.needs.width[mine]),
        price=np.where(task.kept[mine], np.inf, task.price[mine])
        if task.kept is not None
        else task.price[mine],
        counts=task.counts,
        outcome=Outcome(),
    )
    nothing, wanted = np.zeros(len(mine), np.bool_), ~audit.shown
    audit.against(nothing, wanted)
    audit.give_back(nothing, wanted)
    if alone_too:
        for attackers in insiders(system, audit.values, audit.shown, task.alone[mine]):
            audit.against_any_of(attackers, task.primary[mine])
    audit.outcome.hidden_more = task.theirs([int(mine[cell]) for cell in audit.outcome.hidden_more])
    audit.outcome.left = [int(mine[cell]) for cell in audit.outcome.left]
    return audit.outcome


@dataclass
class _Audit:
    system: System
    values: Floats
    shown: Bools
    needs: Needs
    price: Floats
    counts: bool
    outcome: Outcome

    def give_back(self, known: Bools, wanted: Bools) -> None:
        """Show again what was hidden in vain: several cells may have been hidden where the last one sufficed.
        Only in small systems, since every cell is tried for itself, the dearest first."""
        if int((~self.shown).sum()) > _GIVE_BACK_UP_TO:
            return
        dearest = sorted(self.outcome.hidden_more, key=lambda one: (-self.price[one], one))
        for cell in dearest[:_GIVE_BACK_MOST]:
            self.shown[cell] = True
            stuck = self._search(known, Spread.at(self.values)).stuck(wanted & ~self.shown, prove=False)
            if len(stuck):
                self.shown[cell] = False
            else:
                self.outcome.hidden_more.remove(cell)

    def against_any_of(self, attackers: Insiders, wanted: Bools) -> None:
        """Hide more until each wanted cell can move for each of these attackers alone.

        They are taken together first: what is safe from all of them who pool their knowledge is safe from
        each. Where it is not, the group is halved until the one remains to whom it matters.
        """
        known = attackers.knowledge()
        wanted = wanted & ~known & ~self.shown
        if len(attackers.persons) == 1:
            self.against(known, wanted)
            return
        stuck = self._search(known, Spread.at(self.values)).stuck(wanted, prove=False)
        if len(stuck):
            narrowed = np.zeros_like(wanted)
            narrowed[stuck] = True
            for half in attackers.halves():
                self.against_any_of(half, narrowed)

    def _search(self, known: Bools, spread: Spread) -> Search:
        return Search(
            self.system, self.values, self.shown, self.needs, spread, fixed=known, whole=self.counts
        )

    def against(self, known: Bools, wanted: Bools) -> None:
        """Hide more until each wanted cell can move, for an attacker who knows the `known` cells besides."""
        spread = Spread.at(self.values)
        for number in range(_MOST_PASSES):
            search = self._search(known & ~self.shown, spread)
            stuck = search.stuck(wanted & ~self.shown, prove=False)
            if number == 0:
                self.outcome.too_narrow += len(stuck)
                self.outcome.tested += int(wanted.sum())
            if len(stuck) == 0:
                break
            more = _hide_more(
                self.system, self.values, self.shown, known, search.goal(stuck), self.price, stuck
            )
            if not more:
                self.outcome.left += [int(cell) for cell in stuck]
                break
            self.shown[more] = False
            self.outcome.hidden_more += more
        self.outcome.by_witness += spread.by_witness
        self.outcome.one_by_one += spread.one_by_one
        self.outcome.solves += spread.solves


def _hide_more(  # noqa: PLR0917 - one call, which names what it hands over
    system: System, values: Floats, shown: Bools, known: Bools, goals: Floats, price: Floats, stuck: Ints
) -> list[int]:
    """For each stuck cell the shown cells that have to be hidden so that it can move, by the linear
    relaxation.

    Push the cell; where it stops, shown cells with a reduced cost are what holds it. Of those the one goes
    that gives most room for its price; push again. When whole numbers hold a cell and the relaxation does
    not, nothing
    has a reduced cost: then the cheapest cell near it goes.
    """
    room = _with_shown(system, values, shown | known)
    free = shown & np.isfinite(price)
    more: list[int] = []
    for cell, goal in list(zip(stuck.tolist(), goals.tolist(), strict=True))[:_AT_ONCE]:
        before = len(more)
        for _ in range(_MOST_FREED):
            reached, gain = room.held(cell, goal)
            if reached >= goal - _REACHED:
                break
            held = np.flatnonzero(free & (np.abs(gain) > _HOLDS))
            if len(held) == 0:
                break
            best = int(held[np.lexsort((held, (price[held] + 1.0) / np.abs(gain[held])))[0]])
            free[best] = False
            room.free(best, far_above(values))
            more.append(best)
        if len(more) == before and not more:
            near = _near(system.matrix, cell, free)
            more += [int(one) for one in near[np.lexsort((near, price[near]))][:1]]
            free[more[before:]] = False
    return more


def _with_shown(system: System, values: Floats, known: Bools) -> Polytope:
    """All cells as columns, the known ones fixed at their value: so that each has a reduced cost."""
    lower, upper = np.where(known, values, 0.0), np.where(known, values, far_above(values))
    rows, slack = rows_of(system)
    return Polytope(rows, np.zeros(rows.shape[0]), lower, upper, whole=False, slack=slack)


def _near(matrix: Any, cell: int, shown: Bools) -> Ints:
    """Shown cells in an equation with this cell, or else in an equation with one of its fellows there."""
    by_cell = matrix.tocsc()
    near = {cell}
    for _ in range(3):
        rows = {
            int(r) for one in near for r in by_cell.indices[by_cell.indptr[one] : by_cell.indptr[one + 1]]
        }
        near |= {int(c) for row in rows for c in matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]}
        found = np.array(sorted(one for one in near if shown[one]), np.int64)
        if len(found):
            return found
    return np.zeros(0, np.int64)

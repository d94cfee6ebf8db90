"""How far each hidden cell can move, given all that is shown: exactly, and mostly by certificates.

Another table that agrees with everything shown is a *witness*: one witness settles many cells at once. So we
push a random mixture of the unsettled cells upwards (each no further than it needs), note for every cell the
least and greatest value seen, and repeat; the few cells that stay unsettled are solved one by one. On small
systems every witness is a table of whole numbers and the answer is exact; on large ones it is exact for the
linear relaxation, which is what an attacker with a solver has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zorgspiegel.protect.solver import Floats, Polytope
from zorgspiegel.protect.system import System
from zorgspiegel.protect.trees import Ints

Bools = npt.NDArray[np.bool_]

WHOLE_UP_TO = 400
"""Systems with no more hidden cells than this are solved in whole numbers."""
_ROUNDS = 80
_FEW = 12
"""So few unsettled cells of a small system are solved one by one before they are called stuck."""
_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Needs:
    """What must be possible for each cell: its value plus `above`, and a spread of `width`."""

    above: Floats
    width: Floats


@dataclass
class Spread:
    """The least and greatest value seen of each cell of a system, and how that came to be known."""

    low: Floats
    high: Floats
    solves: int = 0
    by_witness: int = 0
    one_by_one: int = 0

    @classmethod
    def at(cls, values: Floats) -> Spread:
        """Nothing seen yet but the table itself."""
        return cls(values.copy(), values.copy())

    def saw(self, cells: Ints, values: Floats) -> None:
        """Note another table."""
        self.low[cells] = np.minimum(self.low[cells], values)
        self.high[cells] = np.maximum(self.high[cells], values)

    def settled(self, values: Floats, needs: Needs) -> Bools:
        """Which cells can move as far as they need."""
        wide = self.high - self.low >= needs.width - _TOLERANCE
        return np.asarray(wide & (self.high >= values + needs.above - _TOLERANCE))


class Search:
    """The tables that agree with what is shown in one system, and what has been seen of them so far.

    values:  a table that agrees: the truth for one who protects, any one for one who attacks.
    shown:   cells that everybody knows. `fixed` are hidden cells that this attacker knows all the same.
    whole:   the table holds counts, so only whole numbers can be the truth (amounts may be anything).
    bounds:  least and greatest value of every cell; from 0 to far above when not given.
    """

    def __init__(
        self,
        system: System,
        values: Floats,
        shown: Bools,
        needs: Needs,
        spread: Spread,
        *,
        fixed: Bools | None = None,
        whole: bool = True,
        bounds: tuple[Floats, Floats] | None = None,
    ) -> None:
        known = shown if fixed is None else shown | fixed
        self.values, self.needs, self.spread = values, needs, spread
        self.hidden = np.flatnonzero(~known).astype(np.int64)
        rows, slack = rows_of(system)
        left = rows.tocsc()[:, self.hidden].tocsr()
        rhs = -(rows @ np.where(known, values, 0.0))
        kept = np.flatnonzero(np.diff(left.indptr) > 0)
        lower, upper = np.zeros(len(values)), np.full(len(values), far_above(values))
        if bounds is not None:
            lower, upper = bounds
        is_whole = whole and len(self.hidden) <= WHOLE_UP_TO
        low, high = lower[self.hidden], upper[self.hidden]
        self.room = Polytope(left[kept], rhs[kept], low, high, whole=is_whole, slack=slack[kept])

    def stuck(self, wanted: Bools, *, prove: bool) -> Ints:
        """Widen what was seen until every wanted cell is settled or stuck; gives the stuck ones.

        prove: solve for each unsettled cell alone before calling it stuck. Without it a cell may be called so
               that is not: the safe side for one who protects, the wrong one for one who attacks.
        """
        self._push(wanted)
        todo = self._unsettled(wanted)
        self.spread.by_witness += int(wanted[self.hidden].sum()) - len(todo)
        if prove or (self.room.whole and len(todo) <= _FEW):
            todo = np.array([at for at in todo if not self._alone(int(at))], np.int64)
        self.spread.solves += self.room.solves
        return self.hidden[todo]

    def _unsettled(self, wanted: Bools) -> Ints:
        return np.flatnonzero((wanted & ~self.spread.settled(self.values, self.needs))[self.hidden])

    def goal(self, cells: Any) -> Any:
        """How high these cells must come, the width included, when they stay as low as was seen."""
        by_width = self.spread.low[cells] + self.needs.width[cells]
        return np.maximum(self.values[cells] + self.needs.above[cells], by_width)

    def _push(self, wanted: Bools) -> None:
        draw = np.random.default_rng(20_251_122)
        downward = False
        todo = self._unsettled(wanted)
        for _ in range(_ROUNDS):
            if len(todo) == 0:
                return
            cells = self.hidden[todo]
            costs, lower, upper = np.zeros(len(self.hidden)), self.room.lower.copy(), self.room.upper.copy()
            weights = draw.uniform(0.5, 1.5, len(todo))
            # The bounds must leave the known table inside, or there may be nothing to find.
            if downward:
                costs[todo] = -weights
                least = self.spread.high[cells] - self.needs.width[cells]
                lower[todo] = np.minimum(np.maximum(lower[todo], least), self.values[cells])
            else:
                costs[todo] = weights
                upper[todo] = np.maximum(self.goal(cells), self.values[cells])
            found = self.room.push(costs, lower, upper)
            if found is not None:
                self.spread.saw(self.hidden, found)
            before, todo = len(todo), self._unsettled(wanted)
            if before - len(todo) < max(1, before // 50):
                if downward:
                    return
                downward = True

    def _alone(self, column: int) -> bool:
        """Whether one cell can move as far as it needs, by solving for it alone, upwards and downwards."""
        cell = self.hidden[column]
        if self.spread.settled(self.values, self.needs)[cell]:
            return True
        self.spread.one_by_one += 1
        for sign in (1, -1):
            within = (
                self.goal(cell) if sign > 0 else max(0.0, self.spread.high[cell] - self.needs.width[cell])
            )
            table = self.room.extreme(column, sign, within)
            if table is not None:
                self.spread.saw(self.hidden, table)
            if self.spread.settled(self.values, self.needs)[cell]:
                return True
        return False

    def interval(self, cell: int) -> tuple[float, float]:
        """The least and greatest value that one hidden cell can have."""
        column = int(np.searchsorted(self.hidden, cell))
        ends = []
        for sign in (-1, 1):
            table = self.room.extreme(column, sign, np.inf * sign)
            if table is None:
                table = self.values[self.hidden]
            self.spread.saw(self.hidden, table)
            ends.append(float(table[column]))
        low, high = (round(end) if abs(end - round(end)) < _TOLERANCE else end for end in ends)
        return float(low), float(high)


def rows_of(system: System) -> tuple[Any, Floats]:
    """All rows of a system, and how far each may rise above its right-hand side: not at all, or without
    end."""
    matrix = system.matrix
    if system.at_least is None:
        return matrix, np.zeros(matrix.shape[0])
    loose = np.full(system.at_least.shape[0], np.inf)
    return sparse.vstack([matrix, system.at_least], format="csr"), np.append(np.zeros(matrix.shape[0]), loose)


def far_above(values: Floats) -> float:
    """A bound that no cell of a table like this can reach."""
    return 10.0 * float(values.max(initial=0.0)) + 1000.0


def needs_of_counts(counts: Floats, primary: Bools, *, strict: bool = False) -> Needs:
    """The rule for counts: a primary cell may be one more than it is, and moves over at least 2. A cell that
    is hidden for another's sake must move too, or hiding it is for nothing; `strict` asks the same of
    both."""
    above = np.where(primary | strict, 1.0, 0.0)
    return Needs(above=above, width=np.full(len(counts), 2.0))


def summary(spread: Spread, hidden: Ints) -> dict[str, Any]:
    """Widths of the intervals seen so far, for the report: lower bounds, since nobody pushed further than
    needed."""
    widths = (spread.high - spread.low)[hidden]
    edges = [0, 1, 2, 3, 5, 10, np.inf]
    found, _ = np.histogram(widths + _TOLERANCE, edges)
    return {f"{a}-{b}": int(n) for a, b, n in zip(edges, edges[1:], found, strict=False)}

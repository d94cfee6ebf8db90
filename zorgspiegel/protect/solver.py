"""HiGHS, held in one place: the tables that agree with what is shown, as a polytope that can be pushed
about."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EXACT_NODES = 20_000
_RESIDUAL = 1e-6


class Polytope:
    """All x with matrix @ x = rhs (or up to `slack` more, row by row) and lower <= x <= upper.

    `whole`: only whole numbers count; every solve is a mixed-integer one. Everything is bounded by counts of
    iterations and nodes, never by a clock: the same input must give the same bytes on every machine.
    """

    def __init__(
        self,
        matrix: Any,
        rhs: Floats,
        lower: Floats,
        upper: Floats,
        *,
        whole: bool,
        slack: Floats | None = None,
    ) -> None:
        self.matrix, self.rhs, self.whole = matrix, rhs, whole
        self.rhs_upper = rhs if slack is None else rhs + slack
        self.lower, self.upper = lower.copy(), upper.copy()
        self.columns = np.arange(matrix.shape[1], dtype=np.int32)
        self.solves = 0
        self._highs = highspy.Highs()
        for option, value in {
            "output_flag": False,
            "threads": 1,
            "random_seed": 0,
            "parallel": "off",
        }.items():
            self._highs.setOptionValue(option, value)
        self._highs.setOptionValue("mip_max_nodes", _EXACT_NODES)
        self._highs.setOptionValue("mip_rel_gap", 0.0)
        self._pass()

    def _pass(self) -> None:
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = self.matrix.shape
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_, lp.col_upper_ = self.lower, self.upper
        lp.row_lower_, lp.row_upper_ = self.rhs, self.rhs_upper
        rows = self.matrix.tocsr()
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
        if self.whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
        self._highs.passModel(lp)
        self._highs.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def push(self, costs: Floats, lower: Floats | None = None, upper: Floats | None = None) -> Floats | None:
        """A table as far as possible along `costs`, perhaps within tighter bounds; None when there is none,
        or when none was found that is right to the last digit. Any table it gives is a true witness; the last
        word on the extreme of one cell is `extreme`."""
        self._bounds(lower, upper)
        if not self.whole:
            self._highs.clearSolver()
            self._highs.setOptionValue("solver", "ipm")
            self._highs.setOptionValue("run_crossover", "off")
        return self._run(costs)

    def extreme(self, column: int, sign: int, within: float) -> Floats | None:
        """A table in which this column is as great (sign 1) or as small (sign -1) as it can be, looked for no
        further than `within`."""
        upper, lower = self.upper.copy(), self.lower.copy()
        if sign > 0:
            upper[column] = min(upper[column], within)
        else:
            lower[column] = max(lower[column], within)
        costs = np.zeros(len(self.columns))
        costs[column] = sign
        return self.push(costs, lower, upper)

    def held(self, column: int, goal: float) -> tuple[float, Floats]:
        """How far one column comes when it is pushed up to its goal, and what holds it: per column what it
        would gain per unit that the other is freed (its reduced cost)."""
        assert not self.whole, "only the linear relaxation has reduced costs"
        costs, upper = np.zeros(len(self.columns)), self.upper.copy()
        costs[column] = 1.0
        upper[column] = min(upper[column], goal)
        found = self.push(costs, None, upper)
        gain = np.asarray(self._highs.getSolution().col_dual, dtype=np.float64)
        return (float(found[column]) if found is not None else float(self.lower[column])), gain

    def free(self, column: int, upper: float) -> None:
        """Let a fixed column move between 0 and `upper` from now on."""
        self.lower[column], self.upper[column] = 0.0, upper

    def _bounds(self, lower: Floats | None, upper: Floats | None) -> None:
        low = self.lower if lower is None else lower
        high = self.upper if upper is None else upper
        self._highs.changeColsBounds(len(self.columns), self.columns, low, high)

    def _run(self, costs: Floats) -> Floats | None:
        self._highs.changeColsCost(len(self.columns), self.columns, costs)
        self._highs.run()
        self.solves += 1
        values = np.asarray(self._highs.getSolution().col_value, dtype=np.float64)
        if len(values) != len(self.columns):
            return None
        if self.whole:
            values = np.round(values)
        values = np.clip(values, self.lower, self.upper)
        scale = 1.0 + np.abs(self.rhs).max(initial=0.0)
        sums = self.matrix @ values
        off = np.maximum(self.rhs - sums, sums - self.rhs_upper).max(initial=0.0)
        return values if off <= (0.0 if self.whole else _RESIDUAL * scale) else None

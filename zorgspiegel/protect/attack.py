"""The attack: what comes out of published tables, for someone who has only those and the hierarchies.

It does not know the truth, nor how the mask was made. It takes all files together as one set of equations and
asks of each hidden cell how far it can move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.protect import columns
from zorgspiegel.protect.blocks import Block, blocks_of
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.intervals import WHOLE_UP_TO, Bools, Needs, Search, Spread, far_above, rows_of
from zorgspiegel.protect.own_table import STATUS, TOTAL, Pairs, hierarchy_dimension, scaled
from zorgspiegel.protect.solver import Floats, Polytope
from zorgspiegel.protect.system import System, system_of
from zorgspiegel.protect.trees import Dimension, Ints, flat
from zorgspiegel.terms.errors import CellsError
from zorgspiegel.terms.statuses import CellStatus

JOINT_VARIABLES = 20_000
"""Elementary cells that are attacked jointly, with all levels at once; larger tables by parts of the
spine."""


@dataclass(frozen=True)
class Found:
    """A hidden cell that came out: its codes, one per dimension, and the interval in which it must lie."""

    codes: tuple[str, ...]
    low: float
    high: float


@dataclass
class Attack:
    """What an attack found. `intervals` holds every hidden cell when it was asked to be exact, else only
    leaks."""

    cells: int = 0
    hidden: int = 0
    equations: int = 0
    solves: int = 0
    by_witness: int = 0
    one_by_one: int = 0
    leaks: list[Found] = field(default_factory=list)
    intervals: list[Found] = field(default_factory=list)


def attack_tables(
    tables: Sequence[pa.Table],
    dims: Sequence[str],
    hierarchies: Mapping[str, Mapping[str, Pairs]],
    *,
    measure: str | None = None,
    rounded_to: int = 1,
    exact: bool = False,
    workers: int = 1,
) -> Attack:
    """Attack published tables: outcomes of `protect`, several of them about the same persons taken together.

    measure:    the column to attack; the first one that is no dimension and not the status when not given.
    rounded_to: the figures were rounded to multiples of this: each says only in which interval the truth
                lies.
    exact:      the interval of every hidden cell, not only whether it is wide enough.
    A leak is a hidden cell that can take fewer than three neighbouring values. Raises CellsError when the
    tables contradict each other, or are not what they should be.
    """
    layout = Layout(_dimensions(tables, dims, hierarchies))
    low, high, known = _known(tables, layout, measure or _measure(tables[0], dims), rounded_to)
    done = Attack(cells=known.size, hidden=int((~known).sum()))
    blocks = blocks_of(layout.spine, layout.parts, JOINT_VARIABLES)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        parts = list(
            pool.map(
                lambda b: _attack_block(layout, b, low.ravel(), high.ravel(), known.ravel(), exact), blocks
            )
        )
    names = _names(layout)
    seen: set[int] = set()
    for part, leaks, intervals in parts:
        done.solves += part.solves
        done.by_witness += part.by_witness
        done.one_by_one += part.one_by_one
        done.equations += part.equations
        done.leaks += [Found(names(cell), a, b) for cell, a, b in leaks if cell not in seen]
        done.intervals += [Found(names(cell), a, b) for cell, a, b in intervals if cell not in seen]
        seen |= {cell for cell, _, _ in (*leaks, *intervals)}
    return done


def _measure(table: pa.Table, dims: Sequence[str]) -> str:
    others = [name for name in table.column_names if name not in {*dims, STATUS}]
    if not others:
        raise CellsError("there is no column with figures beside the dimensions and the status.")
    return str(others[0])


def _dimensions(
    tables: Sequence[pa.Table], dims: Sequence[str], hierarchies: Mapping[str, Mapping[str, Pairs]]
) -> tuple[Dimension, ...]:
    for table in tables:
        if missing := [name for name in (*dims, STATUS) if name not in table.column_names]:
            raise CellsError(
                f"there is no column {', '.join(missing)}. There is: {', '.join(table.column_names)}."
            )
    found = []
    for name in dims:
        if name in hierarchies:
            found.append(hierarchy_dimension(name, hierarchies[name]))
            continue
        codes = {str(code) for table in tables for code in pc.unique(table[name]).to_pylist()}
        if TOTAL not in codes:
            raise CellsError(f"dimension {name} has no {TOTAL}. Give its hierarchy: --hierarchy {name}=FILE.")
        found.append(flat(name, codes, TOTAL))
    return tuple(found)


def _known(
    tables: Sequence[pa.Table], layout: Layout, measure: str, rounded_to: int
) -> tuple[Floats, Floats, Bools]:
    """Least and greatest value of each cell as far as it was shown, and which cells were shown at all."""
    shape = (layout.spine.nodes, layout.crosses)
    low, high = np.zeros(shape), np.full(shape, np.inf)
    known = np.zeros(shape, np.bool_)
    for table in tables:
        if measure not in table.column_names:
            raise CellsError(f"there is no column {measure}. There is: {', '.join(table.column_names)}.")
        shown = pc.equal(table[STATUS], CellStatus.GETOOND).to_numpy(zero_copy_only=False)
        numbers, places = scaled(table[measure], measure)
        values = numbers / 10.0**places
        cells = _cells(table, layout)
        at = (cells[0][shown], cells[1][shown])
        below, above = (rounded_to // 2, rounded_to - 1 - rounded_to // 2)
        low[at] = np.maximum(low[at], values[shown] - below)
        high[at] = np.minimum(high[at], values[shown] + above)
        known[at] = True
    if (low > high).any():
        raise CellsError(
            f"{int((low > high).sum())} cells are shown with different figures. Give only files about the "
            "same persons, or attack each release alone."
        )
    return low, high, known


def _cells(table: pa.Table, layout: Layout) -> tuple[Ints, Ints]:
    nodes = []
    for dim in layout.dims:
        codes, texts = columns.coded(table[dim.name])
        number = dim.number_of()
        if strangers := sum(text not in number for text in texts):
            raise CellsError(
                f"{strangers} codes of {dim.name} do not stand in its hierarchy. Add them to it."
            )
        nodes.append(dim.node_of[np.array([number[text] for text in texts], np.int64)[codes]])
    return layout.numbers(nodes)


def _names(layout: Layout) -> Any:
    """A function from cell to its codes: the first code of each node."""
    first = []
    for dim in layout.dims:
        codes = [""] * dim.nodes
        for code, node in reversed(list(zip(dim.codes, dim.node_of, strict=True))):
            codes[node] = code
        first.append(codes)
    sizes = [dim.nodes for dim in layout.others]

    def name(cell: int) -> tuple[str, ...]:
        node, cross = divmod(cell, layout.crosses)
        others = [int(place) for place in np.unravel_index(cross, sizes)] if sizes else []
        places = [*others[: layout.spine_at], node, *others[layout.spine_at :]]
        return tuple(codes[place] for codes, place in zip(first, places, strict=True))

    return name


Cells = list[tuple[int, float, float]]


def _attack_block(  # noqa: PLR0917 - one call, which names what it hands over
    layout: Layout, block: Block, low: Floats, high: Floats, known: Bools, exact: bool
) -> tuple[Attack, Cells, Cells]:
    system = system_of(layout, block)
    mine = system.cells
    done = Attack(equations=system.matrix.shape[0])
    own_low, own_high, own_known = low[mine], high[mine], known[mine]
    if own_known.all():
        return done, [], []
    search = _search(system, own_low, own_high, own_known)
    wanted = ~own_known
    if exact:
        intervals = [(int(mine[c]), *search.interval(int(c))) for c in np.flatnonzero(wanted)]
        leaks = [one for one in intervals if one[2] - one[1] < 2 - 1e-6]
        done.solves, done.one_by_one = search.room.solves, len(intervals)
        return done, leaks, intervals
    stuck = search.stuck(wanted, prove=True)
    done.by_witness, done.one_by_one = search.spread.by_witness, search.spread.one_by_one
    leaks = [(int(mine[c]), *search.interval(int(c))) for c in stuck]
    leaks = [one for one in leaks if one[2] - one[1] < 2 - 1e-6]
    done.solves = search.room.solves
    return done, leaks, leaks


def _search(system: System, low: Floats, high: Floats, known: Bools) -> Search:
    """A search that starts from some table that agrees with what is shown."""
    limit = far_above(np.where(np.isfinite(high), high, 0.0))
    bounded = np.where(np.isfinite(high), high, limit)
    rows, slack = rows_of(system)
    exactly = high <= low
    start: Floats | None = None
    for whole in (True, False):
        if whole and int((~exactly).sum()) > WHOLE_UP_TO:
            continue
        room = Polytope(rows, np.zeros(rows.shape[0]), low, bounded, whole=whole, slack=slack)
        start = room.push(np.zeros(len(low)))
        if start is not None:
            break
    if start is None:
        raise CellsError(
            "the shown cells contradict each other: no table has them all. Were they rounded? "
            "Then say to what: --rounded-to 10. Do the hierarchies belong to them?"
        )
    size = len(low)
    needs = Needs(above=np.zeros(size), width=np.full(size, 2.0))
    return Search(system, start, exactly, needs, Spread.at(start), bounds=(low, bounded))

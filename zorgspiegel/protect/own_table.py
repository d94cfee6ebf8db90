"""Anyone's table: elementary rows as text, hierarchies as pairs; out comes the full cube with a status.

This is the door of the room for tables that are not the house's own (`zorgspiegel protect`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.protect import columns
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.primary import Amounts
from zorgspiegel.protect.trees import Dimension, Ints, dimension, flat
from zorgspiegel.terms.errors import CellsError
from zorgspiegel.terms.statuses import CellStatus

Bools = npt.NDArray[np.bool_]
Pairs = Sequence[tuple[str, str]]

TOTAL = "Totaal"
STATUS = "status"
_MOST_DECIMALS = 6
_GREATEST = 10**15


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are what. `largest`: the largest and second largest contribution to
    `values[0]`."""

    dims: tuple[str, ...]
    count: str
    values: tuple[str, ...] = ()
    largest: tuple[str, ...] = ()

    def check(self, table: pa.Table, name: str) -> None:
        """Raise CellsError when one is missing."""
        wanted = (*self.dims, self.count, *self.values, *self.largest)
        if len(set(wanted)) < len(wanted):
            raise CellsError("a column is named twice. Give each role its own column.")
        if missing := [column for column in wanted if column not in table.column_names]:
            raise CellsError(
                f"{name}: there is no column {', '.join(missing)}. It has: {', '.join(table.column_names)}."
            )


@dataclass(frozen=True)
class OwnTable:
    """A table laid out as the full cube.

    counts: persons (spine nodes x crosses). values: amounts in whole units of 10^-decimals, of the same
            shape.
    """

    columns: Columns
    layout: Layout
    counts: Ints
    values: tuple[Ints, ...]
    decimals: tuple[int, ...]
    largest: Amounts | None


def hierarchy_dimension(name: str, sets: Mapping[str, Pairs], *, one_root: bool = True) -> Dimension:
    """A dimension out of hierarchy files (set -> child, parent). Raises CellsError unless there is one
    root."""
    for pairs in sets.values():
        roots = {parent for _, parent in pairs} - {child for child, _ in pairs}
        if not pairs or (pairs and not roots):
            raise CellsError(
                f"hierarchy of {name}: there is no total: it is empty, or every code lies under another."
            )
        if one_root and len(roots) > 1:
            raise CellsError(
                f"hierarchy of {name}: there are {len(roots)} totals. Put one code above them all."
            )
    return dimension(name, sets)


def dimensions(
    table: pa.Table, dims: Sequence[str], hierarchies: Mapping[str, Mapping[str, Pairs]]
) -> tuple[Dimension, ...]:
    """The dimensions of a table: by their hierarchy, or all codes under one total."""
    if strangers := set(hierarchies) - set(dims):
        raise CellsError(f"--hierarchy names {', '.join(sorted(strangers))}, which --dims does not have.")
    found = []
    for name in dims:
        if name in hierarchies:
            found.append(hierarchy_dimension(name, hierarchies[name]))
            continue
        codes = {code for code in pc.unique(table[name]).to_pylist() if code is not None}
        if TOTAL in codes:
            raise CellsError(
                f"dimension {name} has rows for {TOTAL}. Give elementary rows only, or a hierarchy."
            )
        found.append(flat(name, codes, TOTAL))
    return tuple(found)


def own_table(table: pa.Table, wanted: Columns, hierarchies: Mapping[str, Mapping[str, Pairs]]) -> OwnTable:
    """Lay out a table of elementary rows; combinations without a row are zero.

    Raises CellsError on missing columns, unknown or empty codes, codes that are totals, repeated cells,
    counts that are negative or no whole numbers, and values that are no numbers.
    """
    wanted.check(table, "cells")
    if table.num_rows == 0:
        raise CellsError("cells: there are no rows, so there is nothing to protect.")
    for name in (wanted.count, *wanted.values, *wanted.largest):
        if empty := table[name].null_count:
            raise CellsError(
                f"cells: column {name} has {empty} empty fields. Write 0 where there is nothing."
            )
    layout = Layout(dimensions(table, wanted.dims, hierarchies))
    leaf, part = _places(table, layout)
    counts = whole_numbers(table[wanted.count], wanted.count)
    if (counts < 0).any():
        raise CellsError(f"cells: column {wanted.count} has {int((counts < 0).sum())} negative counts.")
    values, decimals = [], []
    for name in wanted.values:
        numbers, places = scaled(table[name], name)
        values.append(layout.cube(_placed(layout, leaf, part, numbers)))
        decimals.append(places)
    elementary = _placed(layout, leaf, part, counts)
    largest = None
    if wanted.largest:
        largest = _largest(table, wanted, layout, (leaf, part), (values[0], decimals[0]))
    return OwnTable(wanted, layout, layout.cube(elementary), tuple(values), tuple(decimals), largest)


def whole_numbers(column: pa.ChunkedArray, name: str) -> Ints:
    """A text column as whole numbers ("12" or "12.0"); empty is 0."""
    numbers, places = scaled(column, name)
    if places and (numbers % 10**places).any():
        raise CellsError(f"cells: column {name} has fractions. A count is a whole number.")
    return np.asarray(numbers // 10**places)


def scaled(column: pa.ChunkedArray, name: str) -> tuple[Ints, int]:
    """A text column of numbers as whole multiples of 10^-places, exactly; empty is 0. Gives places too."""
    texts = pc.fill_null(pc.utf8_trim_whitespace(column), "0")
    good = pc.match_substring_regex(texts, r"^[-+]?[0-9]{1,15}(\.[0-9]{1,6}0*)?$")
    if wrong := int(pc.sum(pc.invert(good)).as_py() or 0):
        raise CellsError(
            f"cells: column {name} has {wrong} fields that are no number. Write numbers with a decimal "
            f"point, without thousands separators, with at most {_MOST_DECIMALS} decimals."
        )
    split = [text.partition(".") for text in texts.to_pylist()]
    places = min(max((len(fraction) for _, _, fraction in split), default=0), _MOST_DECIMALS)
    numbers = [int(f"{whole}{fraction[:places]:0<{places}}") for whole, _, fraction in split]
    if max(map(abs, numbers), default=0) > _GREATEST:
        raise CellsError(f"cells: column {name} has numbers of more than 15 digits, decimals included.")
    return np.array(numbers, np.int64), places


def _places(table: pa.Table, layout: Layout) -> tuple[Ints, Ints]:
    """Per row the spine leaf and the part that it is about."""
    leaves = []
    for dim in layout.dims:
        codes, texts = columns.coded(table[dim.name])
        if table[dim.name].null_count:
            raise CellsError(f"cells: column {dim.name} has {table[dim.name].null_count} empty codes.")
        number = dim.number_of()
        if strangers := sum(text not in number for text in texts):
            raise CellsError(
                f"cells: {strangers} codes of {dim.name} do not stand in its hierarchy. Add them to it."
            )
        nodes = dim.node_of[np.array([number[text] for text in texts], np.int64)]
        leaf_of = np.full(dim.nodes, -1, np.int64)
        leaf_of[dim.leaf_node] = np.arange(dim.leaves)
        if totals := int((leaf_of[nodes] < 0).sum()):
            raise CellsError(
                f"cells: {totals} codes of {dim.name} are totals of others. Give elementary rows only."
            )
        leaves.append(leaf_of[nodes][codes])
    part = np.zeros(table.num_rows, np.int64)
    for axis, dim in enumerate(layout.dims):
        if axis != layout.spine_at:
            part = part * dim.leaves + leaves[axis]
    place = leaves[layout.spine_at] * layout.parts + part
    if twice := len(place) - len(np.unique(place)):
        raise CellsError(f"cells: {twice} rows repeat a cell that stands there already. Each has one row.")
    return leaves[layout.spine_at], part


def _placed(layout: Layout, leaf: Ints, part: Ints, numbers: Ints) -> Ints:
    table = np.zeros((layout.spine.leaves, layout.parts), np.int64)
    table[leaf, part] = numbers
    return table


def _largest(
    table: pa.Table, wanted: Columns, layout: Layout, place: tuple[Ints, Ints], amount: tuple[Ints, int]
) -> Amounts:
    """The two largest contributions to each cell, out of those to its elementary cells."""
    cube, decimals = amount
    tops = []
    for name in (*wanted.largest, *wanted.largest[:1])[:2]:
        numbers, places = scaled(table[name], name)
        if places > decimals:
            raise CellsError(f"cells: column {name} has more decimals than {wanted.values[0]}.")
        tops.append(np.abs(_placed(layout, *place, numbers * 10 ** (decimals - places))))
    first, second = tops[0], tops[1] if len(wanted.largest) > 1 else np.zeros_like(tops[0])
    for axis, dims in ((1, layout.others), (0, (layout.spine,))):
        first, second = _two_largest(first, second, axis, dims, layout)
    return Amounts(cents=cube, contributors=np.zeros_like(cube), largest=first, second=second)


def _two_largest(
    first: Ints, second: Ints, axis: int, dims: Sequence[Dimension], layout: Layout
) -> tuple[Ints, Ints]:
    if axis == 1:
        matrix = layout.cross_matrix
        members = [matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]] for i in range(layout.crosses)]
    else:
        members = list(dims[0].leaves_of)
    tops, seconds = [], []
    for held in members:
        both = np.concatenate([first.take(held, axis), second.take(held, axis)], axis)
        ranked = -np.sort(-both, axis=axis)
        tops.append(ranked.take(0, axis))
        seconds.append(ranked.take(1, axis))
    return np.stack(tops, axis), np.stack(seconds, axis)


def full_cube(own: OwnTable, shown: Bools, counts: Ints, values: Sequence[Ints]) -> pa.Table:
    """Every combination of all codes, sorted; count and values empty where hidden."""
    layout = own.layout
    grid = np.meshgrid(*(np.arange(len(dim.codes)) for dim in layout.dims), indexing="ij")
    nodes = [dim.node_of[numbers.ravel()] for dim, numbers in zip(layout.dims, grid, strict=True)]
    cells = layout.numbers(nodes)
    hidden = ~shown[cells]
    fields: dict[str, Any] = {
        dim.name: columns.texts(dim.codes, numbers.ravel())
        for dim, numbers in zip(layout.dims, grid, strict=True)
    }
    fields[own.columns.count] = pa.array(counts[cells], pa.int64(), mask=hidden)
    for name, numbers, places in zip(own.columns.values, values, own.decimals, strict=True):
        fields[name] = decimals(numbers[cells], places, hidden)
    fields[STATUS] = columns.texts((CellStatus.GETOOND, CellStatus.GEHEIM), hidden.astype(np.int64))
    return pa.table(fields)


def decimals(numbers: Ints, places: int, missing: Bools) -> pa.Array:
    """Whole multiples of 10^-places as decimal numbers; null where missing."""
    words = np.empty((len(numbers), 2), np.int64)
    words[:, 0] = numbers
    words[:, 1] = numbers >> 63
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())
    return pa.Array.from_buffers(
        pa.decimal128(38, places), len(numbers), [valid, pa.py_buffer(words.tobytes())]
    )

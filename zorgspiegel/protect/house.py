"""The house's own cells (terms.tables.CELLS) as arrays, and the protected cube back as a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.protect import columns
from zorgspiegel.protect.areas import REST, area_dimension, other_dimension
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.primary import Amounts, risky, small
from zorgspiegel.protect.trees import Dimension, Ints, separate
from zorgspiegel.terms.errors import CellsError
from zorgspiegel.terms.protection import PersonsOver, Profile
from zorgspiegel.terms.tables import DIMENSIONS

Bools = npt.NDArray[np.bool_]

GROUP = ("indicator", "definitie_versie", "periode", "indelingsjaar")
"""Cells with the same values here make one table; nothing adds up across tables."""

AXES = ("gebied", *DIMENSIONS)


def axis_column(name: str) -> str:
    """The column of the house's tables in which a dimension stands."""
    return "gebiedscode" if name == "gebied" else name


@dataclass(frozen=True)
class Study:
    """One table of the house, as arrays with one axis per dimension (gebied, categorie, leeftijd, geslacht).

    dims:      the four dimensions. A dimension over which persons are the same has one person count for all.
    counts:    persons per cell. amounts: what the rules for amounts look at; None without amounts.
    no_amount: cells that occur without an amount.
    same:      axes over which every part is about the very same persons.
    apart:     axes over which persons do not add up (T is unique persons); amounts do.
    levels:    code of the area -> gebied_niveau.
    rest_only: axes whose unknown code occurs in the rest groups of areas only, which have no other code.
    """

    group: tuple[Any, ...]
    dims: tuple[Dimension, ...]
    counts: Ints
    amounts: Amounts | None
    no_amount: Bools
    same: tuple[int, ...]
    apart: tuple[int, ...]
    levels: Mapping[str, str]
    rest_only: tuple[int, ...] = ()

    @cached_property
    def layout(self) -> Layout:
        """The dimensions that decide what can be derived from what. Amounts add up over all of them; without
        amounts, T of a dimension with unique persons is a figure of its own that nothing adds up to."""
        kept = []
        for axis, dim in enumerate(self.dims):
            if axis not in self.same:
                loose = axis in self.apart and self.amounts is None
                kept.append(separate(dim.name, dim.codes) if loose else dim)
        plain = Layout(tuple(kept))
        return Layout(plain.dims, self._impossible(plain)) if self.rest_only else plain

    def _impossible(self, plain: Layout) -> Bools:
        """Elementary cells of a known area with an unknown code, and of a rest group with a known code."""
        shape = [dim.leaves for dim in plain.dims]
        names = [dim.name for dim in plain.dims]
        is_rest = _along(_leaf_is(self.dims[0], f"-{REST}"), 0, len(shape))
        impossible = np.zeros(shape, np.bool_)
        for axis in self.rest_only:
            at = names.index(self.dims[axis].name)
            impossible |= is_rest != _along(_leaf_is(self.dims[axis], REST), at, len(shape))
        return np.moveaxis(impossible, plain.spine_at, 0).reshape(plain.spine.leaves, -1)

    def pressed(self, table: npt.NDArray[Any], how: Any = np.max) -> npt.NDArray[Any]:
        """A table over all axes, pressed together over the axes with the same persons, as rows and
        columns."""
        return self.layout.as_matrix(how(table, axis=self.same) if self.same else table)

    def spread(self, matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The way back: the same answer for every part of those axes."""
        table = self.layout.as_table(matrix)
        for axis in self.same:
            table = np.expand_dims(table, axis)
        return np.broadcast_to(table, self.counts.shape)

    def primary(self, profile: Profile) -> Bools:
        """Cells that their own contents hide, as rows and columns of the layout."""
        hidden = small(self.counts, profile)
        if self.amounts is not None:
            hidden = hidden | risky(self.amounts, profile)
            if profile.zeros == "shown":  # an amount without persons would be a correction on somebody
                hidden = hidden | ((self.counts == 0) & (self.amounts.cents != 0))
        return np.asarray(self.pressed(hidden, np.any)) & ~self.layout.impossible_cells


def _leaf_is(dim: Dimension, ending: str) -> Bools:
    """Per leaf of a dimension whether its code ends so."""
    nodes = [node for code, node in zip(dim.codes, dim.node_of, strict=True) if code.endswith(ending)]
    return np.isin(dim.leaf_node, nodes)


def _along(values: Bools, axis: int, axes: int) -> Bools:
    return values.reshape([-1 if i == axis else 1 for i in range(axes)])


def studies(
    cells: ibis.Table,
    hierarchy: ibis.Table,
    persons_over: Mapping[str, PersonsOver],
    rest_only: Collection[str] = (),
) -> list[Study]:
    """Read the cells, check that they add up, and lay them out: one study per indicator, version, period,
    year.

    Raises CellsError when cells do not add up, stand twice, or have codes that the hierarchy does not know.
    """
    if unknown := {*persons_over, *rest_only} - set(DIMENSIONS):
        raise CellsError(f"There is no dimension {sorted(unknown)}. There are: {', '.join(DIMENSIONS)}.")
    table, sets = cells.to_pyarrow(), _sets(hierarchy)
    keys = [columns.coded(_text(table[name])) for name in GROUP]
    group = np.zeros(table.num_rows, np.int64)
    for codes, texts in keys:
        group = group * max(len(texts), 1) + codes
    found = []
    for number in np.unique(group):
        rows = table.filter(pa.array(group == number))
        found.append(_study(rows, sets, persons_over, rest_only))
    return sorted(found, key=lambda study: tuple(map(str, study.group)))


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string())


def _sets(hierarchy: ibis.Table) -> dict[str, dict[str, list[tuple[str, str]]]]:
    sets: dict[str, dict[str, list[tuple[str, str]]]] = {name: {} for name in AXES}
    rows = hierarchy.to_pyarrow().to_pylist()
    for row in sorted(rows, key=lambda r: (r["dimensie"], r["verzameling"], r["kind"], r["ouder"])):
        if row["dimensie"] not in sets:
            raise CellsError(f"hierarchy: unknown dimension. It can be: {', '.join(AXES)}.")
        sets[row["dimensie"]].setdefault(row["verzameling"], []).append((row["kind"], row["ouder"]))
    return sets


def _study(
    rows: pa.Table,
    sets: Mapping[str, Mapping[str, list[tuple[str, str]]]],
    persons_over: Mapping[str, PersonsOver],
    rest_only: Collection[str],
) -> Study:
    coded = [columns.coded(_text(rows[axis_column(name)])) for name in AXES]
    niveau_codes, niveaus = columns.coded(_text(rows["gebied_niveau"]))
    levels = {
        coded[0][1][area]: niveaus[level] for area, level in set(zip(coded[0][0], niveau_codes, strict=True))
    }
    dims = (
        area_dimension(sets["gebied"], coded[0][1], set(niveaus)),
        *(other_dimension(n, sets[n], coded[i][1]) for i, n in enumerate(DIMENSIONS, 1)),
    )
    places = tuple(_nodes(dim, *pair) for dim, pair in zip(dims, coded, strict=True))
    shape = tuple(dim.nodes for dim in dims)
    _refuse_twice(dims, coded)
    counts = columns.integers(rows["aantal_personen"])
    if (counts < 0).any():
        raise CellsError(f"cells: {int((counts < 0).sum())} rows have a negative aantal_personen.")
    has_amount = np.asarray(pc.is_valid(rows["kosten_eur"]).to_numpy())
    study = Study(
        group=tuple(rows[name][0].as_py() for name in GROUP),
        dims=dims,
        counts=_placed(shape, places, counts, "aantal_personen"),
        amounts=_amounts(rows, shape, places) if has_amount.any() else None,
        no_amount=_placed(shape, places, (~has_amount).astype(np.int64), "kosten_eur") > 0,
        same=tuple(i for i, name in enumerate(AXES) if persons_over.get(name) == "same"),
        apart=tuple(i for i, name in enumerate(AXES) if persons_over.get(name) == "unique"),
        levels=levels,
        rest_only=tuple(i for i, name in enumerate(AXES) if name in rest_only),
    )
    occurs = _placed(shape, places, np.ones(len(counts), np.int64), "aantal_personen") > 0
    return _checked(study, occurs)


def _nodes(dim: Dimension, codes: Ints, texts: Sequence[str]) -> Ints:
    number = dim.number_of()
    return dim.node_of[np.array([number[text] for text in texts], np.int64)[codes]]


def _refuse_twice(dims: Sequence[Dimension], coded: Sequence[tuple[Ints, list[str]]]) -> None:
    key = np.zeros(len(coded[0][0]), np.int64)
    for codes, texts in coded:
        key = key * len(texts) + codes
    if twice := len(key) - len(np.unique(key)):
        raise CellsError(
            f"cells: {twice} rows repeat a cell that stands there already. Each cell has one row."
        )


def _placed(shape: tuple[int, ...], places: tuple[Ints, ...], values: Ints, name: str) -> Ints:
    """The values in their cells. Two codes for one node must say the same."""
    table = np.zeros(shape, np.int64)
    table[places] = values
    if differs := int((table[places] != values).sum()):
        raise CellsError(
            f"cells: {differs} rows have another {name} than the single part that they consist of."
        )
    return table


def _amounts(rows: pa.Table, shape: tuple[int, ...], places: tuple[Ints, ...]) -> Amounts:
    def cells(values: Ints) -> Ints:
        table = np.zeros(shape, np.int64)
        table[places] = values
        return table

    return Amounts(
        cents=_placed(shape, places, columns.cents(rows["kosten_eur"]), "kosten_eur"),
        contributors=cells(columns.integers(rows["aantal_bijdragers"])),
        largest=cells(columns.cents(rows["grootste_eur"])),
        second=cells(columns.cents(rows["tweede_eur"])),
    )


def _checked(study: Study, occurs: Bools) -> Study:
    """The study, when it adds up. Over an axis with the same persons, parts without a row get the count of
    T."""
    for axis in study.same:
        total = np.broadcast_to(study.counts.max(axis=axis, keepdims=True), study.counts.shape)
        if differs := int((occurs & (study.counts != total)).sum()):
            raise CellsError(
                f"cells: {differs} rows have another aantal_personen than their fellows over "
                f"{study.dims[axis].name}, which persons_over declares to be about the same persons."
            )
        study.counts[:] = total
    if strays := int((study.pressed(study.counts) != 0)[study.layout.impossible_cells].sum()):
        raise CellsError(
            f"cells: {strays} cells hold persons where the declaration says that there can be none: "
            "an unknown code outside the rest group, or a known code inside it."
        )
    loose = {*study.same, *study.apart}
    for axis, dim in enumerate(study.dims):
        if axis not in loose:
            _adds_up(dim, axis, study.counts, "aantal_personen")
        if study.amounts is not None:
            _adds_up(dim, axis, study.amounts.cents, "kosten_eur")
    return study


def _adds_up(dim: Dimension, axis: int, table: Ints, name: str) -> None:
    by_node = np.moveaxis(table, axis, 0)
    wrong = sum(int((by_node[parent] != by_node[list(kids)].sum(axis=0)).sum()) for parent, kids in dim.sums)
    if wrong:
        raise CellsError(
            f"cells: {wrong} totals of {name} over {dim.name} are not the sum of their parts. "
            "Add the missing rest group, or say in persons_over how persons relate over this dimension."
        )

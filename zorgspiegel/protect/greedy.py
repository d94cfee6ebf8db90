"""Runs the elimination over all blocks of a table, those beside each other at the same time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.arrays import Shape, Work
from zorgspiegel.protect.basis import unit_basis, with_room
from zorgspiegel.protect.blocks import MOST_VARIABLES, Block, blocks_of
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.elimination import close, publish_from
from zorgspiegel.protect.field import PRIME, random_elements
from zorgspiegel.protect.sketches import NO_KEY, Watch, derivable, sketch_primaries
from zorgspiegel.protect.thin import Thin
from zorgspiegel.protect.trees import Ints

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """What the elimination needs to know of a profile.

    smallest:   persons that the hidden rest of an equation must keep.
    zeros_shown: a zero is shown, which makes all its elementary cells known.
    thin, singletons: the two rules against attackers who subtract; only tests switch them off.
    levels_first: offer all cells of an area before those of the areas below it, otherwise by count only.
    shuffle:    0: in order of count. Other numbers: another order, in which counts within 20 % of each other
                may change places; the same number gives the same order.
    """

    smallest: int
    zeros_shown: bool = False
    thin: bool = True
    singletons: bool = True
    levels_first: bool = True
    shuffle: int = 0
    most_variables: int = MOST_VARIABLES


@dataclass
class _Run:
    """What the blocks read and write: each block writes only the rows of its own nodes.

    known: cells that everybody knows already. offered: cells that may be shown when that is safe.
    """

    layout: Layout
    counts: Ints
    primary: Bools
    known: Bools
    offered: Bools
    rules: Rules
    depth: Ints
    shown: Bools
    derivable: Bools
    null: npt.NDArray[np.int64]


def publish_greedily(
    layout: Layout,
    counts: Ints,
    primary: Bools,
    rules: Rules,
    *,
    known: Bools | None = None,
    refused: Bools | None = None,
    workers: int = 1,
) -> Bools:
    """Which cells may be shown: no primary cell can be derived from them.

    counts, primary: spine nodes x crosses. `known` are cells that everybody knows already, whatever they give
    away. `refused` are cells that stay hidden although they are not primary. The result does not depend on
    `workers`, nor on anything but the arguments.
    """
    nothing = np.zeros(counts.shape, np.bool_)
    known = nothing if known is None else known
    offered = ~primary & ~known if refused is None else ~primary & ~known & ~refused
    return _run_blocks(layout, counts, primary, known, offered, rules, workers).shown


def derivable_cells(layout: Layout, counts: Ints, shown: Bools, rules: Rules, *, workers: int = 1) -> Bools:
    """Which of the cells that are not shown can be derived from those that are."""
    nothing = np.zeros(counts.shape, np.bool_)
    return _run_blocks(layout, counts, nothing, shown, nothing, rules, workers).derivable & ~shown


def _run_blocks(  # noqa: PLR0917 - the two doors above name them all
    layout: Layout, counts: Ints, primary: Bools, known: Bools, offered: Bools, rules: Rules, workers: int
) -> _Run:
    run = _Run(
        layout=layout,
        counts=counts,
        primary=primary,
        known=known,
        offered=offered,
        rules=rules,
        depth=_depths(layout),
        shown=np.zeros(counts.shape, np.bool_),
        derivable=np.zeros(counts.shape, np.bool_),
        null=np.zeros((layout.spine.nodes, layout.parts, 3), np.int64),
    )
    blocks = blocks_of(layout.spine, layout.parts, rules.most_variables)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for depth in range(max(block.depth for block in blocks) + 1):
            list(pool.map(lambda block: _run_block(run, block), [b for b in blocks if b.depth == depth]))
    return run


def _depths(layout: Layout) -> Ints:
    """How many steps each spine node lies below its total at most."""
    depth = np.zeros(layout.spine.nodes, np.int64)
    for parent, children in sorted(layout.spine.sums):  # parents before children: they have more leaves
        for child in children:
            depth[child] = max(depth[child], depth[parent] + 1)
    return depth


def _run_block(run: _Run, block: Block) -> None:
    layout, crosses, parts = run.layout, run.layout.crosses, run.layout.parts
    nodes = block.nodes if block.root < 0 else np.append(block.nodes, block.root)
    shape = _shape(layout, block, nodes)
    counts = np.ascontiguousarray(run.counts[nodes]).ravel()
    alive = (counts.reshape(len(nodes), crosses)[:, layout.part_cross] > 0) | (not run.rules.zeros_shown)
    alive &= ~layout.impossible_cells[nodes][:, layout.part_cross]
    alive_leaves = alive[np.searchsorted(block.nodes, block.leaves)]
    null = _random_null(run, block, alive_leaves)
    own = len(block.nodes) * crosses
    primary = np.ascontiguousarray(run.primary[nodes]).ravel()
    primary[own:] = False
    shown = np.ascontiguousarray(run.shown[nodes]).ravel()
    shown[:own] |= layout.impossible_cells[block.nodes].ravel()
    if run.rules.zeros_shown:
        shown[:own] |= counts[:own] == 0
    basis = unit_basis(len(block.leaves) * parts, alive_leaves.ravel())
    work = _work(len(block.leaves) * parts, len(basis.row_len), int(primary.sum()))
    if block.root >= 0:
        basis = _closed(shape, basis, work, len(block.nodes))
    watch = _watch(shape, null, primary, counts, run.rules.singletons)
    thin = _thin(layout, block, nodes, counts=counts, primary=primary, shown=shown, rules=run.rules)
    known = _order(run, block, counts[:own], run.known[block.nodes].ravel() & ~shown[:own])
    offered = _order(run, block, counts[:own], run.offered[block.nodes].ravel() & ~shown[:own])
    order = np.concatenate([known, offered])
    at = 0
    while at < len(order):
        at = publish_from(at, len(known), order, counts, shown, null, shape, basis, work, watch, thin)
        if at < len(order):
            basis = with_room(basis)
    found = derivable(shape, null, np.arange(own, dtype=np.int64))
    shown[offered] |= found[offered]  # refused, but derivable in the end: it is no secret
    run.shown[block.nodes] = shown[:own].reshape(len(block.nodes), crosses)
    run.derivable[block.nodes] = found.reshape(len(block.nodes), crosses)
    run.null[block.leaves] = null.reshape(len(block.leaves), parts, 3)


def _closed(shape: Any, basis: Any, work: Any, root: int) -> Any:
    part = 0
    while part < shape.parts:
        part = close(shape, basis, work, root, part)
        if part < shape.parts:
            basis = with_room(basis)
    return basis


def _random_null(run: _Run, block: Block, alive: Bools) -> npt.NDArray[np.int64]:
    """Three random ways to change the block's variables that add up to the change of its root."""
    leaves, parts = alive.shape
    codes = ",".join(
        c for c, n in zip(run.layout.spine.codes, run.layout.spine.node_of, strict=True) if n == block.root
    )
    seed = int.from_bytes(hashlib.blake2b(f"null {codes}".encode(), digest_size=7).digest())
    null = random_elements(seed, leaves * parts * 3).reshape(leaves, parts, 3)
    null[~alive] = 0
    if block.root >= 0:
        missing = (run.null[block.root] - null.sum(axis=0)) % PRIME
        first = alive.argmax(axis=0)
        reachable = np.flatnonzero(alive.any(axis=0))
        assert not missing[~alive.any(axis=0)].any(), "a part that is zero in the root cannot change below it"
        null[first[reachable], reachable] += missing[reachable]
        null %= PRIME
    return null.reshape(leaves * parts, 3)


def _order(run: _Run, block: Block, counts: Ints, offered: Bools) -> Ints:
    """Candidates in order of worth: from above, then the largest, then those that hold most variables."""
    crosses = run.layout.crosses
    cells = np.flatnonzero(offered).astype(np.int64)
    node, cross = block.nodes[cells // crosses], cells % crosses
    wide = np.array([len(x) for x in run.layout.spine.leaves_of])[node] * _widths(run.layout)[cross]
    depth = run.depth[node] if run.rules.levels_first else np.zeros_like(node)
    worth = counts[cells].astype(np.float64)
    if run.rules.shuffle:
        worth *= 1.0 + 0.2 * np.random.default_rng(run.rules.shuffle).random(len(cells))
    return cells[np.lexsort((cells, -wide, -worth, depth))]


def _widths(layout: Layout) -> Ints:
    return np.diff(layout.cross_matrix.indptr).astype(np.int64)


def _shape(layout: Layout, block: Block, nodes: Ints) -> Shape:
    inside = _inside(layout, block, nodes)
    node_ptr, node_leaves = _lists(inside)
    leaf_ptr, leaf_nodes = _turned(inside[: len(block.nodes)], len(block.leaves))
    matrix = layout.cross_matrix
    by_part = matrix.T.tocsr()
    by_part.sort_indices()
    return Shape(
        node_ptr=node_ptr,
        node_leaves=node_leaves,
        leaf_ptr=leaf_ptr,
        leaf_nodes=leaf_nodes,
        cross_ptr=matrix.indptr.astype(np.int64),
        cross_parts=matrix.indices.astype(np.int64),
        part_ptr=by_part.indptr.astype(np.int64),
        part_crosses=by_part.indices.astype(np.int64),
        part_cross=layout.part_cross,
        crosses=layout.crosses,
        parts=layout.parts,
    )


def _inside(layout: Layout, block: Block, nodes: Ints) -> list[Ints]:
    """For each node, which of the block's leaves (by place) it consists of."""
    holder = np.full(layout.spine.leaves, -1, np.int64)
    for place, leaf in enumerate(block.leaves):
        holder[layout.spine.leaves_of[leaf]] = place
    return [np.unique(holder[layout.spine.leaves_of[node]]) for node in nodes]


def _lists(lists: Sequence[Ints]) -> tuple[Ints, Ints]:
    ptr = np.zeros(len(lists) + 1, np.int64)
    ptr[1:] = np.cumsum([len(one) for one in lists])
    return ptr, np.concatenate([*lists, np.zeros(0, np.int64)]).astype(np.int64)


def _turned(lists: Sequence[Ints], size: int) -> tuple[Ints, Ints]:
    """From 'list -> members' to 'member -> lists', in the same packed form."""
    ptr, members = _lists(lists)
    owners = np.repeat(np.arange(len(lists), dtype=np.int64), np.diff(ptr))
    order = np.argsort(members, kind="stable")
    turned = np.zeros(size + 1, np.int64)
    turned[1:] = np.cumsum(np.bincount(members, minlength=size))
    return turned, owners[order]


def _work(variables: int, rows: int, primaries: int) -> Work:
    def ints(size: int) -> Ints:
        return np.zeros(size, np.int64)

    return Work(
        in_cell=ints(variables),
        row_tick=ints(rows),
        met=ints(rows),
        dot=ints(rows),
        dense=ints(variables),
        dense_tick=ints(variables),
        listed=ints(variables),
        primary_tick=ints(primaries),
        primary_dot=ints(primaries),
        touched=ints(primaries),
        old=np.zeros((primaries, 3), np.int64),
        tick=ints(1),
    )


def _watch(shape: Shape, null: Ints, primary: Bools, counts: Ints, singletons: bool) -> Watch:
    cells = np.flatnonzero(primary).astype(np.int64)
    number = np.full(len(primary), -1, np.int64)
    number[cells] = np.arange(len(cells))
    size = 4 * len(cells) + 16
    watch = Watch(
        number=number,
        cell=cells,
        person=_persons(shape, cells, counts),
        sketch=np.zeros((len(cells), 3), np.int64),
        key=np.full(size, NO_KEY, np.int64),
        members=np.zeros(size, np.int64),
        singles=np.zeros(size, np.int64),
        person_sum=np.zeros(size, np.int64),
        person_squares=np.zeros(size, np.int64),
        filled=np.zeros(1, np.int64),
        singletons=singletons,
    )
    sketch_primaries(shape, null, watch)
    return watch


def _persons(shape: Shape, cells: Ints, counts: Ints) -> Ints:
    """For cells with one contributor: the variable where this contributor is; -1 for other cells."""
    person = np.full(len(cells), -1, np.int64)
    leaf_cells = _leaf_cells(shape)
    for place in np.flatnonzero(counts[cells] == 1):
        node, cross = divmod(int(cells[place]), shape.crosses)
        leaves = shape.node_leaves[shape.node_ptr[node] : shape.node_ptr[node + 1]]
        parts = shape.cross_parts[shape.cross_ptr[cross] : shape.cross_ptr[cross + 1]]
        held = (leaves[:, None] * shape.parts + parts[None, :]).ravel()
        person[place] = held[counts[leaf_cells[held]].argmax()]
    return person


def _leaf_cells(shape: Shape) -> Ints:
    """Variable -> the cell that is this variable alone."""
    sizes = np.diff(shape.node_ptr)
    alone = np.flatnonzero(sizes == 1)
    node_of_leaf = np.zeros(len(shape.leaf_ptr) - 1, np.int64)
    node_of_leaf[shape.node_leaves[shape.node_ptr[alone]]] = alone
    return (node_of_leaf[:, None] * shape.crosses + shape.part_cross[None, :]).ravel()


def _thin(
    layout: Layout, block: Block, nodes: Ints, *, counts: Ints, primary: Bools, shown: Bools, rules: Rules
) -> Thin:
    parents, children = _equations(layout, block, nodes)
    owner = np.repeat(np.arange(len(parents), dtype=np.int64), [len(kids) for kids in children])
    members = np.concatenate([*children, np.zeros(0, np.int64)]).astype(np.int64)
    hidden = ~shown[members]
    size = len(parents)

    def total(weights: npt.NDArray[Any]) -> Ints:
        return np.bincount(owner, weights=weights, minlength=size).astype(np.int64)

    child_ptr, child_of = _turned_pairs(members, owner, len(counts))
    parent_ptr, parent_of = _turned_pairs(parents, np.arange(size, dtype=np.int64), len(counts))
    return Thin(
        child_ptr=child_ptr,
        child_of=child_of,
        parent_ptr=parent_ptr,
        parent_of=parent_of,
        hidden=total(hidden),
        persons=total(counts[members] * hidden),
        primaries=total(primary[members]),
        singles=total(primary[members] & (counts[members] == 1)),
        parent_shown=shown[parents],
        smallest=rules.smallest,
        on=rules.thin,
    )


def _turned_pairs(members: Ints, owners: Ints, size: int) -> tuple[Ints, Ints]:
    order = np.argsort(members, kind="stable")
    ptr = np.zeros(size + 1, np.int64)
    ptr[1:] = np.cumsum(np.bincount(members, minlength=size))
    return ptr, owners[order]


def _equations(layout: Layout, block: Block, nodes: Ints) -> tuple[Ints, list[Ints]]:
    """Parent cell and child cells of each additive equation inside the block, its root included as a
    parent."""
    place = {int(node): i for i, node in enumerate(nodes)}
    crosses = np.arange(layout.crosses, dtype=np.int64)
    parents: list[Ints] = []
    children: list[Ints] = []
    for parent, kids in layout.spine.sums:
        if parent in place and all(kid in place for kid in kids):
            parents.append(place[parent] * layout.crosses + crosses)
            children += list(np.stack([place[kid] * layout.crosses + crosses for kid in kids], axis=1))
    for up, down in layout.cross_sums:
        for node in block.nodes:
            parents.append(place[int(node)] * layout.crosses + up)
            children += list(place[int(node)] * layout.crosses + down)
    return np.concatenate([*parents, np.zeros(0, np.int64)]).astype(np.int64), children

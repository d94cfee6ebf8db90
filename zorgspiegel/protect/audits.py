"""Which tables of a study an attacker can work on, under its one mask: its counts, and its amounts."""

from __future__ import annotations

import numpy as np

from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.greedy import Rules
from zorgspiegel.protect.house import Bools, Study
from zorgspiegel.protect.intervals import needs_of_counts
from zorgspiegel.protect.primary import Amounts
from zorgspiegel.protect.repair import Task
from zorgspiegel.protect.scales import amounts_task
from zorgspiegel.protect.suppress import counts_task
from zorgspiegel.protect.trees import Dimension, Ints, separate
from zorgspiegel.terms.protection import Profile

_GREATEST = 10_000.0
"""Amounts are counted in units of which the largest cell has so many: solvers dislike millions beside
cents."""


def audits(study: Study, primary: Bools, profile: Profile, rules: Rules) -> list[Task]:
    """One task per table. Amounts have one of their own only when a rule asks for a margin around them: where
    every person costs something, whatever lets a count move lets its amount move too, since both are tied by
    the same sums and both are free to grow where there is something already."""
    counts = study.pressed(study.counts)
    found = []
    if study.apart:
        found.append(_unique_task(study, primary, rules))
    else:
        found.append(counts_task(study.layout, counts, primary, rules))
    if study.amounts is not None and (profile.p_percent is not None or profile.dominance is not None):
        found.append(_amounts_task(study, primary, profile))
    return found


def _main_cells(study: Study, layout: Layout, dims: tuple[Dimension, ...]) -> Ints:
    """For each cell of a layout over `dims`, the cell of the study's own layout that holds its mask."""
    main = study.layout
    numbers = np.arange(main.spine.nodes * main.crosses, dtype=np.int64).reshape(
        main.spine.nodes, main.crosses
    )
    table = study.spread(numbers)
    nodes = []
    for axis, dim in enumerate(dims):
        own = study.dims[axis]
        where = np.zeros(dim.nodes, np.int64)
        where[dim.node_of] = own.node_of
        nodes.append(where)
    return np.ascontiguousarray(layout.as_matrix(table[np.ix_(*nodes)])).ravel()


def _unique_task(study: Study, primary: Bools, rules: Rules) -> Task:
    """Counts whose total counts each person once: nothing adds up to it, but it lies between its largest part
    and the sum of its parts, and an attacker knows that."""
    dims = tuple(
        separate(dim.name, dim.codes) if axis in study.apart else dim
        for axis, dim in enumerate(study.dims)
        if axis not in study.same
    )
    layout = Layout(dims)
    full = tuple(
        separate(dim.name, dim.codes) if axis in study.apart else dim for axis, dim in enumerate(study.dims)
    )
    main = _main_cells(study, layout, full) if not study.same else None
    assert main is not None, "a table has either unique or the same persons over its dimensions, not both"
    counts = np.zeros(layout.spine.nodes * layout.crosses)
    counts[:] = study.pressed(study.counts).ravel()[main]
    hidden = primary.ravel()[main]
    return Task(
        layout=layout,
        values=counts,
        needs=needs_of_counts(counts, hidden),
        price=counts,
        primary=hidden,
        alone=hidden & (counts == 1) & rules.singletons,
        unique=_totals(study, layout),
        main=main,
    )


def _totals(study: Study, layout: Layout) -> list[tuple[Ints, Ints]]:
    """(totals, parts) over the crosses of the layout, for each sum of a dimension with unique persons."""
    found = []
    sizes = [dim.nodes for dim in layout.others]
    numbers = np.arange(layout.crosses, dtype=np.int64).reshape(sizes)
    for axis in study.apart:
        own = study.dims[axis]
        at = [dim.name for dim in layout.others].index(own.name)
        node = np.zeros(own.nodes, np.int64)
        node[own.node_of] = layout.others[at].node_of
        by_node = np.moveaxis(numbers, at, 0)
        for total, parts in own.sums:
            kids = np.stack([by_node[node[part]].ravel() for part in parts], axis=1)
            found.append((by_node[node[total]].ravel(), kids))
    return found


def _amounts_task(study: Study, primary: Bools, profile: Profile) -> Task:
    """Amounts add up over every dimension, also where persons do not."""
    assert study.amounts is not None, "only called for a study with amounts"
    layout = Layout(study.dims)
    amounts = Amounts(
        cents=layout.as_matrix(study.amounts.cents),
        contributors=layout.as_matrix(study.amounts.contributors),
        largest=layout.as_matrix(study.amounts.largest),
        second=layout.as_matrix(study.amounts.second),
    )
    main = _main_cells(study, layout, study.dims)
    return amounts_task(layout, amounts, layout.as_matrix(study.counts), primary, profile, main)

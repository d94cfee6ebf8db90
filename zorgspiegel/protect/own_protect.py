"""Protecting anyone's table: the profile's rules, the mask, and the cube that may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.protect import columns
from zorgspiegel.protect.earlier import Release, earlier
from zorgspiegel.protect.greedy import Rules
from zorgspiegel.protect.own_table import (
    STATUS,
    Bools,
    Columns,
    OwnTable,
    Pairs,
    full_cube,
    own_table,
    scaled,
)
from zorgspiegel.protect.primary import risky, small
from zorgspiegel.protect.repair import Task
from zorgspiegel.protect.rounding import half_up
from zorgspiegel.protect.scales import amounts_task
from zorgspiegel.protect.suppress import ALL_STEPS, Steps, counts_task, suppress
from zorgspiegel.protect.trees import Ints
from zorgspiegel.terms.errors import CellsError
from zorgspiegel.terms.protection import Profile
from zorgspiegel.terms.statuses import CellStatus


def protect_table(
    table: pa.Table,
    wanted: Columns,
    hierarchies: Mapping[str, Mapping[str, Pairs]],
    profile: Profile,
    *,
    previous: Sequence[pa.Table] = (),
    steps: Steps = ALL_STEPS,
    workers: int = 1,
) -> tuple[pa.Table, dict[str, Any]]:
    """Protect a table of elementary rows (`zorgspiegel protect`).

    table:       one row per elementary combination that occurs; all columns text. Absent combinations are
                 zero.
    hierarchies: dimension -> set -> (child, parent); a dimension without one gets the total 'Totaal'.
    previous:    earlier outcomes of this function for the same table, the oldest first.

    Gives the full cube (dimensions, count, values, status; count and values null where status is geheim) and
    the report. Raises CellsError on bad input and RecoverableError when something stays recoverable.
    """
    own = own_table(table, wanted, hierarchies)
    primary = small(own.counts, profile)
    if own.largest is not None:
        primary |= risky(own.largest, profile)
    if profile.zeros == "shown":  # an amount without persons would be a correction on somebody
        for values in own.values:
            primary |= (own.counts == 0) & (values != 0)
    rules = Rules(profile.smallest_shown, profile.zeros == "shown", singletons=profile.singletons)
    counts = half_up(own.counts, profile.round_counts_to)
    releases = [_release(own, one) for one in previous]
    before = earlier(releases, counts, profile.smallest_shown) if releases else None
    mask = suppress(
        own.layout,
        own.counts,
        primary,
        rules,
        tasks=_tasks(own, primary, profile, rules),
        before=before,
        steps=Steps(secondary=steps.secondary and profile.secondary, audit=steps.audit),
        workers=workers,
    )
    amounts = [_rounded(v, d, profile) for v, d in zip(own.values, own.decimals, strict=True)]
    if before is not None:
        counts = np.where(mask.old, before.counts, counts)
        amounts = [np.where(mask.old, then, now) for now, then in zip(amounts, before.values, strict=True)]
    return full_cube(own, mask.shown, counts, amounts), mask.report


def _tasks(own: OwnTable, primary: Bools, profile: Profile, rules: Rules) -> list[Task]:
    tasks = [counts_task(own.layout, own.counts, primary, rules)]
    if own.largest is not None and (profile.p_percent is not None or profile.dominance is not None):
        tasks.append(amounts_task(own.layout, own.largest, own.counts, primary, profile))
    return tasks


def _rounded(values: Ints, places: int, profile: Profile) -> Ints:
    return half_up(values, profile.round_amounts_to_eur * 10**places)


def _release(own: OwnTable, table: pa.Table) -> Release:
    """An earlier outcome over the cells of the present table. Cells that are no longer there are left out."""
    wanted = own.columns
    Columns(wanted.dims, wanted.count, (*wanted.values, STATUS)).check(table, "previous")
    numbers, there = [], np.ones(table.num_rows, np.bool_)
    for dim in own.layout.dims:
        codes, texts = columns.coded(table[dim.name])
        number = dim.number_of()
        place = np.array([number.get(text, -1) for text in texts], np.int64)[codes]
        there &= place >= 0
        numbers.append(dim.node_of[place])
    cells = own.layout.numbers([places[there] for places in numbers])
    is_shown = pc.equal(table[STATUS], CellStatus.GETOOND).to_numpy(zero_copy_only=False)[there]
    is_hidden = pc.equal(table[STATUS], CellStatus.GEHEIM).to_numpy(zero_copy_only=False)[there]
    if not (is_shown | is_hidden).all():
        raise CellsError(f"previous: column {STATUS} has something else than getoond and geheim.")
    at = (cells[0][is_shown], cells[1][is_shown])

    def laid(numbers: Ints) -> Ints:
        table = np.zeros(own.counts.shape, np.int64)
        table[at] = numbers[there][is_shown]
        return table

    amounts = []
    for name, places in zip(wanted.values, own.decimals, strict=True):
        numbers_there, decimals = scaled(table[name], name)
        amounts.append(laid(numbers_there * 10**places // 10**decimals))
    shown = laid(np.ones(table.num_rows, np.int64)) > 0
    hidden = np.zeros(own.counts.shape, np.bool_)
    hidden[cells] = True
    return Release(shown, hidden & ~shown, laid(scaled(table[wanted.count], wanted.count)[0]), tuple(amounts))

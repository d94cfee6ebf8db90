"""A protected study as a table of the house again, and earlier outcomes back into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.protect import columns
from zorgspiegel.protect.areas import REST
from zorgspiegel.protect.earlier import Earlier, Release, earlier
from zorgspiegel.protect.house import AXES, GROUP, Bools, Study, axis_column
from zorgspiegel.protect.rounding import half_up
from zorgspiegel.protect.suppress import Mask
from zorgspiegel.protect.trees import Ints
from zorgspiegel.terms.areas import level_of
from zorgspiegel.terms.protection import Profile
from zorgspiegel.terms.statuses import CellStatus


@dataclass(frozen=True)
class Before:
    """Earlier outcomes of one study: what they gave away, and the latest amounts that were shown (in
    cents)."""

    earlier: Earlier
    cents: Ints


def before_study(study: Study, releases: Sequence[pa.Table], profile: Profile) -> Before | None:
    """Earlier outcomes over the cells of this study; None when there are none about the same table."""
    cents = np.zeros(study.counts.shape, np.int64)
    found = []
    for table in releases:
        rows = _same_group(table, study)
        if rows.num_rows:
            release, at, amounts = _release(study, rows)
            cents[at] = amounts
            found.append(release)
    if not found:
        return None
    displayed = half_up(study.pressed(study.counts), profile.round_counts_to)
    return Before(earlier(found, displayed, profile.smallest_shown), cents)


def _same_group(table: pa.Table, study: Study) -> pa.Table:
    keep = np.ones(table.num_rows, np.bool_)
    for name, value in zip(GROUP, study.group, strict=True):
        keep &= pc.fill_null(pc.equal(table[name], value), False).to_numpy(zero_copy_only=False)
    return table.filter(pa.array(keep))


def _release(study: Study, rows: pa.Table) -> tuple[Release, tuple[Ints, ...], Ints]:
    nodes, there = [], np.ones(rows.num_rows, np.bool_)
    for name, dim in zip(AXES, study.dims, strict=True):
        codes, texts = columns.coded(rows[axis_column(name)])
        number = dim.number_of()
        place = np.array([number.get(text, -1) for text in texts], np.int64)[codes]
        there &= place >= 0
        nodes.append(dim.node_of[place])
    is_shown = pc.equal(rows["status"], CellStatus.GETOOND).to_numpy(zero_copy_only=False) & there
    is_hidden = pc.equal(rows["status"], CellStatus.GEHEIM).to_numpy(zero_copy_only=False) & there
    counts = columns.integers(rows["aantal_personen"])

    def table(which: Bools, values: Ints) -> Ints:
        laid = np.zeros(study.counts.shape, np.int64)
        laid[tuple(places[which] for places in nodes)] = values[which]
        return np.asarray(study.pressed(laid))

    ones = np.ones(rows.num_rows, np.int64)
    shown = table(is_shown, ones) > 0
    hidden = (table(is_hidden, ones) > 0) & ~shown
    at = tuple(places[is_shown] for places in nodes)
    return Release(shown, hidden, table(is_shown, counts)), at, columns.cents(rows["kosten_eur"])[is_shown]


def protected_table(study: Study, mask: Mask, profile: Profile, before: Before | None = None) -> pa.Table:
    """The full cube of one study, rounded as the profile says, in the columns of PROTECTED_CELLS."""
    grid = np.meshgrid(*(np.arange(len(dim.codes)) for dim in study.dims), indexing="ij")
    at = tuple(dim.node_of[numbers.ravel()] for dim, numbers in zip(study.dims, grid, strict=True))
    possible = ~study.spread(study.layout.impossible_cells)[at]
    hidden = ~study.spread(mask.shown)[at]
    counts, cents = _figures(study, mask, profile, before)
    size = len(hidden)
    fields: dict[str, Any] = {
        name: pa.array([value], _group_type(name)).take(pa.array(np.zeros(size, np.int32)))
        for name, value in zip(GROUP, study.group, strict=True)
    }
    areas = study.dims[0]
    niveaus = tuple(study.levels.get(c) or level_of(c) or REST for c in areas.codes)
    fields["gebied_niveau"] = columns.texts(niveaus, grid[0].ravel())
    for name, dim, numbers in zip(AXES, study.dims, grid, strict=True):
        fields[axis_column(name)] = columns.texts(dim.codes, numbers.ravel())
    fields["aantal_personen"] = pa.array(counts[at], pa.int64(), mask=hidden)
    if cents is None:
        fields["kosten_eur"] = pa.nulls(size, pa.decimal128(18, 2))
    else:
        fields["kosten_eur"] = columns.euros(cents[at], hidden | study.no_amount[at])
    fields["status"] = columns.texts((CellStatus.GETOOND, CellStatus.GEHEIM), hidden.astype(np.int64))
    return pa.table(fields).filter(pa.array(possible))


def _figures(study: Study, mask: Mask, profile: Profile, before: Before | None) -> tuple[Ints, Ints | None]:
    """Counts and amounts as they are displayed: rounded, and the earlier figure where that one stands."""
    counts = half_up(study.counts, profile.round_counts_to)
    cents = None
    if study.amounts is not None:
        cents = half_up(study.amounts.cents, 100 * profile.round_amounts_to_eur)
    if before is not None and mask.old.any():
        old = study.spread(mask.old)
        counts = np.where(old, study.spread(before.earlier.counts), counts)
        cents = None if cents is None else np.where(old, before.cents, cents)
    return counts, cents


def _group_type(name: str) -> pa.DataType:
    return pa.int64() if name == "indelingsjaar" else pa.string()

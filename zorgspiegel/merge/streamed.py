"""The same merge for one machine and more records than fit in memory: sorted batches in, sorted batches out.

An engine sorts out of core better than it makes lists; and what comes in sorted by group goes out sorted too.
So this is the quick way to a file, where `merge` is the way through an engine. Both end in the same kernel,
and a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.merge.grouped import days, number_codes, run
from zorgspiegel.merge.steps import GROUP, OPEN
from zorgspiegel.terms.tables import MERGE_REASONS

COUNTS = tuple(f"samenvoegingen_{reason}" for reason in MERGE_REASONS)
_ALPHABETIC = sorted(range(len(MERGE_REASONS)), key=MERGE_REASONS.__getitem__)


def merge_sorted(
    batches: Iterable[pa.RecordBatch], *, merge_partial_overlap: bool = False
) -> Iterator[pa.RecordBatch]:
    """Merge records that come sorted on gemeente, persoon, type, leveringsvorm (unknown first).

    In:  batches with the columns of RECORDS; rijnummer may be of another type: it is only kept and sorted.
    Out: batches of voorzieningen as `merge` gives them, sorted on the group and begin. Records of one group
         are kept until the group is whole; no more than a batch and a group are in memory.
    """
    waiting: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        table = pa.concat_tables([waiting, table]) if waiting is not None else table
        table = table.combine_chunks()
        starts = _group_starts(table)
        whole = int(starts[-1]) if len(starts) else 0
        waiting = table.slice(whole)
        if whole:
            yield _merge_whole(table.slice(0, whole), starts, merge_partial_overlap)
    if waiting is not None and len(waiting):
        yield _merge_whole(waiting, _group_starts(waiting), merge_partial_overlap, last=True)


def _group_starts(table: pa.Table) -> Any:
    """Rows at which another group begins; the first row is one."""
    if not len(table):
        return np.empty(0, np.int64)
    differs = np.zeros(len(table) - 1, dtype=bool)
    for name in GROUP:
        column = table.column(name).fill_null("").combine_chunks()
        differs |= pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
    return np.concatenate(([0], np.flatnonzero(differs) + 1))


def _merge_whole(table: pa.Table, starts: Any, overlap: bool, *, last: bool = False) -> pa.RecordBatch:
    offsets = np.append(starts, len(table)) if last else starts
    column = {name: table.column(name).combine_chunks() for name in table.column_names}
    ranked, ids = _ranked(column["rijnummer"])
    group_start, start, chosen, begin, end, counts = run(
        offsets,
        ranked,
        days(column["begin"]),
        days(column["eind"].fill_null(OPEN)),
        _numbers(column["toewijzingsnummer"], offsets),
        overlap,
    )
    first = pa.array(np.repeat(offsets[:-1], np.diff(group_start)))
    ends = pa.array(end.astype(np.int32)).cast(pa.date32())
    columns = {name: column[name].take(first) for name in GROUP}
    columns |= {
        "begin": pa.array(begin.astype(np.int32)).cast(pa.date32()),
        "eind": pc.if_else(pc.equal(ends, pa.scalar(OPEN)), None, ends),
        "bronrecords": pa.ListArray.from_arrays(
            pa.array(start.astype(np.int32)), pa.array(chosen) if ids is None else ids.take(pa.array(chosen))
        ),
        "redenen": _reasons(counts),
    }
    columns |= {name: pa.array(counts[:, reason]) for reason, name in enumerate(COUNTS)}
    return pa.RecordBatch.from_pydict(columns)


def _ranked(ids: pa.Array) -> tuple[Any, pa.Array | None]:
    """What the kernel sorts: whole numbers as they are; for texts their places in the sorted texts."""
    if pa.types.is_integer(ids.type):
        return ids.to_numpy(zero_copy_only=False).astype(np.int64), None
    places = pc.array_sort_indices(ids)
    ranks = np.empty(len(ids), np.int64)
    ranks[places.to_numpy()] = np.arange(len(ids))
    return ranks, ids.take(places)


def _numbers(numbers: pa.Array, offsets: Any) -> Any:
    """Codes of the toewijzingsnummers, where they can matter: a record alone in its group needs none."""
    sizes = np.diff(offsets)
    several = np.repeat(sizes > 1, sizes)
    codes = np.full(len(numbers), -1, np.int64)
    codes[several] = number_codes(numbers.filter(pa.array(several)).fill_null(""))
    return codes


def _reasons(counts: Any) -> pa.ListArray:
    """The reasons that occur per voorziening, in the order of the alphabet."""
    occurs = counts[:, _ALPHABETIC] > 0
    offsets = np.concatenate(([0], np.cumsum(occurs.sum(axis=1)))).astype(np.int32)
    names = pa.array([MERGE_REASONS[reason] for reason in _ALPHABETIC])
    return pa.ListArray.from_arrays(pa.array(offsets), names.take(pa.array(np.nonzero(occurs)[1])))

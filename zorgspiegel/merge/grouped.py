"""The one function that both engines call with whole groups: arrays of records in, arrays of voorzieningen
out.

DuckDB hands over Arrow arrays of some two thousand groups at a time, Spark one group at a time as Python
lists. Both go through the same compiled kernel. It is loaded at the first call: whoever only builds the
expression (`--help`, the tests of other rooms) does not wait for the compiler.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pyarrow as pa

from zorgspiegel.terms.tables import MERGE_REASONS

EPOCH = date(1970, 1, 1)

_COUNTS = "".join(f", samenvoegingen_{reason}: int64" for reason in MERGE_REASONS)
VOORZIENING = dt.dtype(f"struct<begin: date, eind: date, bronrecords: array<int64>{_COUNTS}>")
SIGNATURE = (
    tuple(
        dt.dtype(kind) for kind in ("array<int64>", "array<date>", "array<date>", "array<string>", "boolean")
    ),
    dt.Array(VOORZIENING),
)


@ibis.udf.scalar.pyarrow(signature=SIGNATURE)
def voorzieningen_of(records: Any, begins: Any, ends: Any, numbers: Any, overlap: Any) -> Any:
    """Merge groups: per group equally long lists of record ids, first days, last days and numbers.

    None of them holds a null: an open end is 9999-12-31 and a blank number "".
    """
    if isinstance(records, list):
        return _one_group(records, begins, ends, numbers, bool(overlap))
    return _many_groups(
        _flat(records), _flat(begins), _flat(ends), _flat(numbers), overlap=bool(overlap[0].as_py())
    )


def _flat(lists: Any) -> pa.ListArray:
    return lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists


def _many_groups(
    records: pa.ListArray, begins: pa.ListArray, ends: pa.ListArray, numbers: pa.ListArray, *, overlap: bool
) -> pa.ListArray:
    offsets = records.offsets.to_numpy().astype(np.int64)
    found = run(
        offsets - offsets[0],
        records.flatten().to_numpy(zero_copy_only=False),
        days(begins.flatten()),
        days(ends.flatten()),
        number_codes(numbers.flatten()),
        overlap,
    )
    group_start, start, ids, begin, end, counts = found
    fields = [
        pa.array(begin.astype(np.int32)).cast(pa.date32()),
        pa.array(end.astype(np.int32)).cast(pa.date32()),
        pa.ListArray.from_arrays(start.astype(np.int32), ids),
        *(counts[:, reason] for reason in range(len(MERGE_REASONS))),
    ]
    items = pa.StructArray.from_arrays([pa.array(field) for field in fields], list(VOORZIENING.names))
    return pa.ListArray.from_arrays(group_start.astype(np.int32), items)


def _one_group(
    records: Sequence[int],
    begins: Sequence[date],
    ends: Sequence[date],
    numbers: Sequence[str],
    overlap: bool,
) -> list[tuple[Any, ...]]:
    codes = {number: code for code, number in enumerate(sorted(set(numbers) - {""}))}
    _, start, ids, begin, end, counts = run(
        np.array([0, len(records)]),
        np.array(records, dtype=np.int64),
        np.array([(day - EPOCH).days for day in begins], dtype=np.int64),
        np.array([(day - EPOCH).days for day in ends], dtype=np.int64),
        np.array([codes.get(number, -1) for number in numbers], dtype=np.int64),
        overlap,
    )
    return [
        (
            EPOCH + timedelta(int(begin[i])),
            EPOCH + timedelta(int(end[i])),
            ids[start[i] : start[i + 1]].tolist(),
            *counts[i].tolist(),
        )
        for i in range(len(begin))
    ]


def days(dates: pa.Array) -> Any:
    """Day numbers, in an array of our own: the kernel writes in it."""
    return dates.cast(pa.date32()).cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64)


def number_codes(numbers: pa.Array) -> Any:
    """A code per toewijzingsnummer; below 0 where it is blank."""
    encoded = numbers.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    codes[codes == encoded.dictionary.index("").as_py()] = -1
    return codes


def run(  # noqa: PLR0917 - in the kernel's order
    offsets: Any, records: Any, begin: Any, end: Any, number: Any, overlap: bool
) -> tuple[Any, ...]:
    """The kernel; begin and end of the voorzieningen are cut out of the arrays that it wrote in."""
    from zorgspiegel.merge import kernel

    assert len(MERGE_REASONS) == kernel.REASONS, (
        "the kernel counts exactly the reasons that there are words for"
    )
    group_start, start, ids, counts = kernel.merge_groups(offsets, records, begin, end, number, overlap)
    done = len(counts)
    return group_start, start, ids, begin[:done], end[:done], counts

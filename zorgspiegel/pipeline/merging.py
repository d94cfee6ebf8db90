"""Files of records to one file of voorzieningen, out of core: any number of records in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zorgspiegel.merge import GROUP, merge_sorted, nummers_in_meer_vormen
from zorgspiegel.pipeline.merge_input import MergeInput, open_records
from zorgspiegel.store.query import fetch
from zorgspiegel.store.streams import batches
from zorgspiegel.store.whole_file import whole_file
from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.tables import MERGE_REASONS, VOORZIENINGEN

SAMENVOEGINGEN = tuple(f"samenvoegingen_{reason}" for reason in MERGE_REASONS)
_LISTS = ("bronrecords", "redenen")


@dataclass(frozen=True)
class MergedFiles:
    """What was merged: the numbers of the samenvoegrapport, and which row numbers stand for which file."""

    counts: dict[str, int]
    files: tuple[dict[str, Any], ...]


def merge_files(
    files: Sequence[Path], target: Path, *, merge_partial_overlap: bool = False, counted: bool = False
) -> MergedFiles:
    """Merge all records of these files together, and write the voorzieningen to `target`, whole or not at
    all.

    target: Parquet, or CSV when it ends in .csv (lists with a space between). Sorted on gemeente, persoon,
    type, leveringsvorm and begin, so the same records give the same bytes, in whatever order they come.
    counted: also count the toewijzingsnummers under several leveringsvormen, which takes another pass.
    Raises RefusedError when records are not right, SourceError when a file cannot be read.
    """
    if target.resolve() in {path.resolve() for path in files}:
        raise SettingError(f"{target} is one of the files to merge. Give another name with -o.")
    with open_records(files) as given:
        merged = merge_sorted(_sorted(given), merge_partial_overlap=merge_partial_overlap)
        counter = _Counter()
        with whole_file(target) as file:
            _write(counter.watch(merged), file, as_csv=target.suffix.lower() == ".csv", id_type=given.id_type)
        if counted:
            forms = fetch(given.connection, nummers_in_meer_vormen(given.records))[0]
            counter.counts["nummers_in_meer_vormen"] = forms["nummers_in_meer_vormen"]
        return MergedFiles(counter.complete(), given.files)


def _sorted(given: MergeInput) -> Iterator[pa.RecordBatch]:
    # The id of the sender goes through the merge in the place of the row number: it is what he knows.
    records = given.records.mutate(rijnummer=given.records.id).drop("id")
    order = [records[name].asc(nulls_first=True) for name in GROUP]
    return batches(records.order_by(*order))


def _write(merged: Iterable[pa.RecordBatch], file: BinaryIO, *, as_csv: bool, id_type: str) -> None:
    schema = VOORZIENINGEN.schema.to_pyarrow()
    if id_type == "string":
        place = schema.get_field_index("bronrecords")
        schema = schema.set(place, pa.field("bronrecords", pa.list_(pa.string())))
    plain = pa.schema([pa.field(f.name, pa.string()) if f.name in _LISTS else f for f in schema])
    kind = pa_csv.CSVWriter(file, plain) if as_csv else pq.ParquetWriter(file, schema, compression="zstd")
    # Writing takes about as long as merging and needs no Python: a thread of its own does it meanwhile.
    with kind as writer, ThreadPoolExecutor(max_workers=1) as thread:
        before: Future[None] | None = None
        for batch in merged:
            if before is not None:
                before.result()
            chosen = batch.select(schema.names).cast(schema)
            before = thread.submit(writer.write_batch, _without_lists(chosen) if as_csv else chosen)
        if before is not None:
            before.result()


def _without_lists(batch: pa.RecordBatch) -> pa.RecordBatch:
    for name in _LISTS:
        texts = batch.column(name).cast(pa.list_(pa.string()))
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, name, pc.binary_join(texts, " "))
    return batch


class _Counter:
    """Counts what flows by, so that the voorzieningen need not be read again."""

    def __init__(self) -> None:
        self.counts = {"na_stap_2": 0} | dict.fromkeys(SAMENVOEGINGEN, 0)
        self.counts |= {"overlappen": 0, "overlappen_met_open": 0}

    def watch(self, merged: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in merged:
            self.counts["na_stap_2"] += len(batch)
            for name in SAMENVOEGINGEN:
                self.counts[name] += pc.sum(batch.column(name)).as_py() or 0
            self._count_overlaps(batch)
            yield batch

    def complete(self) -> dict[str, int]:
        """All numbers, in the order in which they are told."""
        records = self.counts["na_stap_2"] + sum(self.counts[name] for name in SAMENVOEGINGEN)
        first = records - self.counts["samenvoegingen_toewijzingsnummer"]
        return {"records": records, "na_stap_1": first} | self.counts

    def _count_overlaps(self, batch: pa.RecordBatch) -> None:
        """Neighbours of one group that share days. A group is never split over batches."""
        same = pa.repeat(True, len(batch) - 1)
        for name in GROUP:
            column = batch.column(name).fill_null("")
            same = pc.and_(same, pc.equal(column[1:], column[:-1]))
        shares = pc.less_equal(batch.column("begin")[1:], batch.column("eind")[:-1]).fill_null(False)
        found = pc.and_(same, shares)
        self.counts["overlappen"] += pc.sum(found).as_py() or 0
        open_ = pc.and_(found, pc.is_null(batch.column("eind")[1:]))
        self.counts["overlappen_met_open"] += pc.sum(open_).as_py() or 0

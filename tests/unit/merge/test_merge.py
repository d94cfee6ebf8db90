"""Merging against its slow, obvious twin, through both doors, and the laws that hold for any records."""

from __future__ import annotations

import itertools
import random
from datetime import date

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib import plain_merge
from tests.lib.invented_records import as_arrow, as_table, in_order, many, record_sets, rows_of
from zorgspiegel.merge import merge, merge_sorted
from zorgspiegel.terms.errors import ShapeError
from zorgspiegel.terms.tables import RECORDS

SORTED = ["gemeente", "persoon", "type", "leveringsvorm"]


def by_expression(records, *, overlap=False):
    return in_order(merge(as_table(records), merge_partial_overlap=overlap).to_pyarrow().to_pylist())


def by_stream(records, *, overlap=False, rows_per_batch=7):
    table = as_arrow(records)
    places = sorted(range(len(table)), key=lambda i: [str(table[name][i].as_py() or "") for name in SORTED])
    batches = (
        table.take(pa.array(places, pa.int64())).combine_chunks().to_batches(max_chunksize=rows_per_batch)
    )
    return [
        row for batch in merge_sorted(batches, merge_partial_overlap=overlap) for row in batch.to_pylist()
    ]


@settings(max_examples=60, deadline=None)
@given(record_sets(), st.booleans(), st.integers(1, 50))
def test_both_doors_give_what_the_twin_gives(records, overlap, rows_per_batch):
    expected = rows_of(plain_merge.merge(records, partial_overlap=overlap))
    assert by_expression(records, overlap=overlap) == expected
    assert by_stream(records, overlap=overlap, rows_per_batch=rows_per_batch) == expected


@settings(max_examples=400, deadline=None)
@given(record_sets(), st.booleans())
def test_the_stream_gives_what_the_twin_gives(records, overlap):
    assert by_stream(records, overlap=overlap) == rows_of(plain_merge.merge(records, partial_overlap=overlap))


def test_many_groups_at_once_on_all_threads_give_what_the_twin_gives():
    records = many(30_000, seed=3)
    expected = rows_of(plain_merge.merge(records))
    assert len(expected) < 27_000
    assert by_expression(records) == expected
    assert by_stream(records, rows_per_batch=1000) == expected


@settings(max_examples=30, deadline=None)
@given(record_sets(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(records, rnd):
    shuffled = list(records)
    rnd.shuffle(shuffled)
    assert by_expression(shuffled) == by_expression(records)


@settings(max_examples=30, deadline=None)
@given(record_sets())
def test_merging_again_changes_nothing(records):
    once = by_stream(records)
    again = [
        plain_merge.Record(i, *(row[name] for name in SORTED), None, row["begin"], row["eind"])
        for i, row in enumerate(once)
    ]
    assert [(row["begin"], row["eind"]) for row in by_stream(again)] == [
        (r["begin"], r["eind"]) for r in once
    ]


@settings(max_examples=30, deadline=None)
@given(record_sets())
def test_every_record_is_in_one_voorziening_that_spans_it_and_merges_add_up(records):
    rows = by_stream(records)
    by_id = {record.id: record for record in records}
    assert sorted(i for row in rows for i in row["bronrecords"]) == sorted(by_id)
    for row in rows:
        for record in (by_id[i] for i in row["bronrecords"]):
            assert record.group == tuple(row[name] for name in SORTED)
            assert row["begin"] <= record.begin
            assert row["eind"] is None or row["eind"] >= (record.eind or date.max)
    merges = sum(value for row in rows for name, value in row.items() if name.startswith("samenvoegingen_"))
    assert len(records) == len(rows) + merges


def test_with_partial_overlap_on_no_two_that_are_left_share_a_day():
    rows = by_stream(many(2_000, seed=5), overlap=True)
    for one, other in itertools.pairwise(rows):
        if [one[name] for name in SORTED] == [other[name] for name in SORTED]:
            assert (other["begin"] - one["eind"]).days > 3


def test_one_group_of_very_many_records_is_no_trap():
    """Pairs would be 20 billion; crossing chains of it still come out right at the ends."""
    days = 200_000
    records = [
        plain_merge.Record(i, "0307", "P1", "02", "ZIN", None, date(1900, 1, 1), None) for i in range(days)
    ]
    table = as_arrow(records)
    begins = pa.array([-20_000 + i % 9_973 * 2 for i in range(days)], pa.int32()).cast(pa.date32())
    ends = pa.array([-20_000 + i % 9_973 * 2 + 1 + i % 5 for i in range(days)], pa.int32()).cast(pa.date32())
    table = table.set_column(6, "begin", begins).set_column(7, "eind", ends)
    rows = [row for batch in merge_sorted(table.to_batches()) for row in batch.to_pylist()]
    assert len(rows) == 1
    assert len(rows[0]["bronrecords"]) == days


def test_ids_may_be_texts_and_come_out_sorted():
    records = [
        plain_merge.Record(i, "0307", "P1", "02", "ZIN", "1", date(2025, 1, i + 1), None) for i in range(3)
    ]
    table = as_arrow(records).set_column(0, "rijnummer", pa.array(["c", "a", "b"]))
    (row,) = next(iter(merge_sorted(table.to_batches()))).to_pylist()
    assert row["bronrecords"] == ["a", "b", "c"]


def test_no_records_give_no_voorzieningen():
    assert by_stream([]) == []
    assert merge(as_table([])).count().execute() == 0


def test_a_blank_number_is_none_and_the_last_day_of_files_is_open():
    made = [
        plain_merge.Record(
            i, "0307", "P1", "02", "ZIN", "", date(2025, 1 + 4 * i, 1), date(2025, 1 + 4 * i, 9)
        )
        for i in range(2)
    ]
    assert len(by_expression(made)) == len(by_stream(made)) == 2
    open_ = [plain_merge.Record(1, "0307", "P1", "02", "ZIN", None, date(2025, 1, 1), date.max)]
    assert by_expression(open_)[0]["eind"] is by_stream(open_)[0]["eind"] is None


def test_a_table_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match="column eind is missing"):
        merge(ibis.table(RECORDS.schema, name="records").drop("eind"))


def test_the_expression_runs_nothing_before_it_is_asked():
    """It can be built over a table that exists nowhere: no file is opened, no engine asked."""
    assert merge(ibis.table(RECORDS.schema, name="nergens")).columns[:4] == tuple(SORTED)


@pytest.mark.spark
def test_spark_gives_the_same(spark):
    records = many(400, seed=11)
    rnd = random.Random(1)
    rnd.shuffle(records)
    for overlap in (False, True):
        merged = merge(as_table(records), merge_partial_overlap=overlap)
        found = in_order(spark.to_pyarrow(merged).to_pylist())
        assert found == rows_of(plain_merge.merge(records, partial_overlap=overlap))


@pytest.mark.parametrize("limit", [2, 4])
def test_another_limit_than_three_days_would_be_seen(monkeypatch, limit):
    """The comparison with the twin turns red when one of the two counts to another number of days."""
    records = [
        plain_merge.Record(10 * gap + i, "0307", f"P{gap}", "02", "ZIN", None, first, first)
        for gap in range(7)
        for i, first in enumerate([date(2025, 1, 1), date(2025, 1, 1 + gap)])
    ]
    assert by_stream(records) == rows_of(plain_merge.merge(records))
    monkeypatch.setattr(plain_merge, "NEAR_DAYS", limit)
    assert by_stream(records) != rows_of(plain_merge.merge(records))

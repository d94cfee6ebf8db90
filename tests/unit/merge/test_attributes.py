"""Which of the delivered attributes a voorziening keeps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from tests.lib.invented_records import as_arrow
from tests.lib.plain_merge import Record
from zorgspiegel.merge import merge, with_attributes

DAYS = [
    (2, date(2025, 7, 1), "WK030701", "02A01", "10.25"),
    (9, date(2025, 8, 1), "WK030702", None, "0.75"),
    (4, date(2025, 8, 1), "WK030703", "02A03", None),
    (5, date(2025, 9, 1), "WK030704", "02A04", None),
]


def delivered():
    records = [
        Record(i, "0307", "P1" if i != 5 else "P2", "02", "ZIN", "100", date(2025, 1, 1), None)
        for i, *_ in DAYS
    ]
    table = as_arrow(records)
    for name, kind, values in (
        ("aanmaakdatum", pa.date32(), [row[1] for row in DAYS]),
        ("wijk", pa.string(), [row[2] for row in DAYS]),
        ("productcode", pa.string(), [row[3] for row in DAYS]),
        ("kosten_eur", pa.decimal128(18, 2), [row[4] and Decimal(row[4]) for row in DAYS]),
    ):
        table = table.append_column(name, pa.array(values, kind))
    return ibis.memtable(table)


def rows(engine_to_pyarrow):
    records = delivered()
    found = with_attributes(merge(records), records)
    return sorted(engine_to_pyarrow(found).to_pylist(), key=lambda row: row["persoon"])


def expect(found):
    kept = ("bronrecords", "aanmaakdatum", "wijk", "productcode", "kosten_eur")
    assert [tuple(row[name] for name in kept) for row in found] == [
        ([2, 4, 9], date(2025, 8, 1), "WK030702", None, Decimal("11.00")),
        ([5], date(2025, 9, 1), "WK030704", "02A04", None),
    ]


def test_the_newest_record_gives_them_then_the_highest_row_and_costs_add_up():
    expect(rows(lambda table: table.to_pyarrow()))


@pytest.mark.spark
def test_spark_gives_the_same(spark):
    expect(rows(spark.to_pyarrow))

"""Tables go to Spark and come back with every type intact."""

from __future__ import annotations

from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

pytestmark = pytest.mark.spark

BIG = 2**60 + 1
"""A whole number that a float cannot hold: pandas would make it one, beside a null."""


def test_types_survive_the_way_there_and_back(spark):
    given = pa.table(
        {
            "tekst": ["a", None, "NaN"],
            "aantal": pa.array([BIG, None, 3], pa.int64()),
            "bedrag": pa.array(
                [Decimal("9999999999999999.99"), None, Decimal("-0.01")], pa.decimal128(18, 2)
            ),
        }
    )
    back = spark.to_pyarrow(ibis.memtable(given))
    assert back.schema.types == given.schema.types
    assert sorted(back.to_pylist(), key=str) == sorted(given.to_pylist(), key=str)


def test_one_number_comes_back_as_one(spark):
    table = ibis.memtable(
        pa.table({"bedrag": pa.array([Decimal("1.10"), Decimal("2.20")], pa.decimal128(18, 2))})
    )
    assert spark.to_pyarrow(table.bedrag.sum()).as_py() == Decimal("3.30")

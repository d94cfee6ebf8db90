"""The warehouse: what is in it changes in one moment, or not at all."""

from __future__ import annotations

from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.query import fetch
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.terms.errors import ShapeError, SourceError
from zorgspiegel.terms.tables import POPULATION, WAREHOUSE


def people(number: int, code: str = "GM0363") -> pa.Table:
    row = {"jaar": 2022, "gebied_niveau": "gemeente", "gebiedscode": code, "leeftijd": "T", "geslacht": "T"}
    return pa.Table.from_pylist([{**row, "aantal_inwoners": number}], schema=POPULATION.schema.to_pyarrow())


def numbers(warehouse: Warehouse) -> list[int]:
    con = duckdb_connection(threads=1)
    return sorted(row["aantal_inwoners"] for row in fetch(con, warehouse.read(con, "population")))


def test_an_empty_warehouse_gives_empty_tables_of_the_right_shape(tmp_path: Path) -> None:
    con = duckdb_connection(threads=1)
    for name, shape in WAREHOUSE.items():
        table = Warehouse(tmp_path / "nothing").read(con, name)
        shape.check(table, where=name)
        assert fetch(con, table) == []
    assert not (tmp_path / "nothing").exists(), "reading makes no folder"


def test_a_write_takes_the_place_of_the_same_table_source_and_year(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.write("population", POPULATION, "kwb", 2022, people(1))
    warehouse.write("population", POPULATION, "kwb", 2023, people(2))
    warehouse.write("population", POPULATION, "kwb", 2022, people(3))
    warehouse.write("population", POPULATION, "eigen", 2022, people(4))
    assert numbers(warehouse) == [2, 3, 4]
    assert warehouse.years("population") == [2022, 2023]
    assert warehouse.has("population", "kwb", 2022)
    assert not warehouse.has("population", "kwb", 2021)
    con = duckdb_connection(threads=1)
    assert len(fetch(con, warehouse.read(con, "population", source="eigen"))) == 1


def test_an_expression_is_written_with_the_types_of_the_shape(tmp_path: Path) -> None:
    con = duckdb_connection(threads=1)
    row = {
        "jaar": 2022,
        "gebied_niveau": "gemeente",
        "gebiedscode": "GM0363",
        "leeftijd": "T",
        "geslacht": "T",
    }
    table = con.create_table("small", ibis.memtable([{**row, "aantal_inwoners": 5}]))
    narrow = table.mutate(jaar=table.jaar.cast("int16"), aantal_inwoners=table.aantal_inwoners.cast("int32"))
    entry = Warehouse(tmp_path).write("population", POPULATION, "kwb", 2022, narrow, con=con)
    assert entry.rows == 1
    POPULATION.check(Warehouse(tmp_path).read(con, "population"), where="test")
    with pytest.raises(ShapeError, match="aantal_inwoners is missing"):
        Warehouse(tmp_path).write(
            "population", POPULATION, "kwb", 2022, table.drop("aantal_inwoners"), con=con
        )
    assert numbers(Warehouse(tmp_path)) == [5]


def test_what_fails_half_way_leaves_no_trace(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.write("population", POPULATION, "kwb", 2022, people(1))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(RuntimeError), warehouse.changing() as change:
        change.write("population", POPULATION, "kwb", 2022, people(2))
        change.write("population", POPULATION, "kwb", 2023, people(3))
        assert numbers(warehouse) == [1], "others see nothing of a change that is not done"
        raise RuntimeError
    assert numbers(warehouse) == [1]
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_reader_that_began_before_a_write_can_still_finish(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.write("population", POPULATION, "kwb", 2022, people(1))
    con = duckdb_connection(threads=1)
    slow = warehouse.read(con, "population")
    warehouse.write("population", POPULATION, "kwb", 2022, people(2))
    assert [row["aantal_inwoners"] for row in fetch(con, slow)] == [1]
    warehouse.write("population", POPULATION, "kwb", 2022, people(3))
    assert len(list(tmp_path.glob("population/*.parquet"))) == 2, "older states do not pile up"


def test_the_same_content_has_the_same_digest(tmp_path: Path) -> None:
    one, other = Warehouse(tmp_path / "one"), Warehouse(tmp_path / "other")
    for warehouse in (one, other):
        warehouse.write("population", POPULATION, "kwb", 2022, people(1))
    assert one.digest() == other.digest()
    other.write("population", POPULATION, "kwb", 2022, people(2))
    assert one.digest() != other.digest()


def test_a_table_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="It has: areas"):
        Warehouse(tmp_path).read(duckdb_connection(threads=1), "inwoners")


@pytest.mark.spark
def test_spark_reads_the_same_tables(tmp_path: Path, spark: object) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.write("population", POPULATION, "kwb", 2022, people(7))
    table = warehouse.read(spark, "population")
    POPULATION.check(table, where="Spark")
    assert [row["aantal_inwoners"] for row in fetch(spark, table)] == [7]
    assert fetch(spark, warehouse.read(spark, "areas")) == []

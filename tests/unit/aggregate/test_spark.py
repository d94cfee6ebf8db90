"""The same expressions on DuckDB and on Spark give the same cells, all of them, to the cent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.lib import small_land
from tests.lib.invented_facts import wmo_facts
from zorgspiegel.aggregate import aggregate, facts_from, hierarchy
from zorgspiegel.store import definitions
from zorgspiegel.store.reference import REFERENCE
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.synthetic import read_land, zvw_facts
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.tables import AREAS, CELLS, FACTS, REGION_MEMBERS

pytestmark = pytest.mark.spark

UTRECHT = "PV26"
"""One provincie: 26 gemeenten. `make soak` compares the whole land."""


def compare(
    folder: Path, spark: Any, tables: tuple[Any, Any, Any], indicator: Indicator
) -> tuple[int, dict[str, int]]:
    """How many cells both engines give, and how many rows each has that the other has not."""
    for name, table, shape in zip("fam", tables, (FACTS, AREAS, REGION_MEMBERS), strict=True):
        arrow = table if isinstance(table, pa.Table) else table.to_pyarrow()
        pq.write_table(arrow.cast(shape.schema.to_pyarrow()), folder / f"{name}.parquet")
    found = {}
    for name, con in (("duckdb", ibis.duckdb.connect()), ("spark", spark)):
        read = [con.read_parquet(str(folder / f"{table}.parquet")) for table in "fam"]
        found[name] = con.to_pyarrow(aggregate(*read, indicator=indicator)).to_pylist()
    rows = {
        name: {tuple(row[column] for column in CELLS.names) for row in cells} for name, cells in found.items()
    }
    assert len(rows["duckdb"]) == len(found["duckdb"]), "a cell comes out twice"
    assert len(rows["spark"]) == len(found["spark"]), "a cell comes out twice"
    only = {"duckdb": len(rows["duckdb"] - rows["spark"]), "spark": len(rows["spark"] - rows["duckdb"])}
    return len(found["duckdb"]), only


@pytest.fixture(scope="module")
def reference() -> tuple[Any, Any, Any]:
    """Areas, region members and populations of the package."""
    con, shipped = ibis.duckdb.connect(), Warehouse(REFERENCE)
    return tuple(shipped.read(con, name) for name in ("areas", "region_members", "population"))  # type: ignore[return-value]


def test_zvw_of_one_provincie(spark, tmp_path, reference):
    areas, members, population = reference
    areas = areas.filter(areas.indelingsjaar == 2024)
    codes = areas.filter(areas.oudercode == UTRECHT).gebiedscode.to_pyarrow().to_pylist()
    facts = zvw_facts(read_land(areas, population, year=2024), year=2023, seed=1, gemeenten=codes)
    indicator = definitions.load("indicators", "zvw", Indicator)
    count, only = compare(tmp_path, spark, (facts, areas, members), indicator)
    assert only == {"duckdb": 0, "spark": 0}
    assert count > 75_000


def test_wmo_of_two_gemeenten(spark, tmp_path, reference):
    areas, members, population = reference
    facts = wmo_facts(areas, population, year=2024, gemeenten=["0088", "0106"])
    indicator = definitions.load("indicators", "wmo", Indicator)
    count, only = compare(tmp_path, spark, (facts, areas, members), indicator)
    assert only == {"duckdb": 0, "spark": 0}
    assert count > 3_000


def test_persons_that_are_unique_and_facts_with_everything_wrong(spark, tmp_path):
    rows = [
        {
            "indicator": "klein",
            "periode": "2024",
            "indelingsjaar": (2024, 1999)[i % 11 == 0],
            "gebiedscode": ("WK900101", "WK900201", "WK900199", "GM9003", "WK900301", None, "XX")[i % 7],
            "categorie": ("a", "b", "T", "c", "T", "ab", "x")[i % 13 % 7],
            "leeftijd": ("jong", "oud", "?", "midden")[i % 4],
            "geslacht": ("M", "V", "onbekend")[i % 3],
            "aantal_personen": i % 17,
            "kosten_eur": None,
            "herkomst": f"d{i % 5}",
        }
        for i in range(500)
    ]
    facts = ibis.memtable(pa.Table.from_pylist(rows, schema=FACTS.schema.to_pyarrow()))
    facts = facts.mutate(kosten_eur=(facts.aantal_personen * 100 - 300).cast("decimal(18, 2)"))
    indicator = small_land.indicator(persons="unique")
    count, only = compare(tmp_path, spark, (facts, small_land.areas(), small_land.members()), indicator)
    assert only == {"duckdb": 0, "spark": 0}
    assert count > 300


def test_the_hierarchy_and_the_facts_of_a_delivery(spark):
    def rows(con: Any, expression: Any) -> set[tuple[Any, ...]]:
        return {tuple(row.values()) for row in con.to_pyarrow(expression).to_pylist()}

    sums = hierarchy(
        small_land.areas(),
        small_land.members(),
        indicator=small_land.indicator(),
        indelingsjaar=small_land.YEAR,
        jaar=small_land.YEAR,
    )
    record = ibis.memtable(
        {
            "Wijkcode": ["WK030701"],
            "Productcategorie": ["01"],
            "Leeftijdscategorie": ["06"],
            "Geslacht": ["1"],
            "AantalClienten": [3],
            "Bedrag": [999_999_999_999],
        }
    )
    wmo = definitions.load("indicators", "wmo", Indicator)
    facts = facts_from({"detail": record}, indicator=wmo, periode="2025", indelingsjaar=2024, herkomst="d1")
    duckdb = ibis.duckdb.connect()
    for expression in (sums, facts):
        found = rows(duckdb, expression)
        assert found
        assert rows(spark, expression) == found

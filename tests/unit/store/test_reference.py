"""The shipped reference data: complete, consistent, and never in the place of what a person imported."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.query import fetch
from zorgspiegel.store.reference import REFERENCE, load_reference
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.terms.areas import level_of
from zorgspiegel.terms.tables import POPULATION


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("filled"))
    load_reference(warehouse)
    return warehouse


def test_it_is_small_and_says_where_it_comes_from() -> None:
    size = sum(path.stat().st_size for path in REFERENCE.rglob("*") if path.is_file())
    assert size < 4_000_000
    text = (REFERENCE / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for words in ("CBS", "RIVM", "Kadaster", "CC BY 4.0"):
        assert words in text
    assert not any(
        "vektis" in entry.source or entry.table == "facts" for entry in Warehouse(REFERENCE).entries()
    )
    assert not any(entry.table == "area_transitions" for entry in Warehouse(REFERENCE).entries())


def test_the_numbers_of_gemeenten_are_those_of_the_years(filled: Warehouse) -> None:
    con = duckdb_connection(threads=1)
    areas = filled.read(con, "areas")
    counts = fetch(con, areas.group_by(["indelingsjaar", "gebied_niveau"]).aggregate(n=areas.count()))
    found = {row["indelingsjaar"]: row["n"] for row in counts if row["gebied_niveau"] == "gemeente"}
    years = {2017: 388, 2018: 380, 2019: 355, 2020: 355, 2021: 352, 2022: 345}
    assert found == years | dict.fromkeys((2023, 2024, 2025, 2026), 342)
    wijken = {row["indelingsjaar"]: row["n"] for row in counts if row["gebied_niveau"] == "wijk"}
    assert wijken == {2020: 3177, 2022: 3340, 2024: 3393}


def test_every_code_is_well_formed_and_its_parent_is_there(filled: Warehouse) -> None:
    con = duckdb_connection(threads=1)
    rows = fetch(con, filled.read(con, "areas"))
    known = {(row["gebiedscode"], row["indelingsjaar"]) for row in rows}
    assert len(known) == len(rows), "a code is there once a year"
    for row in rows:
        assert level_of(row["gebiedscode"]) == row["gebied_niveau"]
        if row["gebied_niveau"] != "land":
            assert (row["oudercode"], row["indelingsjaar"]) in known


def test_every_gemeente_has_one_region_of_each_set_people_and_a_border(filled: Warehouse) -> None:
    con = duckdb_connection(threads=1)
    members = [row for row in fetch(con, filled.read(con, "region_members")) if row["indelingsjaar"] == 2023]
    gemeenten = {row["gebiedscode"] for row in members if row["verzameling"] == "provincie"}
    assert len(gemeenten) == 342
    for name in ("zorgkantoorregio", "ggdregio", "corop"):
        assert sorted(row["gebiedscode"] for row in members if row["verzameling"] == name) == sorted(
            gemeenten
        )
    people = fetch(con, filled.read(con, "population", source="cbs-postcodes"))
    assert {row["gebiedscode"] for row in people} == gemeenten
    assert len(people) == 342 * 19 * 2
    borders = fetch(con, filled.read(con, "borders", year=2023))
    assert {row["gebiedscode"] for row in borders} == gemeenten
    postcodes = fetch(con, filled.read(con, "postcodes", year=2023))
    assert {row["gebiedscode"] for row in postcodes} == gemeenten
    assert next(row["gebiedscode"] for row in postcodes if row["pc4"] == "3811") == "GM0307"


def test_loading_twice_changes_nothing_and_an_import_of_a_person_stays(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    mine = [(2022, "gemeente", "GM0363", "T", "T", 1)]
    columns = list(zip(*mine, strict=True))
    table = pa.table([pa.array(values) for values in columns], names=list(POPULATION.names))
    warehouse.write("population", POPULATION, "kwb", 2022, table)
    first = load_reference(warehouse)
    digest = warehouse.digest()
    assert load_reference(warehouse) == first > 20
    assert warehouse.digest() == digest
    con = duckdb_connection(threads=1)
    assert len(fetch(con, warehouse.read(con, "population", source="kwb", year=2022))) == 1
    assert warehouse.has("population", "kwb", 2024)

"""The real public files, through the production door. Skipped where ZORGSPIEGEL_DATA is absent."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pytest

from tests.lib.importing import Desk, source
from zorgspiegel.pipeline.imports import Imported, import_files
from zorgspiegel.receive import read_source
from zorgspiegel.store.query import fetch
from zorgspiegel.store.reference import REFERENCE
from zorgspiegel.store.warehouse import Warehouse

pytestmark = pytest.mark.data

VEKTIS_YEARS = (2020, 2022, 2023)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def vektis(desk: Desk, public_data: Path) -> dict[int, Imported]:
    files = [public_data / f"zvw_vektis/vektis_{year}_gemeente.csv.gz" for year in VEKTIS_YEARS]
    return {one.year: one for one in import_files(source("vektis"), files, desk.warehouse)}


def _plain_totals(path: Path) -> dict[str, Decimal]:
    """The slow and obvious twin: add up every column of the file as exact decimals."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            for name, value in row.items():
                if name.startswith(("aantal_", "kosten_")):
                    totals[name] += Decimal(value)
    totals["total_cost_eur"] = sum((v for k, v in totals.items() if k.startswith("kosten_")), Decimal())
    return totals


@pytest.mark.parametrize("year", VEKTIS_YEARS)
def test_vektis_totals_are_exact_to_the_cent_and_the_person(
    vektis: dict[int, Imported], public_data: Path, year: int
) -> None:
    done = vektis[year]
    with (public_data / "zvw_vektis/vektis_totals_by_year.csv").open() as file:
        wanted = next(row for row in csv.DictReader(file) if row["year"] == str(year))
    assert done.rows == int(wanted["rows"])
    assert (done.rejected_rows, done.unplaced_rows) == (0, 0)
    for name in ("aantal_bsn", "aantal_verzekerdejaren", "total_cost_eur"):
        assert done.totals[name] == Decimal(wanted[name])
    plain = _plain_totals(public_data / f"zvw_vektis/vektis_{year}_gemeente.csv.gz")
    ours = {name: Decimal(value) for name, value in done.totals.items()}
    whole = {name: next(o for o in ours if o.startswith(name)) for name in plain}  # 2023 cuts three names
    assert ours == {whole[name]: value for name, value in plain.items()}


def test_vektis_gets_the_codes_and_divisions_of_the_check_table(
    desk: Desk, vektis: dict[int, Imported], public_data: Path
) -> None:
    with (public_data / "zvw_vektis/vektis_gemeentenaam_to_code_2023.csv").open() as file:
        wanted = {row["gemeentecode"] for row in csv.DictReader(file)}
    facts = desk.warehouse.read(desk.con, "facts")
    places = fetch(desk.con, facts.select("periode", "indelingsjaar", "gebiedscode").distinct())
    found = {year: {r["gebiedscode"] for r in places if r["periode"] == str(year)} for year in VEKTIS_YEARS}
    assert found[2023] == wanted | {None}
    divisions = {row["periode"]: row["indelingsjaar"] for row in places}
    assert divisions == {"2020": 2022, "2022": 2023, "2023": 2023}
    assert len(found[2020]) == 344 + 1


def test_every_year_of_vektis_is_understood(public_data: Path, tmp_path: Path) -> None:
    with (public_data / "zvw_vektis/vektis_columns_by_year.csv").open() as file:
        rows = list(csv.DictReader(file))
    desk = Desk(tmp_path)
    for year in range(2011, 2024):
        names = [row["column"] for row in rows if row[str(year)] == "1"]
        header = [name.upper() for name in names] if year <= 2018 else names
        values = {"geslacht": "M", "leeftijdsklasse": "90+", "gemeentenaam": "S GRAVENHAGE"}
        line = [values.get(name, "10") for name in names]
        done = desk.bring("vektis", f"vektis_{year}_gemeente.csv", f"{';'.join(header)}\n{';'.join(line)}\n")
        amounts = sum(name.startswith("kosten_") for name in names)
        assert (done.year, done.totals["total_cost_eur"]) == (year, 10 * amounts)
        assert len(done.totals) == amounts + 3


def test_wijken_of_2022_rolled_forward_are_those_of_2024(desk: Desk, public_data: Path) -> None:
    changes = public_data / "geography/wijk_boundary_changes_2016_2024.csv"
    import_files(source("cbs-grenswijzigingen"), [changes], desk.warehouse)
    (wijk,) = import_files(
        source("cbs-gebieden"), [public_data / "geography/wijk_2022.geojson"], desk.warehouse
    )
    (kwb,) = import_files(
        source("kwb"), [public_data / "population/kwb_2024_gemeente_wijk.csv"], desk.warehouse
    )
    assert (wijk.totals["aantal_wijk"], kwb.totals["aantal_inwoners"]) == (3340, 17942942)
    transitions = fetch(desk.con, desk.warehouse.read(desk.con, "area_transitions"))
    codes = {row["gebiedscode"] for row in desk.rows("areas") if row["gebied_niveau"] == "wijk"}
    for year in (2023, 2024):
        to: dict[str, set[str]] = defaultdict(set)
        for row in transitions:
            if row["naar_jaar"] == year:
                to[row["van_code"]].add(row["naar_code"])
        codes = set().union(*(to.get(code, {code}) for code in codes))
    people = desk.rows("population")
    assert codes == {row["gebiedscode"] for row in people if row["gebied_niveau"] == "wijk"}


def test_342_codes_agree_everywhere(desk: Desk, vektis: dict[int, Imported], public_data: Path) -> None:
    import_files(source("postcodes"), [public_data / "geography/pc4_gemeente_2024.csv"], desk.warehouse)
    import_files(source("cbs-gebieden"), [public_data / "geography/gemeenten_2026.csv"], desk.warehouse)
    import_files(source("kwb"), [public_data / "population/kwb_2024_gemeente_wijk.csv"], desk.warehouse)
    facts = desk.warehouse.read(desk.con, "facts")
    zvw = {
        r["gebiedscode"] for r in fetch(desk.con, facts.filter(facts.periode == "2023").select("gebiedscode"))
    }
    areas = {r["gebiedscode"] for r in desk.rows("areas") if r["indelingsjaar"] == 2026}
    people = {r["gebiedscode"] for r in desk.rows("population") if r["gebied_niveau"] == "gemeente"}
    postcodes = {r["gebiedscode"] for r in desk.rows("postcodes")}
    assert len(areas) == 342
    assert zvw - {None} == areas == people == postcodes


REAL = [
    ("cbs-gebieden", "geography/gemeente_2022.geojson", 2022, 345, {"aantal_gemeente": 345}),
    ("cbs-gebieden", "geography/gemeente_2023.geojson", 2023, 342, {"aantal_gemeente": 342}),
    ("cbs-gebieden", "geography/provincie_2022.geojson", 2022, 12, {"aantal_provincie": 12}),
    (
        "cbs-gebieden",
        "geography/wijk_buurt_names_2014.csv",
        2014,
        14429,
        {"aantal_buurt": 11691, "aantal_wijk": 2738},
    ),
    ("cbs-gebieden", "geography/gemeenten_alfabetisch_2017.csv", 2017, 388, {"aantal_gemeente": 388}),
    ("cbs-gebieden", "regions/zorgkantoorregio_2023.csv", 2023, 31, {"aantal_zorgkantoorregio": 31}),
    ("kwb", "population/kerncijfers_wijk_2022.csv", 2022, 3340, {"aantal_inwoners": 17588925}),
    ("kwb", "population/kerncijfers_gemeente_2022.csv", 2022, 345, {"aantal_inwoners": 17590672}),
    ("kwb", "population/kerncijfers_gemeente_2023_pdok.csv", 2023, 343, {"aantal_inwoners": 17811291}),
    ("kwb", "population/kwb_utrecht_2024.csv", 2024, 122, {"aantal_inwoners": 374238}),
    ("kwb", "statline_odata/70072ned_UntypedDataSet_sample.csv", 2015, 16, {"aantal_inwoners": 16900726}),
    ("rivm-gezondheid", "health/rivm_gezondheid_2020_18plus.csv.gz", 2020, 17341, {}),
    ("rivm-gezondheid", "statline_odata/RIVM_50090NED_UntypedDataSet_sample.csv", 2020, 40, {}),
    ("nza-wachttijden", "wachttijden_ggz/nza_wachttijden_ggz_2018.csv", 2018, 6975, {"aantal_stops": 264}),
    ("regios", "regions/gemeente_zorgkantoor_2019.csv", 2019, 355, {"aantal_zorgkantoorregio": 32}),
    (
        "regios",
        "regions/gemeente_zorgkantoorregio_2023_derived.csv",
        2023,
        342,
        {"aantal_zorgkantoorregio": 31},
    ),
    (
        "regios",
        "regions/gemeente_ggd_corop_2024_derived.csv",
        2024,
        342,
        {"aantal_ggdregio": 25, "aantal_corop": 40},
    ),
    ("postcodes", "geography/pc4_wijk_2022.csv", 2022, 6863, {"aantal_postcodes": 4071}),
]


@pytest.mark.parametrize("real", REAL, ids=lambda real: f"{real[0]}-{real[1]}")
def test_every_real_file_comes_in(
    public_data: Path, tmp_path: Path, real: tuple[str, str, int, int, dict[str, Any]]
) -> None:
    name, file, year, rows, totals = real
    (done,) = import_files(source(name), [public_data / file], Warehouse(tmp_path))
    assert (done.year, done.rows) == (year, rows)
    assert done.rejected_rows <= 1
    assert {key: done.totals[key] for key in totals} == totals


@pytest.mark.spark
def test_both_engines_read_vektis_the_same(public_data: Path, desk: Desk, spark: Any) -> None:
    from zorgspiegel.store.files import open_text_table

    text = open_text_table(desk.con, public_data / "zvw_vektis/vektis_2023_gemeente.csv.gz", separators=[";"])
    few = desk.con.to_pyarrow(text.filter(text.rijnummer % 97 == 0))
    outcomes = []
    for con in (desk.con, spark):
        reading = read_source(
            source("vektis"),
            ibis.memtable(few),
            year=2023,
            areas=Warehouse(REFERENCE).read(con, "areas"),
            origin="test",
        )
        assert fetch(con, reading.faults) == []
        found = fetch(con, reading.tables(reading.rows)["facts"])
        outcomes.append(sorted((tuple(row.items()) for row in found), key=str))
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) == few.num_rows * 27


def test_the_reference_data_are_what_the_script_makes(public_data: Path, tmp_path: Path) -> None:
    from scripts.reference import build

    build(public_data, Warehouse(tmp_path))
    assert Warehouse(tmp_path).digest() == Warehouse(REFERENCE).digest()

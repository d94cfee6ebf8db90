"""A real year of Vektis, through the production door: nothing is lost on the way to the total of the land."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from tests.lib.importing import source
from zorgspiegel.aggregate import aggregate, unplaced
from zorgspiegel.pipeline.imports import import_files
from zorgspiegel.store import definitions
from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.reference import load_reference
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.terms.indicators import Indicator

pytestmark = pytest.mark.data


def test_the_total_of_the_land_is_that_of_the_source(public_data, tmp_path):
    folder = public_data / "zvw_vektis"
    totals = (folder / "vektis_totals_by_year.csv").read_text(encoding="utf-8").splitlines()
    expected = {row["year"]: row for row in csv.DictReader(totals)}["2023"]
    warehouse = Warehouse(tmp_path / "warehouse")
    load_reference(warehouse)
    import_files(source("vektis"), [folder / "vektis_2023_gemeente.csv.gz"], warehouse)

    con, zvw = duckdb_connection(threads=2), definitions.load("indicators", "zvw", Indicator)
    facts, areas = warehouse.read(con, "facts"), warehouse.read(con, "areas")
    cells = con.create_table(
        "cellen", aggregate(facts, areas, warehouse.read(con, "region_members"), indicator=zvw), temp=True
    )
    assert con.to_pyarrow(unplaced(facts, areas, indicator=zvw)).num_rows == 0

    all_of_them = cells.filter(cells.leeftijd == "T", cells.geslacht == "T", cells.categorie == "T")
    found = {row["gebied_niveau"]: row for row in con.to_pyarrow(_sums(all_of_them)).to_pylist()}
    assert found["land"]["aantal_personen"] == int(expected["aantal_bsn"])
    assert found["land"]["kosten_eur"] == Decimal(expected["total_cost_eur"])
    for measure in ("aantal_personen", "kosten_eur"):
        parts = found["provincie"][measure] + found["onbekend"][measure]
        assert parts == found["land"][measure], "provincies and the rest group are the whole land"
        assert found["gemeente"][measure] == found["provincie"][measure]


def _sums(cells):
    return cells.group_by("gebied_niveau").aggregate(
        aantal_personen=cells.aantal_personen.sum(), kosten_eur=cells.kosten_eur.sum()
    )

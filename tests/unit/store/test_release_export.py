"""Every export tells the same figures, the same three answers and the same warning, and holds no formula."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from frictionless import Package
from lxml import etree
from odfdo import Document

from tests.lib import invented_release as invented
from zorgspiegel.store import releases, spreadsheets
from zorgspiegel.store.release_export import FORMATS, export_release
from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.tables import PROTECTED_CELLS

COLUMNS = [*PROTECTED_CELLS.names, "verzonnen"]
NUMBERS = {"indelingsjaar", "aantal_personen", "kosten_eur"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return releases.write_release(invented.plan(), tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="module")
def exported(folder, tmp_path_factory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("exports")
    return {kind: export_release(folder, kind, out / f"cellen.{ending}") for kind, ending in FORMATS.items()}


def _csv(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode())))


def _xlsx(path: Path) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


def _ods(path: Path) -> dict[str, list[tuple]]:
    space = {
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"

    def value(cell):
        kind = cell.get(f"{office}value-type")
        if kind is None:
            return None
        if kind == "float":
            return Decimal(cell.get(f"{office}value"))
        if kind == "boolean":
            return cell.get(f"{office}boolean-value") == "true"
        assert kind == "string"
        return "\n".join("".join(line.itertext()) for line in cell.findall("text:p", space))

    with zipfile.ZipFile(path) as package:
        tree = etree.fromstring(package.read("content.xml"))
    return {
        sheet.get(f"{{{space['table']}}}name"): [
            tuple(value(cell) for cell in row.findall("table:table-cell", space))
            for row in sheet.iterfind(".//table:table-row", space)
        ]
        for sheet in tree.iterfind(".//table:table", space)
    }


def _of_sheets(sheets: dict[str, list[tuple]]) -> list[dict]:
    rows = []
    for title, (header, *body) in sheets.items():
        if title.startswith("Cellen "):
            assert list(header) == COLUMNS
            rows += [dict(zip(header, row, strict=True)) for row in body]
    return rows


def _alike(row: dict) -> tuple:
    """One cell, whatever the format: numbers exact, nothing is None."""
    found = []
    for column in COLUMNS:
        value = row[column]
        if column in NUMBERS:
            found.append(None if value in {None, ""} else Decimal(str(value)).quantize(Decimal("0.01")))
        else:
            found.append(value)
    return tuple(found)


def _cells(kind: str, path: Path) -> list[tuple]:
    if kind == "csv":
        rows = _csv(path.read_bytes())
    elif kind == "parquet":
        rows = pq.read_table(path).to_pylist()
    elif kind == "datapackage":
        with zipfile.ZipFile(path) as package:
            names = sorted(name for name in package.namelist() if name.startswith("csv/cellen/"))
            rows = [row for name in names for row in _csv(package.read(name))]
    else:
        rows = _of_sheets(_xlsx(path) if kind == "xlsx" else _ods(path))
    return sorted(map(_alike, rows), key=str)


@pytest.fixture(scope="module")
def published() -> list[tuple]:
    rows = [
        {**row, "verzonnen": "ja" if indicator == "wmo_clienten" else "nee"}
        for indicator in invented.INDICATORS
        for row in invented.cells(indicator).to_pylist()
    ]
    return sorted(map(_alike, rows), key=str)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_number_is_the_same_in_every_format(kind, exported, published):
    assert _cells(kind, exported[kind]) == published


@pytest.mark.parametrize("kind", FORMATS)
def test_zero_hidden_and_unknown_stay_three_answers(kind, exported):
    persons, status = COLUMNS.index("aantal_personen"), COLUMNS.index("status")
    answers = {(cell[persons] is None, cell[status]) for cell in _cells(kind, exported[kind])}
    assert answers == {
        (False, "getoond"),
        (True, "geheim"),
        (True, "onbekend"),
        (True, "niet_van_toepassing"),
    }
    assert (Decimal(0), "getoond") in {(cell[persons], cell[status]) for cell in _cells(kind, exported[kind])}


def test_numbers_are_numbers_and_texts_are_texts_in_a_workbook(exported):
    book = openpyxl.load_workbook(exported["xlsx"])
    assert book.sheetnames == [
        "Leesmij",
        "Cellen wmo_clienten",
        "Cellen zvw_kosten",
        "Gebieden",
        "Inwoners",
        "Indicatoren",
        "Perioden",
        "Bronnen",
    ]
    for sheet in book:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            for column, cell in zip(header, row, strict=True):
                assert cell.data_type != "f", "a formula"
                assert cell.hyperlink is None
                if column in NUMBERS | {"aantal_inwoners", "jaar"}:
                    assert cell.data_type == "n"


def test_a_name_that_looks_like_a_formula_is_a_harmless_text_everywhere(exported):
    for sheets in (_xlsx(exported["xlsx"]), _ods(exported["ods"])):
        assert "=HYPERLINK(1)" in {row[3] for row in sheets["Gebieden"]}
    assert "<f>" not in zipfile.ZipFile(exported["xlsx"]).read("xl/worksheets/sheet4.xml").decode()
    assert "table:formula" not in zipfile.ZipFile(exported["ods"]).read("content.xml").decode()
    with zipfile.ZipFile(exported["datapackage"]) as package:
        raw = package.read("csv/gebieden.csv").decode()
    assert '"\'=HYPERLINK(1)"' in raw
    assert [spreadsheets.restore(row["naam"]) for row in _csv(raw.encode())][:3] == [
        "=HYPERLINK(1)", "Groningen", "-Almere",
    ]  # fmt: skip


def test_every_file_says_that_it_holds_invented_figures(exported):
    with zipfile.ZipFile(exported["datapackage"]) as package:
        descriptor = json.loads(package.read("datapackage.json"))
    assert descriptor["verzonnen"] is True
    assert descriptor["title"].startswith("VERZONNEN GEGEVENS")
    flags = {resource["path"]: resource["verzonnen"] for resource in descriptor["resources"]}
    assert flags["csv/cellen/wmo_clienten.csv"] is True
    assert flags["csv/cellen/zvw_kosten.csv"] is False
    assert b"VERZONNEN GEGEVENS" in pq.read_metadata(exported["parquet"]).metadata[b"zorgspiegel"]
    for sheets in (_xlsx(exported["xlsx"]), _ods(exported["ods"])):
        assert sheets["Leesmij"][1][0].startswith("VERZONNEN GEGEVENS")
        assert "verzonnen gegevens" in sheets["Leesmij"][1][1]
    assert {row["verzonnen"] for row in _csv(exported["csv"].read_bytes())} == {"ja", "nee"}


def test_a_release_without_invented_figures_does_not_claim_any(tmp_path):
    folder = releases.write_release(invented.plan(invented=False), tmp_path)
    for kind, ending in FORMATS.items():
        path = export_release(folder, kind, tmp_path / f"echt.{ending}")
        assert {cell[-1] for cell in _cells(kind, path)} == {"nee"}
    for path in releases.paths_of(folder):
        assert b"VERZONNEN" not in (folder / path).read_bytes()


def test_the_inside_of_the_house_is_in_no_export(exported):
    for path in exported.values():
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                assert not [name for name in package.namelist() if "intern" in name or "attack" in name]
                texts = [package.read(name) for name in package.namelist()]
        else:
            texts = [path.read_bytes()]
        assert not any(re.search(rb"teruggevonden|herkomst|bijdragers", text) for text in texts)


@pytest.mark.parametrize("kind", FORMATS)
def test_exporting_twice_gives_the_same_bytes(kind, folder, exported, tmp_path):
    again = export_release(folder, kind, tmp_path / exported[kind].name)
    assert again.read_bytes() == exported[kind].read_bytes()


def test_frictionless_accepts_the_release_and_the_exported_package(folder, exported):
    for path in (folder / "datapackage.json", exported["datapackage"]):
        report = Package(str(path)).validate()
        assert report.valid, report.flatten(["type", "message"])
        assert len(report.tasks) == 7


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"geheim"', '"verborgen"'),
        ('"wmo_clienten"', '"onbekende_indicator"'),
        ('"2022","2022"', '"2022","x"'),
    ],
)
def test_frictionless_refuses_a_package_that_breaks_its_schema(exported, tmp_path, old, new):
    with zipfile.ZipFile(exported["datapackage"]) as package:
        package.extractall(tmp_path)
    broken = tmp_path / "csv" / "cellen" / "wmo_clienten.csv"
    broken.write_text(broken.read_text().replace(old, new, 1))
    descriptor = json.loads((tmp_path / "datapackage.json").read_text())
    for resource in descriptor["resources"]:
        resource.pop("hash")
        resource.pop("bytes")
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor))
    assert not Package(str(tmp_path / "datapackage.json")).validate().valid


def test_one_indicator_can_be_exported(folder, tmp_path):
    for kind in ("csv", "xlsx", "ods", "parquet"):
        path = export_release(folder, kind, tmp_path / f"een.{kind}", indicators=["zvw_kosten"])
        assert {cell[0] for cell in _cells(kind, path)} == {"zvw_kosten"}
        assert len(_cells(kind, path)) == 288


def test_wrong_wishes_are_refused_and_leave_nothing(folder, tmp_path):
    with pytest.raises(ReleaseError, match=r"no export format 'pdf'\. Known: csv, xlsx"):
        export_release(folder, "pdf", tmp_path / "a")
    with pytest.raises(ReleaseError, match=r"No indicator wmo in .* It has: wmo_clienten, zvw_kosten"):
        export_release(folder, "csv", tmp_path / "a", indicators=["wmo"])
    (tmp_path / "there").write_text("mine")
    with pytest.raises(ReleaseError, match="nothing is overwritten"):
        export_release(folder, "csv", tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_workbook_that_nobody_could_open_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("zorgspiegel.store.release_export.MOST_CELLS_OF_A_WORKBOOK", 100)
    with pytest.raises(ReleaseError, match="576 cells are too many for a workbook"):
        export_release(folder, "xlsx", tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_long_table_goes_on_in_a_next_sheet(kind, folder, tmp_path, monkeypatch, published):
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 101)
    path = export_release(folder, kind, tmp_path / f"lang.{kind}")
    sheets = _xlsx(path) if kind == "xlsx" else _ods(path)
    assert [(title, len(rows)) for title, rows in sheets.items() if title.startswith("Cellen z")] == [
        ("Cellen zvw_kosten", 101), ("Cellen zvw_kosten (2)", 101), ("Cellen zvw_kosten (3)", 89),
    ]  # fmt: skip
    assert _cells(kind, path) == published


def test_a_damaged_file_is_not_exported(tmp_path):
    folder = releases.write_release(invented.plan(), tmp_path)
    for path, kind in {
        "csv/cellen/zvw_kosten.csv": "csv",
        "release.duckdb": "xlsx",
        "csv/bronnen.csv": "datapackage",
    }.items():
        file = folder / path
        file.chmod(0o644)
        raw = file.read_bytes()
        file.write_bytes(raw[:-1] + b"?")
        with pytest.raises(ReleaseError, match=f"{path} of release 2026-voorjaar is damaged"):
            export_release(folder, kind, tmp_path / "a")
        file.write_bytes(raw)


def test_another_reader_of_ods_sees_the_same_tables(exported):
    sheets = Document(exported["ods"]).body.tables
    assert [sheet.name for sheet in sheets] == list(_ods(exported["ods"]))
    areas = next(sheet for sheet in sheets if sheet.name == "Gebieden")
    assert areas.get_row_values(1) == ["gemeente", "GM0003", 2022, "=HYPERLINK(1)", "NL01", "nee"]

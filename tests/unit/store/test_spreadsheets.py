"""No text becomes a formula, and making it harmless loses nothing."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import duckdb
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from zorgspiegel.store.ods import write_ods
from zorgspiegel.store.release_files import harmless
from zorgspiegel.store.spreadsheets import Sheet, neutralise, restore
from zorgspiegel.store.xlsx import write_xlsx
from zorgspiegel.terms.errors import ReleaseError

TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00")) | st.text(
    alphabet="=+-@ \t\r\n'\"＝＋－＠´’a1", max_size=8
)


@pytest.mark.parametrize(
    ("text", "is_dangerous"),
    [
        ("=1+1", True), ("+31", True), ("-2", True), ("@SUM(A1)", True), ("\tx", True), ("\rx", True),
        ("\nx", True), ("＝1", True), ("＋1", True), ("－1", True), ("＠a", True), ("  =1", True),
        ("'=1", True), ('"=1"', True), ("\u00a0=1", True), ("\ufeff=1", True), ("’=1", True),
        ("Bergen (NH.)", False), ("'s-Gravenhage", False), ("1-2", False), ("", False), ("a=1", False),
        ("— geen", False), ("0-17", False),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_could_run_gets_a_quote(text, is_dangerous):
    assert neutralise(text) == ("'" + text if is_dangerous else text)


@given(TEXTS)
def test_making_harmless_loses_nothing(text):
    assert restore(neutralise(text)) == text


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        yield connection


@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_sql_makes_harmless_what_python_does(database, texts):
    found = database.execute(f"SELECT {harmless('naam')} FROM (SELECT unnest(?) AS naam)", [texts]).fetchall()
    assert [row[0] for row in found] == [neutralise(text) for text in texts]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])).map(
        lambda t: t + "x"
    ),
    st.sampled_from(["=1+1", "@A1", "http://voorbeeld.nl", "0307", "  twee", "een\ntwee", "a\tb", "<b>&"]),
)


@given(st.lists(st.lists(VALUES, min_size=2, max_size=2), max_size=12))
def test_a_workbook_gives_back_what_was_written(rows):
    target = io.BytesIO()
    write_xlsx(target, [Sheet("Blad", ["a", "b"], rows)], title="t", creator="c")
    _, *found = openpyxl.load_workbook(target)["Blad"].iter_rows(min_row=1)
    for row, cells in zip([row for row in rows if row], found, strict=False):
        for value, cell in zip(row, cells, strict=True):
            assert cell.data_type != "f"
            assert cell.hyperlink is None
            if isinstance(value, Decimal):
                assert Decimal(repr(cell.value)) == value
            else:
                assert cell.value == value


@given(st.lists(st.lists(VALUES, min_size=2, max_size=2), max_size=12))
def test_an_ods_file_is_well_formed_and_keeps_every_digit(rows):
    target = io.BytesIO()
    write_ods(target, [Sheet("Blad & <co>", ["a", "b"], rows)], title="<t>", creator="&")
    with zipfile.ZipFile(target) as package:
        assert package.namelist()[0] == "mimetype"
        assert package.infolist()[0].compress_type == zipfile.ZIP_STORED
        for name in ("content.xml", "meta.xml", "META-INF/manifest.xml"):
            etree.fromstring(package.read(name))
        tree = etree.fromstring(package.read("content.xml"))
    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    numbers = [Decimal(cell.get(f"{office}value")) for cell in tree.iter() if cell.get(f"{office}value")]
    expected = [v for row in rows for v in row if isinstance(v, int | Decimal) and not isinstance(v, bool)]
    assert numbers == expected


def test_a_number_that_excel_would_round_goes_in_as_text():
    target = io.BytesIO()
    long = Decimal("12345678901234567.89")
    write_xlsx(target, [Sheet("Blad", ["a"], [[long], [10**16]])], title="t", creator="c")
    page = openpyxl.load_workbook(target)["Blad"]
    assert page["A2"].value == "12345678901234567.89"
    assert page["A3"].value == 10**16


def test_a_text_that_excel_would_cut_off_is_refused():
    with pytest.raises(ReleaseError, match="40000 letters does not fit in Excel"):
        write_xlsx(io.BytesIO(), [Sheet("Blad", ["a"], [["x" * 40_000]])], title="t", creator="c")


def test_sheet_names_are_what_excel_allows():
    target = io.BytesIO()
    names = [
        "Jeugd/Wmo: [2026]?",
        "Een heel erg lange naam van een tabel",
        "Een heel erg lange naam van een tabel (2)",
    ]
    write_xlsx(target, [Sheet(name, ["a"], []) for name in names], title="t", creator="c")
    assert openpyxl.load_workbook(target).sheetnames == [
        "Jeugd-Wmo- -2026--", "Een heel erg lange naam van een", "Een heel erg lange naam van (2)",
    ]  # fmt: skip

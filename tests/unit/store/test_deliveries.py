"""Opening delivered files: the same table from CSV, XLSX, XML and ZIP, with exact row numbers."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zorgspiegel.store.deliveries import open_delivery
from zorgspiegel.store.opening import csvfile
from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.problems import Problems
from zorgspiegel.store.opening.rows import NAME
from zorgspiegel.store.opening.scan import scan
from zorgspiegel.store.standards import load_standard
from zorgspiegel.terms.deliveries import Trouble

STANDARD = load_standard("wachttijden-ggz")
HEADER = [field.name for field in STANDARD.resources[0].fields]
EXAMPLE = [field.example or "" for field in STANDARD.resources[0].fields]


def opened_rows(path: Path, folder: Path) -> tuple[list[int], list[list[str]], set[Trouble]]:
    """Row numbers, texts and troubles of a file; null and empty are the same here."""
    folder.mkdir(exist_ok=True)
    opened = open_delivery(path, STANDARD, folder=folder)
    troubles = {problem.trouble for problem in opened.facts.problems}
    if opened.text_path is None:
        return [], [], troubles
    table = pq.read_table(opened.text_path).sort_by("rijnummer").to_pylist()
    texts = [[row[f"kolom_{n + 1}"] or "" for n in range(len(HEADER))] for row in table]
    return [row["rijnummer"] for row in table], texts, troubles


def csv_bytes(rows: list[list[str]], *, quoting: int = csv.QUOTE_MINIMAL, end: str = "\r\n") -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=";", quoting=quoting, lineterminator=end).writerows(rows)
    return target.getvalue().encode()


def xlsx_bytes(rows: list[list[object]]) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


def xml_bytes(rows: list[list[str]]) -> bytes:
    lines = ["".join(f"<{n}>{v}</{n}>" for n, v in zip(HEADER, row, strict=True)) for row in rows]
    return ("<levering>" + "".join(f"<regel>{line}</regel>" for line in lines) + "</levering>").encode()


def zip_bytes(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, content)
    return target.getvalue()


TWO = [EXAMPLE, ["202502", *EXAMPLE[1:]]]
FORMS = {
    "a.csv": csv_bytes([HEADER, *TWO]),
    "bom.csv": b"\xef\xbb\xbf" + csv_bytes([HEADER, *TWO]),
    "lf.csv": csv_bytes([HEADER, *TWO], end="\n"),
    "noend.csv": csv_bytes([HEADER, *TWO]).rstrip(),
    "quoted.csv": csv_bytes([HEADER, *TWO], quoting=csv.QUOTE_ALL),
    "blank-end.csv": csv_bytes([HEADER, *TWO]) + b"\r\n\r\n",
    "a.xlsx": xlsx_bytes([HEADER, *TWO]),
    "a.xml": xml_bytes(TWO),
    "a.zip": zip_bytes("a.csv", csv_bytes([HEADER, *TWO])),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_table(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FORMS[name])
    assert opened_rows(path, tmp_path / "folder") == ([1, 2], TWO, set())


def test_numbers_and_dates_of_a_sheet_become_the_texts_of_the_standard(tmp_path):
    path = tmp_path / "a.xlsx"
    row: list[object] = [202501, "06999999", 6999998, "ZK09", "05", "instelling", "ambulant", 6.5, 0.1 + 0.2]
    path.write_bytes(xlsx_bytes([HEADER, [*row, 24, None, date(2025, 1, 31), True]]))
    _, texts, _ = opened_rows(path, tmp_path / "folder")
    expected = ["202501", "06999999", "6999998", "ZK09", "05", "instelling", "ambulant", "6,5", "0,3"]
    assert texts == [[*expected, "24", "", "20250131", "1"]]


def test_a_formula_is_told_and_its_last_value_read(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx_bytes([HEADER, ["=1+1", *EXAMPLE[1:]]]))
    assert Trouble.SHEET_FORMULA in opened_rows(path, tmp_path / "folder")[2]


def test_row_numbers_count_rows_also_with_line_ends_in_quotes(tmp_path):
    path = tmp_path / "a.csv"
    rows = [["een\ntwee", *EXAMPLE[1:]], EXAMPLE, ["x\n\ny", *EXAMPLE[1:]], EXAMPLE]
    path.write_bytes(csv_bytes([HEADER, *rows]))
    numbers, texts, troubles = opened_rows(path, tmp_path / "folder")
    assert numbers == [1, 2, 3, 4]
    assert texts == rows
    assert not troubles


def test_a_row_of_another_width_is_told_with_its_number_and_the_rest_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([HEADER, EXAMPLE, EXAMPLE[:5], EXAMPLE]))
    folder = tmp_path / "folder"
    folder.mkdir()
    facts = open_delivery(path, STANDARD, folder=folder).facts
    (problem,) = facts.problems
    assert (problem.trouble, problem.rows, problem.count) == (Trouble.ROW_WIDTH, (2,), 1)
    assert problem.numbers == {"found": 5, "expected": len(HEADER)}
    assert opened_rows(path, folder)[0] == [1, 3]


def test_windows_1252_is_recognised_and_still_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([HEADER, ["café", *EXAMPLE[1:]]]).decode().encode("cp1252"))
    _, texts, troubles = opened_rows(path, tmp_path / "folder")
    assert troubles == {Trouble.ENCODING_1252}
    assert texts[0][0] == "café"


# A bare return inside quotes is read as a line end: old Macs wrote it so.
cells = st.text(alphabet='ab0;"\n é', max_size=4)


def slow(path: Path, folder: Path, width: int) -> tuple[list[list[str]], list[dict[str, object]]]:
    """What the slow reader makes of a file."""
    answer, problems = Answer(separator=";"), Problems()
    job = Job(
        str(path), "a.csv", str(folder), "", True, width, ("csv",), (";",), ("utf-8",), 1 << 30, True, 4
    )
    csvfile.read_csv(path, job, answer, problems)
    with (folder / NAME).open(newline="", encoding="utf-8") as file:
        return [row[2:] for row in csv.reader(file)], problems.as_json()


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5), quoting=st.sampled_from([0, 1]))
def test_a_well_written_file_is_read_back_as_it_was_written(rows, quoting, tmp_path_factory):
    """Property: writing and reading loses nothing, and the scan never counts other rows."""
    folder = tmp_path_factory.mktemp("f")
    path = folder / "a.csv"
    path.write_bytes(csv_bytes([["a", "b", "c"], *rows], quoting=quoting))
    texts, _ = slow(path, folder, 3)
    assert texts == rows
    found = scan(path, ";", width=3)
    assert found is None or found.rows == len(rows)


@settings(max_examples=300, deadline=None)
@given(content=st.text(alphabet='a;"\n', max_size=30))
def test_the_scan_is_never_more_lenient_than_the_slow_reader(content, tmp_path_factory):
    """Property: what the scan calls flawless has no trouble and as many rows for the slow reader."""
    folder = tmp_path_factory.mktemp("f")
    path = folder / "a.csv"
    path.write_bytes(b"a;b\n" + content.encode())
    found = scan(path, ";", width=2)
    if found is not None:
        texts, problems = slow(path, folder, 2)
        assert problems == []
        assert len(texts) == found.rows

"""Downloads: the same numbers everywhere, with source and release inside, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from tests.web import invented
from zorgspiegel.portal import exports

PAGES = (
    f"/zorggebruik/{invented.OWN}/{{}}?domein=zvw",
    f"/zorggebruik/{invented.OWN}/{{}}?domein=wmo&maat=kosten_per_inwoner",
    f"/zorggebruik/{invented.gemeenten()[-1]}/{{}}?domein=zvw&leeftijd=90%2B&maat=aantal",
)


def screen(client, address: str) -> dict[str, list[list[str]]]:
    """Per figure title the rows of its table on the page: words as they stand there."""
    page = html.fromstring(client.get(address.format("")).content.decode())
    found = {}
    for section in page.xpath("//section[contains(@class,'zs-figure')]"):
        title = section.xpath("string(./h2)").strip()
        found[title] = [
            [" ".join(cell.text_content().split()) for cell in line.xpath("./th|./td")]
            for line in section.xpath(".//tbody/tr")
        ]
    return found


def as_number(text: str) -> float | str:
    """€ 1.234,5 as 1234.5; words stay words."""
    plain = text.replace("\xa0", " ").removeprefix("€ ").replace(".", "").replace(",", ".").replace("−", "-")
    return float(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else text


@pytest.mark.parametrize("address", PAGES)
def test_screen_csv_and_xlsx_hold_the_same_numbers(own, address):
    on_screen = screen(own, address)
    assert len(on_screen) >= 4
    raw = own.get(address.format("pagina.csv")).content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(raw, newline=""), delimiter=";"))
    book = openpyxl.load_workbook(io.BytesIO(own.get(address.format("pagina.xlsx")).content))
    for title, rows in on_screen.items():
        mine = [line for line in lines if line["figuur"] == title]
        sheet = list(book[title[:31].strip()].iter_rows(min_row=4, values_only=True))
        header, values = [cell for cell in sheet[0] if cell], sheet[1 : len(rows) + 1]
        from_csv = iter(mine)
        for shown, in_book in zip(rows, values, strict=True):
            answers = [as_number(text) for text in shown if as_number(text) != text or text in WORDS]
            answers = answers[-(len(header) - labels_of(shown, in_book)) :]
            written = list(in_book[: len(header)])[-len(answers) :]
            assert [pytest.approx(a) if isinstance(a, float) else a for a in answers] == written
            for answer in answers:
                line = next(from_csv)
                if isinstance(answer, float):
                    assert float(line["waarde"].replace(",", ".")) == pytest.approx(answer)
                    assert line["status"] == "getoond"
                else:
                    assert (line["waarde"], line["status"]) == ("", STATUS[answer])
        assert next(from_csv, None) is None


WORDS = {"geheim", "onbekend", "n.v.t."}
STATUS = {"geheim": "geheim", "onbekend": "onbekend", "n.v.t.": "niet_van_toepassing"}


def labels_of(shown: list[str], in_book: tuple[object, ...]) -> int:
    """How many cells of a row are words of the row itself: those that come before the first answer."""
    count = 0
    for text, cell in zip(shown, in_book, strict=False):
        if isinstance(cell, int | float) or cell in WORDS:
            break
        assert text.startswith(str(cell)), (text, cell)
        count += 1
    return count


def test_every_file_says_where_it_is_from_and_that_it_is_invented(own):
    address = PAGES[0]
    raw = own.get(address.format("vergelijking.csv"))
    assert (
        raw["Content-Disposition"]
        == 'attachment; filename="zorgspiegel-zorggebruik-aldertuin-zvw-2023-vergelijking.csv"'
    )
    for line in csv.DictReader(io.StringIO(raw.content.decode("utf-8-sig"), newline=""), delimiter=";"):
        assert "Vektis" in line["bron"] and "Zorgspiegel" in line["bron"]
        assert "Voorjaar 2026" in line["uitgave"] and line["let_op"] == "verzonnen cijfers"
    drawing = own.get(address.format("kaart.svg")).content.decode()
    words = " ".join(etree.fromstring(drawing.encode()).itertext())
    for expected in (
        "Verschillen per gemeente",
        "Bron: Vektis",
        "verzonnen cijfers",
        "Voorjaar 2026",
        "2023",
    ):
        assert expected in words
    assert "href" not in drawing, "a file that travels holds no addresses of the closed site"
    sheet = openpyxl.load_workbook(io.BytesIO(own.get(address.format("kaart.xlsx")).content)).active
    said = " ".join(str(cell) for line in sheet.iter_rows(values_only=True) for cell in line if cell)
    assert "Bron: Vektis" in said and "verzonnen" in said


def test_a_picture_is_a_picture(own):
    answer = own.get(PAGES[0].format("reeks.png"))
    assert answer["Content-Type"] == "image/png" and answer.content.startswith(b"\x89PNG")
    assert len(answer.content) > 10_000


def test_files_that_cannot_be_are_not_there(own):
    for name in ("pagina.svg", "kaart.pdf", "niets.csv", "kaart.exe"):
        assert own.get(PAGES[0].format(name)).status_code == 404, name


@given(st.text(max_size=30))
def test_no_text_becomes_a_formula(text):
    safe = exports.harmless(text)
    assert not safe.lstrip(" \"'").startswith(exports.DANGEROUS) or safe.startswith("'")
    assert safe.endswith(text)


@pytest.mark.parametrize("text", ["=1+1", "+31", "-2", "@SUM(A1)", "\t=1", " =1", "\uff1d1", '"=1'])
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    assert exports.harmless(text) == f"'{text}"


def test_texts_of_the_page_are_escaped(own):
    page = own.get("/?zoek=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in page and "<script>alert" in unescape(page)

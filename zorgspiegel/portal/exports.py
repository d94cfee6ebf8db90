"""Figures as files: the numbers of the screen, with title, source and release in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import xlsxwriter

from zorgspiegel.portal.figure import FigureData
from zorgspiegel.portal.numbers import WORDS, dutch
from zorgspiegel.terms.statuses import CellStatus

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings that a spreadsheet takes for a formula, also in their full-width forms."""

INVENTED = "verzonnen cijfers"


@dataclass(frozen=True)
class Origin:
    """Where the numbers come from: stands in every file."""

    source: str
    release: str
    status: str
    period: str

    def lines(self, *, is_invented: bool) -> list[str]:
        """The same in words, for below a picture or a sheet."""
        first = [f"LET OP: {INVENTED}."] if is_invented else []
        return [
            *first,
            f"Bron: {self.source}",
            f"Periode: {self.period} ({self.status})",
            f"Uitgave: {self.release}",
        ]


def as_csv(figures: Sequence[FigureData], origin: Origin) -> bytes:
    """All values below each other: one row per answer. Semicolons and decimal comma, as Dutch Excel expects.

    An answer without a number has an empty value and says why in the column status.
    """
    file = io.StringIO(newline="")
    file.write("\ufeff")  # Excel reads UTF-8 only with this mark
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(
        [
            "figuur",
            "onderwerp",
            "rij",
            "kenmerk",
            "kolom",
            "waarde",
            "eenheid",
            "status",
            "bron",
            "uitgave",
            "let_op",
        ]
    )
    for figure in figures:
        for row, column, value, status in _answers(figure):
            number = "" if value is None else _plain(value, figure.unit.decimals)
            words = (figure.title, figure.subtitle, row[0], row[1] if len(row) > 1 else "", column)
            tail = (figure_unit(figure), status, origin.source, origin.release)
            writer.writerow(
                [*map(harmless, words), number, *map(harmless, tail), INVENTED if figure.is_invented else ""]
            )
    return file.getvalue().encode("utf-8")


def as_xlsx(figures: Sequence[FigureData], origin: Origin) -> bytes:
    """One sheet per figure with the table as on the screen; numbers are numbers, words are words."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    bold, title = book.add_format({"bold": True}), book.add_format({"bold": True, "font_size": 14})
    for figure in figures:
        sheet = book.add_worksheet(sheet_name(figure))
        sheet.write_string(0, 0, figure.title, title)
        sheet.write_string(1, 0, figure.subtitle)
        header = (*figure.label_columns, *figure.value_columns)
        for place, name in enumerate(header):
            sheet.write_string(3, place, name, bold)
        pattern = "#,##0" + ("." + "0" * figure.unit.decimals if figure.unit.decimals else "")
        number = book.add_format({"num_format": f"€ {pattern}" if figure.unit.is_euro else pattern})
        line = 4
        for row in figure.rows:
            for place, label in enumerate(row.labels):
                sheet.write_string(line, place, label)
            for place, answer in enumerate(row.answers, start=len(figure.label_columns)):
                if answer.value is None:
                    sheet.write_string(line, place, WORDS[answer.status])
                else:
                    sheet.write_number(line, place, float(answer.value), number)
            line += 1
        notes = [figure.sentence, *figure.notes, *origin.lines(is_invented=figure.is_invented)]
        for note in filter(None, notes):
            line += 1
            sheet.write_string(line, 0, note)
        sheet.set_column(0, 0, 38)
        sheet.set_column(1, len(header), 18)
        sheet.freeze_panes(4, 1)
    book.close()
    return file.getvalue()


def sheet_name(figure: FigureData) -> str:
    """At most 31 characters, none of which Excel forbids."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in figure.title)[:31].strip()


def figure_unit(figure: FigureData) -> str:
    """The unit of its values in words."""
    return "euro" if figure.unit.is_euro else figure.measure.value


def harmless(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe stands before what looks like a formula."""
    return f"'{text}" if text.lstrip(" \"'").startswith(DANGEROUS) else text


def _answers(figure: FigureData) -> Iterator[tuple[tuple[str, ...], str, Decimal | None, str]]:
    for row in figure.rows:
        for column, answer in zip(figure.value_columns, row.answers, strict=True):
            yield row.labels, column, answer.value, CellStatus(answer.status).value


def _plain(value: Decimal, decimals: int) -> str:
    """With decimal comma and without thousands points: a program reads this."""
    return dutch(value, decimals).replace(".", "").replace("−", "-")


def file_name(parts: Iterable[str], suffix: str) -> str:
    """A name that says what is inside: letters, digits and dashes."""
    import re
    import unicodedata

    plain = unicodedata.normalize("NFKD", "-".join(parts)).encode("ascii", "ignore").decode().lower()
    return f"zorgspiegel-{re.sub(r'[^a-z0-9]+', '-', plain).strip('-')}.{suffix}"

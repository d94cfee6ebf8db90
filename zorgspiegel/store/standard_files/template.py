"""The empty file that a sender fills in: CSV, or XLSX with drop-down lists and explanations."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zorgspiegel.store.standard_files.examples import MARK, example_lines
from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.standards import CodeList, FieldDef, Standard

LISTED_ROWS = 5000
"""So many rows of the template have drop-down lists."""
_LONGEST_PROMPT = 255
_LONGEST_TITLE = 32


def write_template(standard: Standard, codelists: Mapping[str, CodeList], path: Path) -> None:
    """Write an empty file for this standard; the extension (.csv, .xlsx) says which.

    A standard with record kinds has no header: its template holds one invented line per kind, to replace.
    """
    if path.suffix.lower() == ".csv":
        _csv(standard, path)
    elif path.suffix.lower() == ".xlsx":
        _xlsx(standard, codelists, path)
    else:
        raise SettingError(f"{path}: a template is .csv or .xlsx. Give a name that ends in one of those.")


def _lines(standard: Standard) -> list[list[str]]:
    lines = example_lines(standard)
    return lines[:1] if standard.file.header else lines


def _csv(standard: Standard, path: Path) -> None:
    # The BOM makes Excel open the file as UTF-8; our own reader takes it away.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=standard.file.separators[0], lineterminator="\r\n").writerows(
            _lines(standard)
        )


def _xlsx(standard: Standard, codelists: Mapping[str, CodeList], path: Path) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        # Text, so that a spreadsheet keeps leading zeros and does not make dates of codes.
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@"})
        sheet = book.add_worksheet("Aanlevering")
        sheet.set_column(0, 60, 18, text)
        for row, line in enumerate(_lines(standard)):
            for place, cell in enumerate(line):
                sheet.write_string(row, place, cell, bold if standard.file.header else text)
        if standard.file.header:
            sheet.freeze_panes(1, 0)
        places = _codelist_sheet(book, standard, codelists)
        _drop_downs(sheet, standard, places)
        _explanation(book, standard)


def _codelist_sheet(book: Any, standard: Standard, codelists: Mapping[str, CodeList]) -> dict[str, str]:
    """Code lists side by side; where each stands, as a range for a drop-down list."""
    sheet, places = book.add_worksheet("Codelijsten"), {}
    for number, (name, codelist) in enumerate(codelists.items()):
        left = number * 3
        sheet.write_string(0, left, f"{name}: {codelist.title}")
        for row, code in enumerate(codelist.codes, start=1):
            sheet.write_string(row, left, code.code)
            sheet.write_string(row, left + 1, code.label)
        letter = _letters(left)
        places[name] = f"=Codelijsten!${letter}$2:${letter}${len(codelist.codes) + 1}"
    return places


def _letters(place: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(place))


def _drop_downs(sheet: Any, standard: Standard, places: Mapping[str, str]) -> None:
    resource = standard.resources[0] if standard.file.header else _repeating(standard)
    for place, field in enumerate(resource.fields):
        rule: dict[str, Any] = {
            "validate": "any",
            "input_title": field.title[:_LONGEST_TITLE],
            "input_message": field.description[:_LONGEST_PROMPT],
        }
        if field.codelist is not None:
            rule |= {"validate": "list", "source": places[field.codelist], "error_type": "warning"}
        elif field.constraints.enum and standard.file.header:
            rule |= {"validate": "list", "source": list(field.constraints.enum), "error_type": "warning"}
        sheet.data_validation(1, place, LISTED_ROWS, place, rule)


def _repeating(standard: Standard) -> Any:
    return next((r for r in standard.resources if r.most is None), standard.resources[0])


def _explanation(book: Any, standard: Standard) -> None:
    sheet = book.add_worksheet("Uitleg")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 4, 60)
    lines = [
        [standard.title],
        [standard.description],
        [standard.layout_note],
        [f"{MARK}: de voorbeelden hieronder zijn verzonnen."],
        [],
        ["Recordsoort", "Kolom", "Betekenis", "Uitleg", "Verplicht", "Codelijst", "Voorbeeld"],
        *[_about(resource.title, field) for resource in standard.resources for field in resource.fields],
    ]
    for row, line in enumerate(lines):
        for place, cell in enumerate(line):
            sheet.write_string(row, place, cell)


def _about(kind: str, field: FieldDef) -> list[str]:
    required = "ja" if field.constraints.required else "nee"
    return [
        kind,
        field.name,
        field.title,
        field.description,
        required,
        field.codelist or "",
        field.example or "",
    ]

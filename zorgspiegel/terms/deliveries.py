"""A delivered file as `store` found it: facts only. What they mean for the sender, `receive` decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from zorgspiegel.terms.shapes import Column, Shape
from zorgspiegel.terms.tables import ROW_NUMBER

FIELDS_IN_ROW = Column("aantal_velden", "int64", "how many fields this row has in the file")

DELIVERED_TEXT = Shape("delivered text", (ROW_NUMBER, FIELDS_IN_ROW), may_have_more=True)
"""A delivered file as all-text table: kolom_1, kolom_2, ... as they stood there, empty = null or ''."""


def column(position: int) -> str:
    """Name of the column at this position (from 0) in a DELIVERED_TEXT table."""
    return f"kolom_{position + 1}"


class Trouble(StrEnum):
    """What can be wrong with a file before its content means anything. One Dutch text per kind in
    `receive`."""

    NOT_ALLOWED = "not_allowed"
    """The form (by content, not by name) is not one that the standard takes."""
    DISGUISED = "disguised"
    """The content is of another form than the extension says."""
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    ZIP_BROKEN = "zip_broken"
    ZIP_PASSWORD = "zip_password"  # noqa: S105 - a word, not a secret
    ZIP_EMPTY = "zip_empty"
    ZIP_TOO_MANY = "zip_too_many"
    ZIP_NESTED = "zip_nested"
    ZIP_PATH = "zip_path"
    ZIP_OVERLAP = "zip_overlap"
    ZIP_BOMB = "zip_bomb"
    ZIP_NOT_ALLOWED = "zip_not_allowed"
    ENCODING_1252 = "encoding_1252"
    ENCODING_UTF16 = "encoding_utf16"
    ENCODING_UNKNOWN = "encoding_unknown"
    NUL = "nul"
    MIXED_LINE_ENDS = "mixed_line_ends"
    LONE_QUOTE = "lone_quote"
    FIELD_TOO_LONG = "field_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"
    SEPARATOR = "separator"
    ROW_WIDTH = "row_width"
    SHEET_ACTIVE = "sheet_active"
    """Macros, external links, embedded objects, DDE."""
    SHEET_LIMITS = "sheet_limits"
    SHEET_BROKEN = "sheet_broken"
    SHEET_FORMULA = "sheet_formula"
    XML_DOCTYPE = "xml_doctype"
    XML_BROKEN = "xml_broken"
    STOPPED = "stopped"
    """The child process reached its limit of time or memory, or died. A verdict like any other."""


@dataclass(frozen=True)
class Problem:
    """One kind of trouble: how often, and the first 20 rows (empty for the file as a whole)."""

    trouble: Trouble
    count: int = 1
    rows: tuple[int, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    """Numbers for the text, such as found and expected columns. Never a value out of the file."""


@dataclass(frozen=True)
class FileFacts:
    """Everything known about a delivered file without reading meaning into its cells."""

    name: str
    """File name as a label: control and direction characters removed, at most 255 characters, never a
    path."""
    sha256: str
    size_bytes: int
    inner_name: str | None = None
    """Name inside the ZIP of the file that was opened."""
    form: str | None = None
    separator: str | None = None
    encoding: str | None = None
    has_bom: bool = False
    header: tuple[str, ...] = ()
    """Column names of the first line; empty for a standard without one."""
    rows: int = 0
    """Rows after the header, also those that could not be read into the table."""
    problems: tuple[Problem, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileFacts:
        """Back from what the child process wrote."""
        problems = tuple(
            Problem(Trouble(p["trouble"]), p["count"], tuple(p["rows"]), p["numbers"])
            for p in data["problems"]
        )
        return cls(**{**data, "header": tuple(data["header"]), "problems": problems})

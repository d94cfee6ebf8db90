"""What a source definition says (`definitions/sources/*.yaml`): one public source, in all its dialects.

A source has one or more layouts: the kinds of file in which its publisher gives it. Columns are known by
their names, never by their place; a name in a file matches whatever its case, accents, StatLine number
(`_5`), StatLine path (`Bevolking/Aantal inwoners (aantal)`), or cut-off end.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

SHORTEST_CUT = 24
"""A name that was cut off is recognised from this many characters. Vektis cuts at 32; the longest beginning
that two of its columns share has 24 (`kosten_paramedische_zorg`), so a shorter stump could be either."""

ColumnType = Literal["text", "code", "count", "eur", "number"]
"""code: trimmed text. count: whole number. eur: euro, two decimals at most. number: any decimal number."""


_NUMBERED = re.compile(r"((?:k_)?[A-Za-z0-9]{4,})_\d+")


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceColumn(_Words):
    """One column that is used: our name for it, and the names that it has in files."""

    name: str
    meaning: str
    type: ColumnType = "text"
    unit: str | None = None
    aliases: tuple[str, ...] = ()
    required: bool = True
    since: int | None = None
    until: int | None = None
    """The years in which a required column exists. In other years it may be absent; it is then not
    applicable."""
    topic: bool = False
    """A topic becomes one row per area in kerncijfers."""

    def is_required_in(self, year: int | None) -> bool:
        """Must a file of this year have it? Of an unknown year only what every year has."""
        if year is None:
            return self.required and self.since is None and self.until is None
        return self.required and (self.since or 0) <= year <= (self.until or 9999)


class Topics(_Words):
    """How a topic that is not declared can still be recognised: by the way its publisher writes names."""

    pattern: str
    unit: str = "onbekend"

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, value: str) -> str:
        re.compile(value)
        return value


class Missing(_Words):
    """The texts that stand for no number. Three meanings, never one."""

    onbekend: tuple[str, ...] = ()
    niet_van_toepassing: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """All of them in lower case; blank is none of them, it is what is left."""
        found = {*self.onbekend, *self.niet_van_toepassing, *self.stop}
        return sorted(word.lower() for word in found if word)

    def meaning_of_blank(self) -> str:
        """What an empty field means here."""
        return "niet_van_toepassing" if "" in self.niet_van_toepassing else "onbekend"


class Layout(_Words):
    """One kind of file of a source."""

    id: str
    title: str
    columns: tuple[SourceColumn, ...] = ()
    separators: tuple[str, ...] = (";",)
    decimal: Literal[".", ",", "both"] = "."
    prefix: Literal["GM", "WK", "BU", "PV"] | None = None
    """Put before codes that are digits only: `363` -> GM0363."""
    ignored: tuple[str, ...] = ()
    """Columns that we know and leave out; patterns that must match the whole name."""
    topics: tuple[Topics, ...] = ()
    missing: Missing = Missing()


class Source(_Words):
    """A public source."""

    id: str
    title: str
    publisher: str
    licence: str
    attribution: str
    may_be_redistributed: bool
    url: str
    reader: str
    """Module in `receive/readers/`."""
    keeps: Literal["whole_year", "by_area"]
    """What a second file of the same year replaces: all of that year, or only its own areas."""
    shared_columns: tuple[SourceColumn, ...] = ()
    """Columns of every layout."""
    layouts: tuple[Layout, ...]
    how: str
    """How to get and import it, for the documentation page (Markdown)."""
    traps: tuple[str, ...] = ()
    """What is odd about it, for the documentation page."""

    @model_validator(mode="before")
    @classmethod
    def _share(cls, data: Any) -> Any:
        shared = data.get("shared_columns", []) if isinstance(data, dict) else []
        if not shared:
            return data
        layouts = [
            {**layout, "columns": [*layout.get("columns", []), *shared]} for layout in data.get("layouts", [])
        ]
        return {**data, "layouts": layouts}


def name_key(name: str) -> str:
    """The form in which names of columns are compared.

    `kosten_Overig ` and `KOSTEN_OVERIG`, `AantalInwoners_5` and `aantalInwoners`, `Bevolking/Aantal inwoners
    (aantal)` and `Aantal inwoners` are the same name.
    """
    last = name.replace("\ufeff", "").strip().strip('"').split("/")[-1]
    without_unit = re.sub(r"\s*\([^()]*\)\s*$", "", last) or last
    return re.sub(r"[^0-9a-z]", "", without_number(without_unit).casefold())


def without_number(name: str) -> str:
    """A StatLine name without the number of its column (`AantalInwoners_5`); leaves `a_00_14` whole."""
    found = _NUMBERED.fullmatch(name.strip())
    return found[1] if found else name

"""Reads a file of a public source: the definition says what its columns are, a reader what they mean."""

from __future__ import annotations

import importlib

import ibis.expr.types as ir

from zorgspiegel.receive.columns import match_columns
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.sources import Source
from zorgspiegel.terms.tables import AREAS, TEXT_TABLE


@door(text=TEXT_TABLE, areas=AREAS)
def read_source(source: Source, text: ir.Table, *, year: int | None, areas: ir.Table, origin: str) -> Reading:
    """The tables that a file of this source gives, as expressions over its text table.

    text:   one row per row of the file, every column text.
    year:   see Context; readers of sources that carry a period in their rows use that when this is None.
    areas:  areas known already: names become codes through them.
    origin: goes into `herkomst`.
    Raises SourceError when the header is not what the definition says.
    """
    matched = match_columns(source, text.columns, year=year)
    reader = importlib.import_module(f"zorgspiegel.receive.readers.{source.reader}")
    reading = reader.read(text, Context(source, matched, year, areas, origin))
    assert isinstance(reading, Reading), f"the reader of {source.id} must give a Reading"
    return reading

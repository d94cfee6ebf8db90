"""Invented deliveries of qsd301 as facts, without the rooms before `aggregate`: split, and given types."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pyarrow as pa

from zorgspiegel.aggregate import facts_from
from zorgspiegel.store import definitions
from zorgspiegel.synthetic import invent
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import Standard

NUMBERS = {"AantalClienten", "Bedrag"}


def wmo_facts(
    areas: ibis.Table, population: ibis.Table, *, year: int, gemeenten: Sequence[str] | None = None
) -> pa.Table:
    """FACTS of the indicator wmo; one delivery, and so one herkomst, per gemeente (None = all of them)."""
    standard = definitions.load("standards", "qsd301", Standard)
    indicator = definitions.load("indicators", "wmo", Indicator)
    found = []
    made = invent(standard, areas=areas, population=population, period=Period(year), gemeenten=gemeenten)
    for name, content in made:
        lines = [line.split(";") for line in content.decode().splitlines()]
        division = int(lines[0][7])
        records = {kind: _record(standard, kind, lines) for kind in ("detail", "totaal")}
        facts = facts_from(
            records, indicator=indicator, periode=str(year), indelingsjaar=division, herkomst=name
        )
        found.append(facts.to_pyarrow())
    return pa.concat_tables(found)


def _record(standard: Standard, kind: str, lines: list[list[str]]) -> ibis.Table:
    resource = standard.resource(kind)
    rows = [line for line in lines if line[0] == resource.kind]
    columns = zip(*rows, strict=True)
    return ibis.memtable(
        {
            field.name: [int(value) for value in column] if field.name in NUMBERS else list(column)
            for field, column in zip(resource.fields, columns, strict=True)
        }
    )

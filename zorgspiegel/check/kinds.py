"""From the text table of a file to one table per record kind: which column is which, and cells as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from zorgspiegel.check.expressions import Scope, compile_expression
from zorgspiegel.check.values import typed
from zorgspiegel.terms.deliveries import column
from zorgspiegel.terms.standards import Resource, Standard

TEXT = "tekst "
"""Prefix of the column with the text as delivered, next to the typed one; no column of a standard has a
space."""


class Stages:
    """The steps of a check, each a view that the engine makes and the next step names.

    In one expression, Ibis writes earlier steps out again wherever they are used: rules over typed columns
    over texts grew to half a megabyte of SQL, seconds to compile and to plan, for a file of seven lines.
    """

    def __init__(self, text: ir.Table) -> None:
        self.prefix = text.get_name()
        self.views: list[tuple[str, ir.Table]] = []

    def put(self, table: ir.Table) -> ir.Table:
        """The same table, as a view of its own from here on."""
        name = f"{self.prefix} stap {len(self.views) + 1}"
        self.views.append((name, table))
        return ibis.table(table.schema(), name=name)


@dataclass(frozen=True)
class Kind:
    """One record kind of this delivery.

    table:  rijnummer, aantal_velden, the typed columns, the texts (prefix TEXT) and the derived columns.
    stages: where its further steps are put.
    """

    resource: Resource
    table: ir.Table
    stages: Stages

    def scope(self, table: ir.Table | None = None) -> Scope:
        """Names of columns as they stand in this table (or a table with more columns than that)."""
        table = self.table if table is None else table
        known = [*(field.name for field in self.resource.fields), *self.resource.derived]
        return Scope(
            columns={name: table[name] for name in known},
            texts={field.name: table[TEXT + field.name] for field in self.resource.fields},
        )


def kinds(text: ir.Table, standard: Standard, header: Sequence[str], stages: Stages) -> dict[str, Kind]:
    """The record kinds of the standard in this text table, by name; a kind that does not occur is an empty
    table."""
    return {
        resource.name: _kind(text, resource, _positions(standard, resource, header), stages)
        for resource in standard.resources
    }


def _positions(standard: Standard, resource: Resource, header: Sequence[str]) -> Mapping[str, int]:
    """Column name -> position in the file. By header where there is one (capitals do not count), else by
    order."""
    if not standard.file.header:
        return {field.name: place for place, field in enumerate(resource.fields)}
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        found.setdefault(name.strip().lower(), place)
    return {field.name: found[field.name.lower()] for field in resource.fields if field.name.lower() in found}


def _kind(text: ir.Table, resource: Resource, positions: Mapping[str, int], stages: Stages) -> Kind:
    if resource.kind is not None:
        text = text.filter(text[column(0)] == resource.kind)
    cells = {TEXT + field.name: _cell(text, positions.get(field.name)) for field in resource.fields}
    table = stages.put(text.select("rijnummer", "aantal_velden", **cells))
    table = stages.put(
        table.mutate(**{field.name: typed(field, table[TEXT + field.name]) for field in resource.fields})
    )
    for name, expression in resource.derived.items():
        scope = Scope(
            columns={other: table[other] for other in table.columns if not other.startswith(TEXT)},
            texts={field.name: table[TEXT + field.name] for field in resource.fields},
        )
        table = stages.put(table.mutate(**{name: compile_expression(expression, scope)}))
    return Kind(resource, table, stages)


def _cell(text: ir.Table, position: int | None) -> ir.StringValue:
    if position is None or column(position) not in text.columns:
        return ibis.null("string")
    return text[column(position)]

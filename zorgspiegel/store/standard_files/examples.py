"""One invented row per record kind, out of the examples that stand in the standard."""

from __future__ import annotations

from zorgspiegel.terms.standards import FieldDef, Resource, Standard

MARK = "Verzonnen voorbeeld"


def example_value(field: FieldDef) -> str:
    """The invented value of one column; empty when the standard has none."""
    return field.example or ""


def example_row(resource: Resource) -> list[str]:
    """The invented row of a record kind."""
    return [example_value(field) for field in resource.fields]


def example_lines(standard: Standard) -> list[list[str]]:
    """The lines of an invented file: the header and one row, or one line per record kind that must be there
    (and of those that may repeat)."""
    if standard.file.header:
        resource = standard.resources[0]
        return [[field.name for field in resource.fields], example_row(resource)]
    wanted = [r for r in standard.resources if r.least or r.table.primaryKey == _first_key(standard)]
    return [example_row(resource) for resource in wanted]


def _first_key(standard: Standard) -> tuple[str, ...]:
    return next((r.table.primaryKey for r in standard.resources if r.table.primaryKey), ())

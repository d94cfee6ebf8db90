"""The SQL example of a standard: from an invented source to the records, in the common part of SQLite and
PostgreSQL.

A standard may bring its own (`sql:`). For the others it is written from the columns: for totals a source with
one row per client, grouped by the dimensions; for records about persons a source with the same columns in
their natural form.
"""

from __future__ import annotations

from dataclasses import dataclass

from zorgspiegel.store.standard_files.examples import example_value
from zorgspiegel.terms.standards import FieldDef, Resource, SqlExample, Standard

_TYPES = {"string": "TEXT", "integer": "BIGINT", "number": "NUMERIC", "date": "TEXT"}


@dataclass(frozen=True)
class Script:
    """A script that can be run: statements that build the source, and one query per record kind, in file
    order."""

    note: str
    statements: tuple[str, ...]
    queries: dict[str, str]

    @property
    def text(self) -> str:
        """The whole script, to read and to change. Says openly that the source is invented."""
        parts = [_comment(self.note), _comment("De brongegevens hieronder zijn verzonnen."), *self.statements]
        parts += [f"{_comment(f'Recordsoort {name}')}\n{query};" for name, query in self.queries.items()]
        return "\n\n".join(parts) + "\n"


def script(standard: Standard, *, parameters: dict[str, str] | None = None) -> Script:
    """The SQL example of this standard with these parameters; what is not given has its demo value."""
    example = standard.sql or _written(standard)
    values = example.parameters | (parameters or {})

    def filled(text: str) -> str:
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
        return text.strip().rstrip(";")

    statements = [
        part.strip() + ";"
        for block in (example.tables, example.demo, example.views)
        for part in filled(block).split(";\n")
        if part.strip()
    ]
    queries = {name: filled(query) for name, query in example.select.items()}
    return Script(example.note, tuple(statements), queries)


def _comment(text: str) -> str:
    return "-- " + text.replace("\n", "\n-- ")


def _written(standard: Standard) -> SqlExample:
    resource = standard.resources[0]
    is_total = any(field.measure for field in resource.fields)
    note = (
        "De bron heeft één regel per cliënt; het script telt op per combinatie van kenmerken."
        if is_total
        else "De bron heeft dezelfde kolommen in hun gewone vorm; het script zet ze om."
    )
    return SqlExample(
        note=f"{standard.title}. {note} Datums staan als tekst JJJJ-MM-DD in de bron.",
        tables=_table(resource, is_total=is_total),
        demo=_demo(resource, is_total=is_total),
        select={resource.name: _grouped(resource) if is_total else _plain(resource)},
    )


def _table(resource: Resource, *, is_total: bool) -> str:
    columns = [f"{field.name.lower()} {_TYPES[field.type]}" for field in _source_fields(resource)]
    client = ["client_id TEXT NOT NULL"] if is_total else []
    return f"CREATE TABLE bron_{resource.name} (\n  " + ",\n  ".join(client + columns) + "\n);"


def _source_fields(resource: Resource) -> list[FieldDef]:
    """Counts are not in the source: they are counted."""
    return [field for field in resource.fields if field.measure != "count"]


def _demo(resource: Resource, *, is_total: bool) -> str:
    rows = []
    for number in range(3 if is_total else 1):
        client = [f"'c{number + 1}'"] if is_total else []
        rows.append("  (" + ", ".join(client + [_literal(f) for f in _source_fields(resource)]) + ")")
    return f"INSERT INTO bron_{resource.name} VALUES\n" + ",\n".join(rows) + ";"


def _literal(field: FieldDef) -> str:
    value = example_value(field)
    if value == "":
        return "NULL"
    if field.type == "integer":
        return value.lstrip("0") or "0"
    if field.type == "number":
        return value.replace(",", ".")
    if field.type == "date":
        value = f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return "'" + value.replace("'", "''") + "'"


def _formatted(field: FieldDef, value: str) -> str:
    if field.type == "date":
        return f"REPLACE({value}, '-', '')"
    if field.type == "number":
        return f"REPLACE(CAST({value} AS TEXT), '.', ',')"
    return value


def _plain(resource: Resource) -> str:
    columns = [f"{_formatted(field, field.name.lower())} AS {field.name}" for field in resource.fields]
    return _select(columns, resource)


def _select(columns: list[str], resource: Resource, tail: str = "") -> str:
    listed = ",\n  ".join(columns)
    return f"SELECT\n  {listed}\nFROM bron_{resource.name}{tail}"


def _grouped(resource: Resource) -> str:
    columns = [f"{_measured(field)} AS {field.name}" for field in resource.fields]
    dimensions = [field.name.lower() for field in resource.fields if field.measure is None]
    listed = ", ".join(dimensions)
    return _select(columns, resource, f"\nGROUP BY {listed}\nORDER BY {listed}")


def _measured(field: FieldDef) -> str:
    name = field.name.lower()
    if field.measure == "count":
        return "COUNT(DISTINCT client_id)"
    if field.measure == "sum":
        kind = "BIGINT" if field.type == "integer" else "NUMERIC"
        return _formatted(field, f"CAST(SUM({name}) AS {kind})")
    if field.measure == "average":
        rounded = (
            f"ROUND(AVG({name}), 1)" if field.type == "number" else f"CAST(ROUND(AVG({name})) AS BIGINT)"
        )
        return _formatted(field, rounded)
    return _formatted(field, name)

"""A standard as Frictionless Data Package, with which anyone can get a second opinion: `frictionless
validate`."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zorgspiegel.store.standard_files.examples import example_row
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import CodeList, Constraints, FieldDef, Resource, Standard


def descriptor(
    standard: Standard, codelists: Mapping[str, CodeList], *, period: Period | None = None
) -> dict[str, Any]:
    """The datapackage.json: one resource per record kind, each with its table schema.

    Our rules are in it too, under `zorgspiegel`: Frictionless leaves what it does not know alone.
    """
    return {
        "profile": "data-package",
        "name": standard.id,
        "title": standard.title,
        "description": standard.description,
        "version": standard.version,
        "resources": [_resource(standard, resource, codelists, period) for resource in standard.resources],
        "zorgspiegel": {
            "indeling": standard.layout,
            "toelichting_indeling": standard.layout_note,
            "bron": standard.source,
            "geldig_vanaf": standard.geldig_vanaf,
            "geldig_tot": standard.geldig_tot,
            "regels": [rule.model_dump(mode="json", exclude_defaults=True) for rule in standard.rules],
        },
    }


def _resource(
    standard: Standard, resource: Resource, codelists: Mapping[str, CodeList], period: Period | None
) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [field_descriptor(field, codelists, period) for field in resource.fields],
        "missingValues": [""],
    }
    if resource.table.primaryKey:
        schema["primaryKey"] = list(resource.table.primaryKey)
    return {
        "name": resource.name.replace("_", "-"),
        "title": resource.title,
        "description": resource.description,
        "path": f"{resource.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": standard.file.separators[0], "quoteChar": '"', "doubleQuote": True},
        "schema": schema,
    }


def field_descriptor(
    field: FieldDef, codelists: Mapping[str, CodeList], period: Period | None
) -> dict[str, Any]:
    """One column as Table Schema. A date with unknown parts is a text there: JJJJMM00 is not a day."""
    kind = "string" if field.partial else field.type
    limits = _constraints(field.constraints, kind)
    if field.codelist is not None:
        limits["enum"] = list(codelists[field.codelist].valid(period))
    if field.partial:
        limits["pattern"] = PARTIAL_DATE
    plain = {"name": field.name, "type": kind, "title": field.title, "description": field.description}
    if kind == "date":
        plain["format"] = "%Y%m%d"
    if kind == "number":
        plain["decimalChar"] = ","
    if field.example and kind != "number":  # an example must be a JSON value of the type; ours is a text
        plain["example"] = field.example
    return plain | ({"constraints": limits} if limits else {})


PARTIAL_DATE = "[0-9]{4}(0000|(0[1-9]|1[0-2])(0[0-9]|[12][0-9]|3[01]))"
"""Close enough for a second opinion: that February has no 30th only our own check sees."""


def _constraints(constraints: Constraints, kind: str) -> dict[str, Any]:
    found = constraints.model_dump(exclude_defaults=True)
    if "enum" in found:
        found["enum"] = list(found["enum"])
    # Table Schema knows lengths and patterns for text only; for numbers our own check keeps them.
    if kind != "string":
        for name in ("pattern", "minLength", "maxLength"):
            found.pop(name, None)
    return found


def write_package(standard: Standard, codelists: Mapping[str, CodeList], folder: Path) -> list[Path]:
    """Write datapackage.json and, per record kind, a CSV with its header and one invented row."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for resource in standard.resources:
        path = folder / f"{resource.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=standard.file.separators[0], lineterminator="\n")
            writer.writerow([field.name for field in resource.fields])
            writer.writerow(example_row(resource))
        written.append(path)
    target = folder / "datapackage.json"
    text = json.dumps(descriptor(standard, codelists), ensure_ascii=False, indent=2)
    target.write_text(text + "\n", encoding="utf-8")
    return [target, *written]

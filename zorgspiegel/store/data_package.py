"""The Frictionless Data Package of a release: every CSV with its columns, types, keys, licence and digest.

Anyone can check a release against it without our software: `frictionless validate datapackage.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zorgspiegel.store.release_files import INVENTED, INVENTED_TITLE
from zorgspiegel.terms.release import CELLS_TITLE, Attribution, PlannedTable, ReleasePlan
from zorgspiegel.terms.shapes import Shape
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.tables import CELL_KEY, PROTECTED_CELLS

_FRICTIONLESS_TYPES = {"string": "string", "int64": "integer", "float64": "number", "boolean": "boolean"}


def data_package(plan: ReleasePlan, csv_files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The Frictionless descriptor. `csv_files`: path -> bytes, sha256 and, for cells, the indicator."""
    references = {planned.name: planned for planned in plan.references}
    title = f"{INVENTED_TITLE}: {plan.title}" if plan.is_invented else plan.title
    package = {
        "profile": "tabular-data-package",
        "name": plan.name,
        "id": plan.name,
        "title": title,
        "description": _description(plan),
        "version": plan.code_version,
        "verzonnen": plan.is_invented,
        "contributors": [{"title": plan.publisher, "role": "publisher"}],
        "licenses": _licences(plan.sources),
        "sources": [_source(source) for source in plan.sources],
        "resources": [_resource(path, facts, plan, references) for path, facts in sorted(csv_files.items())],
    }
    return {key: value for key, value in package.items() if value not in ([], None)}


def _description(plan: ReleasePlan) -> str:
    parts = [
        "Deze uitgave bestaat uit cellen per indicator en de tabellen die daarbij horen.",
        "Een lege waarde heeft een reden: kijk in kolom status. Bij 'geheim' tonen we het getal niet, "
        "bij 'onbekend' is er geen getal. Een 0 is een echte nul.",
        "Een tekst die een rekenblad als formule kan lezen (zoals =1+1), krijgt een ' ervoor.",
    ]
    if plan.is_invented:
        parts.insert(
            0, "Let op: in deze uitgave staan verzonnen gegevens. Kolom verzonnen zegt per rij welke."
        )
    if plan.replaces:
        parts.append(f"Deze uitgave vervangt {plan.replaces}. Reden: {plan.reason}")
    return " ".join(parts)


def _licences(sources: tuple[Attribution, ...]) -> list[dict[str, str]]:
    seen = {source.licence: source.licence_url for source in sources}
    return [
        {
            "name": re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-"),
            "title": name,
            **({"path": url} if url else {}),
        }
        for name, url in sorted(seen.items())
    ]


def _source(source: Attribution) -> dict[str, str]:
    return {"title": f"{source.title}. {source.credit}", **({"path": source.url} if source.url else {})}


def _resource(
    path: str, facts: Mapping[str, Any], plan: ReleasePlan, references: Mapping[str, PlannedTable]
) -> dict[str, Any]:
    indicator = facts.get("indicator")
    table = references.get(Path(path).stem) if indicator is None else None
    shape, key = (table.reference.shape, table.reference.key) if table else (PROTECTED_CELLS, CELL_KEY)
    columns = _columns(table.table.schema()) if table else _columns(shape.schema)
    title = table.reference.title if table else f"{CELLS_TITLE}: {plan.indicators[indicator]['titel']}"
    invented = table.is_invented if table else indicator in plan.invented
    return {
        "profile": "tabular-data-resource",
        "name": re.sub(
            r"[^a-z0-9._-]+", "-", f"cellen-{indicator}".lower() if indicator else Path(path).stem
        ),
        "path": path,
        "title": f"{INVENTED_TITLE}: {title}" if invented else title,
        "verzonnen": invented,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {
            "delimiter": ",",
            "quoteChar": '"',
            "doubleQuote": True,
            "lineTerminator": "\n",
            "header": True,
        },
        "bytes": facts["bytes"],
        "hash": f"sha256:{facts['sha256']}",
        "schema": _schema(shape, columns, key, is_cells=table is None),
    }


def _schema(
    shape: Shape, columns: Mapping[str, str], key: tuple[str, ...], *, is_cells: bool
) -> dict[str, Any]:
    meanings = {column.name: column.meaning for column in (*shape.columns, INVENTED)}
    fields = [
        _field(name, kind, meanings.get(name, ""), is_key=name in key) for name, kind in columns.items()
    ]
    fields.append(_field(INVENTED.name, INVENTED.type, INVENTED.meaning, is_key=True))
    fields[-1]["constraints"]["enum"] = ["ja", "nee"]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""], "primaryKey": list(key)}
    if is_cells:
        status = next(field for field in fields if field["name"] == "status")
        status["constraints"] = {"required": True, "enum": [answer.value for answer in CellStatus]}
        reference = {"resource": "indicatoren", "fields": ["indicator"]}
        schema["foreignKeys"] = [{"fields": ["indicator"], "reference": reference}]
    return schema


def _field(name: str, kind: str, meaning: str, *, is_key: bool) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": name,
        "type": _FRICTIONLESS_TYPES.get(kind, "number"),
        "description": meaning,
    }
    if field["type"] == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if is_key:
        field["constraints"] = {"required": True}
    return field


def _columns(schema: Mapping[str, Any]) -> dict[str, str]:
    """Name -> Ibis type as text, nullability left out."""
    return {name: str(kind.copy(nullable=True)) for name, kind in schema.items()}


def as_json(data: Any) -> bytes:
    """JSON as it stands in a release: sorted keys, UTF-8, one line end; the same data give the same bytes."""
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n").encode()

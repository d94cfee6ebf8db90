"""The Frictionless Data Package of a release: every CSV with its columns, types, keys, licence and digest.

Anyone can check a release against it without our software: `frictionless validate datapackage.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis.expr.datatypes as dt

from zorgspiegel.store.release_files import INVENTED, INVENTED_TITLE
from zorgspiegel.terms.release import CELLS_TITLE, Attribution, PlannedTable, ReleasePlan
from zorgspiegel.terms.shapes import Shape
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.tables import CELL_KEY, PROTECTED_CELLS

DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n", "header": True}


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
    """One CSV: the cells of an indicator, or a table beside them."""
    if "indicator" in facts:
        indicator = facts["indicator"]
        title = f"{CELLS_TITLE}: {plan.indicators[indicator]['titel']}"
        described = {"name": f"cellen-{indicator}", "schema": _cells_schema()}
        is_invented = indicator in plan.invented
    else:
        planned = references[Path(path).stem]
        title, is_invented = planned.reference.title, planned.is_invented
        described = {"name": planned.name, "schema": _table_schema(planned)}
    return {
        **described,
        "profile": "tabular-data-resource",
        "path": path,
        "title": f"{INVENTED_TITLE}: {title}" if is_invented else title,
        "verzonnen": is_invented,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": DIALECT,
        "bytes": facts["bytes"],
        "hash": f"sha256:{facts['sha256']}",
    }


def _cells_schema() -> dict[str, Any]:
    schema = _schema(PROTECTED_CELLS, PROTECTED_CELLS.schema, CELL_KEY)
    status = next(field for field in schema["fields"] if field["name"] == "status")
    status["constraints"] = {"required": True, "enum": [answer.value for answer in CellStatus]}
    reference = {"resource": "indicatoren", "fields": ["indicator"]}
    return {**schema, "foreignKeys": [{"fields": ["indicator"], "reference": reference}]}


def _table_schema(planned: PlannedTable) -> dict[str, Any]:
    return _schema(planned.reference.shape, planned.table.schema(), planned.reference.key)


def _schema(shape: Shape, types: Mapping[str, Any], key: tuple[str, ...]) -> dict[str, Any]:
    """Fields, missing values and key. `types` may have more columns than the shape explains."""
    meanings = {column.name: column.meaning for column in shape.columns}
    fields = [_field(name, kind, meanings.get(name, ""), is_key=name in key) for name, kind in types.items()]
    mark = _field(INVENTED.name, dt.dtype(INVENTED.type), INVENTED.meaning, is_key=True)
    mark["constraints"]["enum"] = ["ja", "nee"]
    return {"fields": [*fields, mark], "missingValues": [""], "primaryKey": list(key)}


def _field(name: str, kind: dt.DataType, meaning: str, *, is_key: bool) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": _frictionless(kind), "description": meaning}
    if kind.is_boolean():
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if is_key:
        field["constraints"] = {"required": True}
    return field


def _frictionless(kind: dt.DataType) -> str:
    if kind.is_string():
        return "string"
    if kind.is_boolean():
        return "boolean"
    if kind.is_integer():
        return "integer"
    assert kind.is_numeric(), "a release holds texts, numbers and booleans"
    return "number"


def as_json(data: Any) -> bytes:
    """JSON as it stands in a release: sorted keys, UTF-8, one line end; the same data give the same bytes."""
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n").encode()

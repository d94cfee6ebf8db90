"""`zorgspiegel import`: public sources into the warehouse."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zorgspiegel.store.definitions import load, names

if TYPE_CHECKING:
    from zorgspiegel.pipeline.imports import Imported

SOURCES = ", ".join(names("sources"))


def import_(
    source: Annotated[str, typer.Argument(help=f"One of: {SOURCES}.", metavar="SOURCE")],
    files: Annotated[
        list[Path], typer.Argument(help="Files as their publisher gives them.", metavar="FILE...")
    ],
    year: Annotated[int | None, typer.Option(help="Year of the data, when the file does not say it.")] = None,
    into: Annotated[
        Path | None, typer.Option(help="Folder of the warehouse; without it that of this installation.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Import files of a public source. All of them, or none: after an error nothing has changed."""
    definition = _definition(source)

    from zorgspiegel.pipeline.imports import import_files
    from zorgspiegel.store.warehouse import Warehouse

    done = import_files(definition, files, Warehouse(into or _own_folder()), year=year)
    if as_json:
        typer.echo(_json(_document(source, done)))
        return
    for one in done:
        _show(one)


def _document(source: str, done: list[Imported]) -> dict[str, Any]:
    """All imports as a list; of a single one everything stands at the top too, its totals included."""
    imports = [_plain(one) for one in done]
    alone = {**imports[0], **imports[0]["totals"]} if len(imports) == 1 else {}
    return {"source": source, **alone, "imports": imports}


def _definition(source: str) -> Any:
    from zorgspiegel.terms.errors import SourceError
    from zorgspiegel.terms.sources import Source

    if source not in names("sources"):
        import difflib

        near = difflib.get_close_matches(source, names("sources"), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SourceError(f"There is no source {source!r}.{hint} Known: {SOURCES}.")
    return load("sources", source, Source)


def _own_folder() -> Path:
    from zorgspiegel.config.environment import home

    return home().warehouse


def _plain(one: Imported) -> dict[str, Any]:
    return {
        "source": one.source,
        "year": one.year,
        "file": one.file,
        "sha256": one.sha256,
        "rows": one.rows,
        "rejected_rows": one.rejected_rows,
        "rejected": list(one.rejected),
        "unplaced_rows": one.unplaced_rows,
        "unplaced": list(one.unplaced),
        "tables": one.tables,
        "totals_level": one.level,
        "totals": one.totals,
    }


def _json(value: Any, indent: str = "") -> str:
    """JSON in which a decimal is written digit for digit. The standard writer knows only floats."""
    deeper = indent + "  "
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict) and value:
        lines = [f"{deeper}{json.dumps(key)}: {_json(part, deeper)}" for key, part in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(deeper + _json(part, deeper) for part in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _show(one: Imported) -> None:
    typer.echo(f"{one.source} {one.year}: {one.rows} rows from {one.file}, {one.rejected_rows} rejected")
    if one.rejected:
        typer.echo(
            f"  rejected: row {', '.join(map(str, one.rejected))}{'' if one.rejected_rows <= 20 else ', ...'}"
        )
    if one.unplaced_rows:
        typer.echo(
            f"  area unknown: {one.unplaced_rows} rows, kept as 'onbekend' (row "
            f"{', '.join(map(str, one.unplaced))}{'' if one.unplaced_rows <= 20 else ', ...'})"
        )
    for name, rows in one.tables.items():
        typer.echo(f"  table {name}: {rows} rows")
    if one.totals:
        typer.echo(f"  totals ({one.level}):")
    for name, value in one.totals.items():
        typer.echo(
            f"    {name:<46} {value:>22f}" if isinstance(value, Decimal) else f"    {name:<46} {value:>22}"
        )

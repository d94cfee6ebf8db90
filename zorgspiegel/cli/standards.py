"""`zorgspiegel standards`: what can be delivered, and everything that a sender needs for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zorgspiegel.terms.standards import CodeList, Standard

app = typer.Typer(invoke_without_command=True)
Id = Annotated[str, typer.Argument(help="Id of the standard.", metavar="ID")]


@app.callback()
def standards(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the delivery standards; or show one, or write its template, SQL example or package."""
    if context.invoked_subcommand is not None:
        return
    from zorgspiegel.store.standards import load_standard, standard_names

    found = [load_standard(name) for name in standard_names()]
    if as_json:
        _print_json([{"id": s.id, "version": s.version, "title": s.title, "layout": s.layout} for s in found])
        return
    for standard in found:
        typer.echo(f"{standard.id:22} {standard.version:5} {standard.title}")


@app.command()
def show(
    name: Id, as_json: Annotated[bool, typer.Option("--json", help="Print the definition as JSON.")] = False
) -> None:
    """Print the documentation of one standard."""
    from zorgspiegel.store.standard_files import descriptor, page

    standard, codelists = _load(name)
    if as_json:
        _print_json(descriptor(standard, codelists))
        return
    typer.echo(page(standard, codelists), nl=False)


@app.command()
def template(
    name: Id, output: Annotated[Path, typer.Option("-o", "--output", help="A .csv or .xlsx file to write.")]
) -> None:
    """Write an empty file to fill in."""
    from zorgspiegel.store.standard_files import write_template

    standard, codelists = _load(name)
    write_template(standard, codelists, output)
    typer.echo(f"Written: {output}")


@app.command()
def sql(
    name: Id,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", help="A parameter of the script, such as jaar=2025.")
    ] = None,
) -> None:
    """Print a script that makes the records out of your own tables (SQLite and PostgreSQL)."""
    from zorgspiegel.store.standard_files import script
    from zorgspiegel.terms.errors import SettingError

    given = [text.partition("=") for text in parameter or []]
    if wrong := [name for name, mark, value in given if not mark or not value.isalnum()]:
        raise SettingError(
            f"-p {wrong[0]}: write name=value, with letters and digits only, such as jaar=2025."
        )
    typer.echo(script(_load(name)[0], parameters={key: value for key, _, value in given}).text, nl=False)


@app.command()
def package(
    name: Id, output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write into.")]
) -> None:
    """Write the Frictionless Data Package, for a second opinion with `frictionless validate`."""
    from zorgspiegel.store.standard_files import write_package

    for path in write_package(*_load(name), output):
        typer.echo(f"Written: {path}")


def _load(name: str) -> tuple[Standard, dict[str, CodeList]]:
    from zorgspiegel.store.standards import load_codelists, load_standard

    standard = load_standard(name)
    return standard, load_codelists(standard)


def _print_json(data: object) -> None:
    import json

    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))

"""`zorgspiegel release`: build one, show what is in it, prove that it is whole, take a file out of it."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


class Format(StrEnum):
    """What a release can be exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"
    PARQUET = "parquet"
    DATAPACKAGE = "datapackage"


Name = Annotated[str, typer.Argument(help="Name of the release, for example 2026-voorjaar.", metavar="NAME")]
Root = Annotated[
    Path | None,
    typer.Option("--releases", help="Folder of the releases; without it that of this installation."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("build")
def build(
    name: Name,
    title: Annotated[
        str | None, typer.Option(help="Title that people see; else it follows from the name.")
    ] = None,
    current: Annotated[
        bool, typer.Option("--current", help="Let people see it at once, instead of the release before it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build a release of everything in the warehouse. It appears complete, or not at all."""
    from zorgspiegel.config.environment import home
    from zorgspiegel.pipeline.releasing import build_release
    from zorgspiegel.store.releases import set_current

    here = home().make()
    folder = build_release(name, home=here, title=title, tell=lambda line: typer.echo(line, err=True))
    if current:
        set_current(here.releases, name)
    _print(_facts(here.releases, folder), as_json=as_json)


@app.command("show")
def show(
    name: Annotated[str | None, typer.Argument(help="Name; without it all releases are listed.")] = None,
    releases: Root = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in a release, or which releases there are."""
    from zorgspiegel.store.release_reader import folder_of, list_releases

    root = _root(releases)
    if name is not None:
        _print(_facts(root, folder_of(root, name)), as_json=as_json)
        return
    found = [_facts(root, root / each) for each in list_releases(root)]
    if as_json:
        _dump(
            [
                {key: one[key] for key in ("naam", "titel", "digest", "verzonnen", "is_current")}
                for one in found
            ]
        )
        return
    for one in found:
        invented = "  VERZONNEN GEGEVENS" if one["verzonnen"] else ""
        typer.echo(f"{'*' if one['is_current'] else ' '} {one['naam']:<24} {one['titel']}{invented}")
    if not found:
        typer.echo("No releases yet. Build one: zorgspiegel release build 2026-voorjaar", err=True)


@app.command("verify")
def verify(
    name: Name,
    digest: Annotated[
        str | None,
        typer.Option(help="Digest that it had when it was published: sha256:...", metavar="DIGEST"),
    ] = None,
    releases: Root = None,
    as_json: AsJson = False,
) -> None:
    """Prove that a release is whole: every byte, every file, and the same figures in every format."""
    from dataclasses import asdict

    from zorgspiegel.store.release_reader import folder_of
    from zorgspiegel.store.release_verify import verify_release

    found = verify_release(folder_of(_root(releases), name), digest=digest)
    if as_json:
        _dump(asdict(found))
        return
    typer.echo(
        f"{found.name} is whole: {found.files} files, {found.rows} rows, "
        f"{found.comparisons} comparisons between formats. {found.digest}"
    )


@app.command("export")
def export(
    name: Name,
    *,
    format: Annotated[
        Format, typer.Option(help="csv and parquet hold the cells; the others also the tables.")
    ] = Format.CSV,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; without it NAME with the right ending, here."),
    ] = None,
    indicator: Annotated[
        list[str] | None, typer.Option(help="Only this indicator; may be given again.")
    ] = None,
    releases: Root = None,
    as_json: AsJson = False,
) -> None:
    """Write one file with the figures of a release. Nothing is overwritten."""
    from zorgspiegel.store.release_export import FORMATS, export_release
    from zorgspiegel.store.release_reader import folder_of

    target = output or Path(f"{name}.{FORMATS[format]}")
    folder = folder_of(_root(releases), name)
    written = export_release(folder, format.value, target, indicators=indicator)
    if as_json:
        _dump({"file": str(written), "format": format.value, "bytes": written.stat().st_size})
    else:
        typer.echo(f"{written} ({written.stat().st_size} bytes)")


def _root(given: Path | None) -> Path:
    if given is not None:
        return given
    from zorgspiegel.config.environment import home

    return home().releases


def _facts(root: Path, folder: Path) -> dict[str, Any]:
    from zorgspiegel.store.release_reader import current_name, read_manifest

    manifest, digest = read_manifest(folder)
    return {**manifest, "digest": digest, "is_current": current_name(root) == folder.name}


def _print(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        _dump(facts)
        return
    cells, answers = facts["rijen"]["cellen"], facts["antwoorden"]
    periods = ", ".join(f"{period} ({status})" for period, status in facts["perioden"].items())
    definitions = ", ".join(f"{key} v{'+'.join(versions)}" for key, versions in facts["definities"].items())
    tables = ", ".join(f"{key} {rows}" for key, rows in facts["rijen"].items() if key != "cellen")
    lines = {
        "release": f"{facts['naam']}{' (current)' if facts['is_current'] else ''}",
        "title": facts["titel"],
        "invented": ", ".join(facts["verzonnen_indicatoren"] + facts["verzonnen_tabellen"]) or "nothing",
        "replaces": f"{facts['vervangt']}: {facts['reden']}" if "vervangt" in facts else "",
        "cells": f"{cells}: " + ", ".join(f"{answer} {count}" for answer, count in answers.items()),
        "periods": periods,
        "indicators": definitions,
        "tables": tables,
        "code": facts["code_versie"],
        "digest": facts["digest"],
    }
    if facts["verzonnen"]:
        typer.echo("VERZONNEN GEGEVENS: this release holds invented figures.")
    for label, text in lines.items():
        if text:
            typer.echo(f"{label:<11} {text}")


def _dump(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))

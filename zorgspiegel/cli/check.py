"""`zorgspiegel check`: the technical check of one file, offline. Nothing leaves the machine."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from zorgspiegel.terms.outcome import Outcome
    from zorgspiegel.terms.periods import Period

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def check(
    file: Annotated[Path, typer.Argument(help="The file to check: CSV, XLSX, XML or ZIP.", metavar="FILE")],
    *,
    standard: Annotated[str, typer.Option(help="Id of the standard; `zorgspiegel standards` lists them.")],
    gemeente: Annotated[
        str | None, typer.Option(help="Code of the sender, such as 0307; else out of the file name.")
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="2025, 2025H1 or 2025H2; else out of the file name.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="Your previous delivery, to compare with.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="Also write the findings as a workbook.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write the findings as a page.")] = None,
) -> None:
    """Check a file before you send it. Exit code 0: accepted, 1: refused, 2: could not be carried out."""
    from zorgspiegel.store import outcome_files

    outcome = _outcome(file, standard, gemeente, _period(period), previous)
    if xlsx is not None:
        outcome_files.write_xlsx(outcome, xlsx)
    if html is not None:
        html.write_text(outcome_files.as_html(outcome), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(outcome.as_json(), ensure_ascii=False, indent=2))
    else:
        typer.echo(outcome_files.as_text(outcome), nl=False)
    if not outcome.accepted:
        raise typer.Exit(1)


def _outcome(
    file: Path, standard_id: str, sender: str | None, period: Period | None, previous: Path | None
) -> Outcome:
    from zorgspiegel.pipeline.checking import check_file
    from zorgspiegel.store.standards import load_standard

    return check_file(
        file,
        load_standard(standard_id),
        sender=sender,
        period=period,
        previous=previous,
        delivered_on=datetime.now(AMSTERDAM).date(),
    )


def _period(text: str | None) -> Period | None:
    from zorgspiegel.terms.errors import SettingError
    from zorgspiegel.terms.periods import Period

    if text is None:
        return None
    try:
        return Period.parse(text)
    except ValueError as error:
        raise SettingError(f"--period: {error}.") from error

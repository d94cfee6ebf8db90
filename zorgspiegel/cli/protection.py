"""`zorgspiegel protect` and `zorgspiegel attack`: protect anyone's table, and try to break it."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

MOST_LISTED = 20


class Zeros(StrEnum):
    """What becomes of counts of zero."""

    HIDDEN = "hidden"
    SHOWN = "shown"


Dims = Annotated[str, typer.Option("--dims", help="Columns of the dimensions, with a comma between.")]
Hierarchy = Annotated[
    list[str] | None,
    typer.Option(
        "--hierarchy",
        metavar="DIM=FILE",
        help="Columns child and parent; the one root is the total. Again for another division.",
    ),
]
Report = Annotated[Path | None, typer.Option("--report", help="Write the report (JSON) here.")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="How much at the same time. The outcome is the same.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


def protect(  # noqa: PLR0917 - Typer makes options of them
    cells: Annotated[
        Path, typer.Argument(help="CSV or Parquet: one row per elementary combination that occurs.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The full cube, CSV or Parquet by its name.")],
    dims: Dims,
    count: Annotated[str, typer.Option("--count", help="Column with the count of persons.")],
    hierarchy: Hierarchy = None,
    smallest_shown: Annotated[
        int | None, typer.Option("--smallest-shown", min=1, help="Counts below it are hidden. [default: 10]")
    ] = None,
    zeros: Annotated[Zeros | None, typer.Option("--zeros", help="Whether zeros are hidden too.")] = None,
    value: Annotated[
        str | None, typer.Option("--value", help="Columns with amounts, hidden with their count.")
    ] = None,
    largest: Annotated[
        str | None,
        typer.Option(
            "--largest", help="Columns with the largest and second largest contribution to the amount."
        ),
    ] = None,
    p_percent: Annotated[
        int | None, typer.Option("--p-percent", min=1, max=100, help="The p % rule, over --largest.")
    ] = None,
    dominance: Annotated[
        str | None, typer.Option("--dominance", metavar="N,K", help="The (n, k) rule, over --largest: 1,70.")
    ] = None,
    previous: Annotated[
        list[Path] | None,
        typer.Option("--previous", help="An earlier outcome that people have; oldest first."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="Rules of definitions/protection: gzs, statline, kpmg, ..."),
    ] = None,
    advise: Annotated[
        bool, typer.Option("--advise", help="Say which classes to merge so that more can be shown.")
    ] = False,
    report: Report = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Hide small counts in a table with hierarchies, and whatever else is needed so that they stay hidden."""
    from zorgspiegel.pipeline import protecting
    from zorgspiegel.protect.own_table import Columns

    wanted = Columns(_split(dims), count, _split(value), _split(largest))
    rules = protecting.profile_of(
        profile,
        {
            "smallest_shown": smallest_shown,
            "zeros": zeros.value if zeros else None,
            "p_percent": p_percent,
            "dominance": _dominance(dominance),
        },
    )
    protecting.refuse_idle_rules(rules, wanted)
    done = protecting.protect_file(
        cells,
        out,
        wanted,
        protecting.read_hierarchies(hierarchy or ()),
        rules,
        previous=previous or (),
        advise=advise,
        workers=workers,
    )
    if report is not None:
        protecting.write_report(done, report)
    if as_json:
        typer.echo(json.dumps(done))
        return
    typer.echo(
        f"{done['cells']} cells: {done['shown']} shown, {done['primary']} hidden for what they hold, "
        f"{done['secondary']} hidden to keep those safe, in {out}"
    )
    for advice in done.get("advice", ()):
        typer.echo(f"merge {advice['dimension']}: {' + '.join(advice['codes'])}: {advice['gain']} cells more")


def attack(  # noqa: PLR0917
    files: Annotated[list[Path], typer.Argument(help="Outcomes of protect, or anyone's; taken together.")],
    dims: Dims,
    hierarchy: Hierarchy = None,
    measure: Annotated[
        str | None,
        typer.Option("--measure", help="Column to attack. [default: the first that is no dimension]"),
    ] = None,
    rounded_to: Annotated[
        int, typer.Option("--rounded-to", min=1, help="The figures are rounded to multiples of this.")
    ] = 1,
    exact: Annotated[
        bool, typer.Option("--exact", help="Work out the interval of every hidden cell (slow).")
    ] = False,
    report: Report = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Try to recover hidden cells from published tables. Exit code 1, and the list, when that succeeds."""
    from zorgspiegel.pipeline import protecting

    found, done = protecting.attack_files(
        files,
        _split(dims),
        protecting.read_hierarchies(hierarchy or ()),
        measure=measure,
        rounded_to=rounded_to,
        exact=exact,
        workers=workers,
    )
    if report is not None:
        protecting.write_report(done, report)
    if as_json:
        typer.echo(json.dumps(done))
    else:
        typer.echo(f"{found.hidden} hidden cells attacked, {len(found.leaks)} recovered")
        for leak in found.leaks[:MOST_LISTED]:
            typer.echo(f"{', '.join(leak.codes)}: between {leak.low:g} and {leak.high:g}")
        if len(found.leaks) > MOST_LISTED:
            typer.echo(f"... and {len(found.leaks) - MOST_LISTED} more (--report has all)")
    protecting.refuse(found)


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip()) if text else ()


def _dominance(text: str | None) -> dict[str, int] | None:
    if text is None:
        return None
    largest, _, percent = text.partition(",")
    if not (largest.strip().isdigit() and percent.strip().isdigit()):
        raise typer.BadParameter("write the (n, k) rule as 1,70", param_hint="--dominance")
    return {"largest": int(largest), "percent": int(percent)}

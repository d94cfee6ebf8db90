"""`zorgspiegel merge`: records to voorzieningen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def merge(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="gmsd-wmo deliveries, or tables of records (CSV or Parquet). They are merged together.",
            metavar="FILE...",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Voorzieningen: Parquet, or CSV when it ends in .csv.")
    ],
    merge_partial_overlap: Annotated[
        bool, typer.Option("--merge-partial-overlap", help="Also merge what overlaps only in part.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the samenvoegrapport (Dutch text) to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Merge records that are about the same voorziening, in the two steps of CBS."""
    from zorgspiegel.merge import vertel
    from zorgspiegel.pipeline.merging import merge_files
    from zorgspiegel.store import durable

    done = merge_files(
        files, out, merge_partial_overlap=merge_partial_overlap, counted=as_json or report is not None
    )
    if report is not None:
        text = vertel(done.counts, merge_partial_overlap=merge_partial_overlap)
        durable.write(report, text.encode("utf-8"))
    if as_json:
        typer.echo(json.dumps({"out": str(out), "aantallen": done.counts, "bestanden": list(done.files)}))
        return
    counts = done.counts
    typer.echo(f"{counts['records']} records -> {counts['na_stap_2']} voorzieningen, in {out}")

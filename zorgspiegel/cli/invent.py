"""`zorgspiegel invent`: deliveries to try things with, on real areas and populations; no figure is true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

COMPANION = "LEESMIJ-VERZONNEN.txt"


def invent(
    standard: Annotated[str, typer.Argument(help="Which standard, for example qsd301.", metavar="STANDARD")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files; it is made when needed.")],
    *,
    period: Annotated[str, typer.Option(help="2025, or 2025H1 for a standard per half-year.")] = "2025",
    gemeente: Annotated[
        list[str] | None, typer.Option(help="Four digits; more than once for more. Without it: all.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.", min=0)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make invented deliveries: one file per gemeente, exactly in the layout of the standard.

    Areas and numbers of inhabitants are real (CBS); clients, costs and persons are invented, and every file
    says so. Numbers of persons are of the range for tests, which belongs to nobody.
    """
    import ibis

    from zorgspiegel.store import definitions
    from zorgspiegel.store.reference import REFERENCE
    from zorgspiegel.store.warehouse import Warehouse
    from zorgspiegel.synthetic import invent as deliveries
    from zorgspiegel.terms.errors import SettingError
    from zorgspiegel.terms.periods import Period
    from zorgspiegel.terms.standards import Standard

    try:
        asked = Period.parse(period)
    except ValueError as error:
        raise SettingError(f"--period: {error}.") from error
    # The shipped areas, not those of this installation: the same seed must give the same bytes everywhere.
    con, shipped = ibis.duckdb.connect(), Warehouse(REFERENCE)
    found = deliveries(
        definitions.load("standards", standard, Standard),
        areas=shipped.read(con, "areas"),
        population=shipped.read(con, "population"),
        period=asked,
        seed=seed,
        gemeenten=gemeente,
    )
    out.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, content in found:
        (out / name).write_bytes(content)
        sizes[name] = len(content)
    (out / COMPANION).write_text(_companion(standard, period, seed), encoding="utf-8")
    if as_json:
        facts = {"standard": standard, "period": period, "seed": seed, "verzonnen": True, "files": sizes}
        typer.echo(json.dumps(facts, indent=2))
    else:
        typer.echo(f"{len(sizes)} invented deliveries of {standard} over {period} are in {out}.")


def _companion(standard: str, period: str, seed: int) -> str:
    return (
        "VERZONNEN GEGEVENS\n\n"
        "De bestanden in deze map zijn verzonnen. Gebieden en aantallen inwoners zijn echt (CBS).\n"
        "Cliënten, kosten en personen zijn dat niet. Gebruik de cijfers niet alsof ze kloppen.\n\n"
        f"Gemaakt met: zorgspiegel invent {standard} --period {period} --seed {seed}\n"
    )

"""`zorgspiegel verify-audit`: is the audit trail whole?"""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from typing import Annotated

import typer


def verify_audit(
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Read the whole audit trail and compare it with its anchor. Exit 1 when anything was changed."""
    from zorgspiegel.config.prepare import setup

    setup()
    from zorgspiegel.ledger.audit import verify_database

    verdict = verify_database()
    if json:
        typer.echo(json_module.dumps(asdict(verdict)))
    else:
        typer.echo(f"{verdict.lines} lines, {verdict.anchored} anchors, {len(verdict.faults)} faults")
        for fault in verdict.faults[:100]:
            typer.echo(f"line {fault.nr}: {fault.kind}. {fault.message}")
        if verdict.not_anchored:
            typer.echo(
                f"{verdict.not_anchored} lines are newer than the anchor. Ask again when nobody writes; if "
                "it stays, see whether the anchor file can be written (ZORGSPIEGEL_ANCHOR)."
            )
        if verdict.unreadable_anchors:
            typer.echo(
                f"{verdict.unreadable_anchors} lines of the anchor file cannot be read and do not count."
            )
    if verdict.faults:
        raise typer.Exit(1)

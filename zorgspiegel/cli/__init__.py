"""The doorbell: one command per thing that a person does. `zorgspiegel --help` lists them.

Exit codes: 0 done, 1 the data was refused, 2 the command could not be carried out (terms/errors.py).
Each command lives in a module of this package; COMMANDS says in which. Only the module of the command that
is called is imported, so that `--help` and small commands stay quick.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from keyword import iskeyword

import typer

from zorgspiegel import __version__
from zorgspiegel.terms.errors import ZorgspiegelError

COMMANDS: dict[str, tuple[str, str]] = {
    "attack": ("protection", "Try to recover hidden cells from published tables."),
    "check": ("check", "Check a file before it is sent, offline."),
    "demo": ("demo", "Everything on one machine with sample data; says where to look."),
    "import": ("imports", "Import public sources: Vektis, CBS, RIVM, NZa."),
    "invent": ("invent", "Make invented deliveries on real areas and populations."),
    "merge": ("merge", "Merge records to voorzieningen."),
    "protect": ("protection", "Hide small counts in any table, so that they stay hidden."),
    "pseudonymise": ("pseudonymise", "Replace BSNs by pseudonyms, before a file is sent."),
    "release": ("release", "Build, show, verify and export releases."),
    "serve": ("serve", "Answer the web."),
    "standards": ("standards", "What can be delivered: pages, templates, SQL examples, packages."),
    "verify-audit": ("verify_audit", "Tell whether the audit trail is whole."),
    "worker": ("worker", "Do what waits: checks, reports, deletions, mails."),
}
"""Command -> (module in this package, one line of help). The module has either a Typer `app` (a command with
subcommands) or a function named after the command; dashes become underscores, and a keyword of Python gets
one behind it."""


def build(called: str | None) -> typer.Typer:
    """The Typer application in which `called` is real; the other commands only show their line of help."""
    app = typer.Typer(
        name="zorgspiegel",
        help="Receive, check, merge, aggregate, protect and publish care data.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for command, (module_name, help_line) in COMMANDS.items():
        if command != called:
            app.command(command, help=help_line)(_stand_in)
            continue
        module = importlib.import_module(f"zorgspiegel.cli.{module_name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=command, help=help_line)
        else:
            name = command.replace("-", "_")
            app.command(command, help=help_line)(getattr(module, f"{name}_" if iskeyword(name) else name))
    return app


def _stand_in() -> None:
    raise AssertionError("only the command that is called is ever run")


def _options(
    version: bool = typer.Option(False, "--version", help="Show the version and stop.", is_eager=True),
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. A ZorgspiegelError becomes one clear message and its own exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    called = next((word for word in words if not word.startswith("-")), None)
    try:
        build(called)(args=words)
    except ZorgspiegelError as error:
        typer.echo(f"zorgspiegel: {error}", err=True)
        raise SystemExit(error.exit_code) from error

"""`zorgspiegel serve`: the web process."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from zorgspiegel.terms.errors import SettingError


def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    bind: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Bring the database up to date and answer the web, until it is stopped."""
    from gunicorn.app.wsgiapp import run

    from zorgspiegel.config.prepare import prepare

    if not vendor_is_built():
        raise SettingError("The style sheets are not built yet. Run: make setup.")
    prepare()
    config = "python:zorgspiegel.config.gunicorn"
    sys.argv = [
        "gunicorn",
        "--config",
        config,
        "--bind",
        f"{bind}:{port}",
        "zorgspiegel.config.wsgi:application",
    ]
    run()


def vendor_is_built() -> bool:
    """Whether `frontend/build.mjs` has written the style sheets."""
    from importlib.resources import files

    return (files("zorgspiegel.portal") / "static/portal/vendor/nlds.css").is_file()

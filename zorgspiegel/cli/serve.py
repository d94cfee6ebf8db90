"""`zorgspiegel serve`: the web process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from zorgspiegel.terms.errors import SettingError

if TYPE_CHECKING:
    from zorgspiegel.config.environment import Environment


def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    bind: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Bring the database up to date and answer the web, until it is stopped."""
    from gunicorn.app.wsgiapp import run

    from zorgspiegel.config import environment
    from zorgspiegel.config.prepare import prepare

    _refuse_unsafe(environment.read(), bind)
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


def _refuse_unsafe(found: Environment, bind: str) -> None:
    """Raise SettingError when nobody could use the site, or when anybody could read along."""
    if found.https and not found.proxies:
        raise SettingError(
            "This process speaks plain HTTP, so browsers would be sent to HTTPS for ever. Put a proxy "
            "with a certificate in front and set ZORGSPIEGEL_PROXIES=1; or, on this machine only, set "
            "ZORGSPIEGEL_HTTPS=0."
        )
    if not found.https and bind not in {"127.0.0.1", "::1", "localhost"}:
        raise SettingError(
            f"--bind {bind} with ZORGSPIEGEL_HTTPS=0 would send passwords readable over the network. "
            "Leave --bind out."
        )


def vendor_is_built() -> bool:
    """Whether `frontend/build.mjs` has written the style sheets."""
    from importlib.resources import files

    return (files("zorgspiegel.portal") / "static/portal/vendor/nlds.css").is_file()

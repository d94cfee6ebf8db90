"""`zorgspiegel demo`: everything on one machine, with sample data; prints where to look and how to log in."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import typer

from zorgspiegel.store.home import Home
from zorgspiegel.terms.errors import ZorgspiegelError

EMAIL = "demo@zorgspiegel.example"
GEMEENTE, GEMEENTECODE = "Amersfoort", "GM0307"
RELEASE = "2026-najaar"
SECONDS_TO_START = 60


class DemoError(ZorgspiegelError):
    """The demo could not be started; says where to read why."""


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on; the next free one when it is taken.")] = 8000,
    whole_land: Annotated[
        bool, typer.Option("--whole-land", help="Wmo of all gemeenten, not of one provincie. Takes long.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the site of the demo.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
) -> None:
    """Fill an installation with sample data, build a release, start the site, and say how to log in."""
    from zorgspiegel.config.environment import data_folder, home

    place = home().make()
    if stop:
        typer.echo("The demo site is stopped." if _stop(place) else "No demo site is running.")
        return
    os.environ["ZORGSPIEGEL_HTTPS"] = "0"
    tell = (lambda _line: None) if json_output else _tell
    _fill(place, data_folder(), whole_land, tell)
    password = _account(place)
    address = _running(place) or _start(place, _free(port))
    _say(address, password, place, json_output)


def _tell(line: str) -> None:
    typer.echo(f"  {line}")


def _fill(place: Home, data: Path | None, whole_land: bool, tell: Any) -> None:
    """Sample data and a release of them, unless they are there already from the same sources and code."""
    from zorgspiegel.pipeline.sampling import fill, fingerprint

    stamp = place.root / "demo.json"
    wanted = fingerprint(data, whole_land)
    if stamp.is_file() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
        return
    fill(place, data, _new_name(place), whole_land=whole_land, tell=tell)
    stamp.write_text(json.dumps(wanted), encoding="utf-8")


def _new_name(place: Home) -> str:
    """A release never changes: a demo of other data or other rules is a new one beside it."""
    from zorgspiegel.store.release_reader import list_releases

    taken = len(list_releases(place.releases))
    return RELEASE if not taken else f"{RELEASE}-{taken + 1}"


def _account(place: Home) -> str:
    """The account of the demo. Its password is made once, by chance, and kept for the owner of the folder."""
    from zorgspiegel.config.prepare import prepare

    prepare()
    from zorgspiegel.ledger import actions
    from zorgspiegel.ledger.models import Account

    kept = place.root / "demo-password"
    account = Account.objects.filter(email=EMAIL).first()
    if account is not None and kept.is_file():
        return kept.read_text(encoding="utf-8").strip()
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    if account is not None:
        actions.set_password(account=account, password=password, by=None)
        return password
    gemeente = actions.make_organisation(
        naam=f"Gemeente {GEMEENTE}", soort="gemeente", gebiedscode=GEMEENTECODE, by=None
    )
    account = actions.make_account(email=EMAIL, naam="Demo-gebruiker", password=password, by=None)
    actions.grant(
        account=account, organisation=gemeente, rol="gemeente-gebruiker", doel="Demonstratie", by=None
    )
    return password


def _say(address: str, password: str, place: Home, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"address": address, "email": EMAIL, "password": password}))
        return
    typer.echo(f"""
Zorgspiegel is running:  {address}
Log in with              {EMAIL}
Password                 {password}

You are a user of gemeente {GEMEENTE}. The Wmo figures are invented, and say so.
Stop it with: make stop (or: zorgspiegel demo --stop). Its log is {place.root / "demo.log"}.""")


# --- the process of the site ---------------------------------------------------------------------


def _pid_file(place: Home) -> Path:
    return place.root / "demo-site.json"


def _running(place: Home) -> str | None:
    """The address of a demo site of this folder that answers; None when there is none."""
    try:
        noted = json.loads(_pid_file(place).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return noted["address"] if _is_ours(noted["pid"]) and _answers(noted["address"]) else None


def _is_ours(pid: int) -> bool:
    """A number of a process can have passed to another program since."""
    try:
        return b"zorgspiegel" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free(port: int) -> int:
    for candidate in range(port, port + 50):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise DemoError(f"No free port between {port} and {port + 49}. Give another one with --port.")


def _start(place: Home, port: int) -> str:
    """Start the site as a process of its own, wait until it answers, and return its address."""
    _stop(place)
    address = f"http://127.0.0.1:{port}/"
    log = place.root / "demo.log"
    program = [sys.executable, "-m", "zorgspiegel", "serve", "--port", str(port)]
    with log.open("ab") as out:
        site = subprocess.Popen(
            program, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
        )
    _pid_file(place).write_text(json.dumps({"pid": site.pid, "address": address}), encoding="utf-8")
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if site.poll() is not None:
            raise DemoError(f"The site stopped with exit code {site.returncode}. Read why in {log}.")
        if _answers(address):
            return address
        time.sleep(0.2)
    _stop(place)
    raise DemoError(f"The site did not answer within {SECONDS_TO_START} seconds. Read why in {log}.")


def _stop(place: Home) -> bool:
    """Stop the site of this folder when one runs; whether there was one."""
    try:
        noted = json.loads(_pid_file(place).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    _pid_file(place).unlink()
    if not _is_ours(noted["pid"]):
        return False
    os.kill(noted["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 35
    while _is_ours(noted["pid"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return True

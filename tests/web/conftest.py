"""A site with invented figures: once as Django in this process, once as a real server for a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.web import invented

ROOT = Path(__file__).resolve().parents[2]
OWN_EMAIL, OTHER_EMAIL = "eigen@zorgspiegel.example", "buur@zorgspiegel.example"
CAREFUL_EMAIL = "voorzichtig@zorgspiegel.example"
STARTS_WITHIN = 180
"""Seconds for a server to answer, on a busy machine."""

ACCOUNTS = f"""
from zorgspiegel.config.prepare import prepare
prepare()
from tests.web.accounts import make
make({OWN_EMAIL!r}, {invented.OWN!r})
make({OTHER_EMAIL!r}, {invented.OTHER!r})
make({CAREFUL_EMAIL!r}, {invented.OTHER!r})
"""


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with an invented release in it."""
    folder = tmp_path_factory.mktemp("home")
    invented.build(folder / "releases")
    return folder


@pytest.fixture
def site(home: Path, settings: Any, db: None) -> Path:
    """Django in this process on that home; public files need no collecting here."""
    from zorgspiegel.store.home import Home

    settings.HOME = Home(home)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    return home


@pytest.fixture
def own(site: Path, client: Any) -> Any:
    """A client that is logged in as a user of the own gemeente."""
    from tests.web.accounts import make

    client.force_login(make(OWN_EMAIL, invented.OWN))
    return client


@dataclass(frozen=True)
class Server:
    """A running site."""

    url: str
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[Server]:
    """The site as `zorgspiegel serve` runs it: gunicorn, collected files, strict policy."""
    if not (ROOT / "zorgspiegel/portal/static/portal/vendor/nlds.css").is_file():
        pytest.skip("the style sheets are not built: run make setup-dev")
    environment = {
        **os.environ,
        "ZORGSPIEGEL_HOME": str(home),
        "ZORGSPIEGEL_HTTPS": "0",
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(
        [sys.executable, "-c", ACCOUNTS], env=environment, cwd=ROOT, check=True, capture_output=True
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = f"from zorgspiegel.cli import main; main(['serve', '--port', '{port}'])"
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-c", serve], env=environment, cwd=home, stdout=log, stderr=log
    )
    try:
        _wait(f"http://localhost:{port}/inloggen/", process)
        yield Server(f"http://localhost:{port}", process)
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert process.poll() is None, "the server stopped by itself"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer in time")

"""How long the topic page takes and how much it weighs: the real server, an invented country.

Over HTTP on this machine, one visitor at a time. Cold: a page that nobody asked before, drawing cache empty;
only what each worker does at its start is done. Warm: the same page again, at the same worker.
"""

from __future__ import annotations

import gzip
import http.cookiejar
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from tests.web.accounts import PASSWORD
from tests.web.conftest import ROOT
from tests.web.invented import Country, build

COUNTRY = Country(rows=18, columns=19, has_ragged_borders=True)
EMAIL = "meting@zorgspiegel.example"
COLD, WARM = 12, 60
ACCOUNT = f"""
from zorgspiegel.config.prepare import prepare
prepare()
from tests.web.accounts import make
make({EMAIL!r}, "GM9001")
"""


def main() -> None:
    """Build, start, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        build(home / "releases", COUNTRY)
        environment = {
            **os.environ,
            "ZORGSPIEGEL_HOME": folder,
            "ZORGSPIEGEL_HTTPS": "0",
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run([sys.executable, "-c", ACCOUNT], env=environment, check=True)
        process, address = _serve(environment, home)
        try:
            results = _measure(Visitor(address))
        finally:
            process.terminate()
            process.wait(timeout=30)
    _report(results)


class Visitor:
    """Somebody who is logged in."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        page = self.get("/inloggen/")[1].decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "the log-in page has no form"
        form = {"csrfmiddlewaretoken": token[1], "login": EMAIL, "password": PASSWORD}
        self.opener.open(address + "/inloggen/", urllib.parse.urlencode(form).encode()).read()

    def get(self, path: str) -> tuple[float, bytes, int]:
        """Seconds, content, and bytes over the wire."""
        request = urllib.request.Request(self.address + path, headers={"Accept-Encoding": "gzip"})
        begin = time.perf_counter()
        with self.opener.open(request) as answer:
            raw = answer.read()
            seconds = time.perf_counter() - begin
            is_packed = answer.headers.get("Content-Encoding") == "gzip"
        return seconds, gzip.decompress(raw) if is_packed else raw, len(raw)


def _measure(visitor: Visitor) -> dict[str, float]:
    cold = [visitor.get(f"/zorggebruik/GM{9050 + n}/?jaar={2020 + n % 4}")[0] for n in range(COLD)]
    path = "/zorggebruik/GM9001/"
    for _ in range(10):  # every worker has seen it
        visitor.get(path)
    warm = [visitor.get(path)[0] for _ in range(WARM)]
    _, page, size = visitor.get(path)
    text = page.decode()
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
    style = next(name for name in files if "nlds" in name)
    fonts = re.findall(r'url\("?([^)"]+\.woff2)"?\)', visitor.get(style)[1].decode())
    files |= {urllib.parse.urljoin(style, name) for name in fonts}
    weights = {name: visitor.get(name)[2] for name in files}
    return {
        "cold_median_ms": 1000 * statistics.median(cold),
        "cold_max_ms": 1000 * max(cold),
        "warm_median_ms": 1000 * statistics.median(warm),
        "warm_p95_ms": 1000 * sorted(warm)[int(0.95 * WARM)],
        "page_kb": size / 1000,
        "first_view_kb": (size + sum(weights.values())) / 1000,
        "javascript_kb": sum(weight for name, weight in weights.items() if name.endswith(".js")) / 1000,
        "marks": text.count("aria-label=") * 1.0,
    }


def _serve(environment: dict[str, str], home: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = f"from zorgspiegel.cli import main; main(['serve', '--port', '{port}'])"
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-c", program], env=environment, cwd=home, stdout=log, stderr=log
    )
    address = f"http://localhost:{port}"
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address + "/toegankelijkheid/", timeout=30).read()
            return process, address
        except OSError:
            assert process.poll() is None, "the server stopped by itself"
            time.sleep(0.2)
    raise AssertionError("the server did not answer")


def _report(found: dict[str, float]) -> None:
    print("## Topic page: server time and weight\n")
    print("| What | Measured | Aim |\n| --- | ---: | ---: |")
    print(f"| warm, median of {WARM} | {found['warm_median_ms']:.0f} ms | 100 ms |")
    print(f"| warm, 95th percentile | {found['warm_p95_ms']:.0f} ms | 100 ms |")
    print(f"| cold, median of {COLD} | {found['cold_median_ms']:.0f} ms | 1,500 ms |")
    print(f"| cold, slowest of {COLD} | {found['cold_max_ms']:.0f} ms | 1,500 ms |")
    print(f"| page over the wire, gzip | {found['page_kb']:.0f} kB | |")
    print(f"| first view with styles and fonts | {found['first_view_kb']:.0f} kB | 150 kB |")
    print(f"| of which JavaScript | {found['javascript_kb']:.0f} kB | 30 kB |")
    print(
        f"\nInvented country of {COUNTRY.size} gemeenten with ragged borders, five figures, over HTTP on the "
        "same machine, one visitor at a time. Cold: a page nobody asked before, drawings not kept, workers "
        "warm from their start. Warm: the same page again."
    )
    if "--json" in sys.argv:
        Path(sys.argv[sys.argv.index("--json") + 1]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()

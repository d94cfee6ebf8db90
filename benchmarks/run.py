"""`make bench`: runs every benchmarks/bench_*.py in a process of its own and writes docs/benchmarks.md.

A benchmark prints a Markdown section: a heading, a table, and how it was measured. One that fails is named
in the page and makes the command fail; its old figures are not kept, since nobody measured them today.

`python -m benchmarks.run import merge` runs those two and leaves the other sections of the page as they are.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
MARK = "<!-- {name} -->"


def machine() -> str:
    """One line about where this was measured: figures of two machines may not be compared."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(
        f"{p} {version(p)}" for p in ("duckdb", "ibis-framework", "pyarrow", "numpy", "highspy")
    )
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def section(name: str, *arguments: str) -> str:
    """The Markdown that one benchmark prints. Raises CalledProcessError when it fails."""
    program = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    sys.stderr.write(done.stderr)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, program, done.stdout, done.stderr)
    return done.stdout.strip()


def kept() -> dict[str, str]:
    """The sections that stand in the page now, by benchmark."""
    if not PAGE.is_file():
        return {}
    parts = re.split(r"^<!-- (bench_\w+) -->$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def main(arguments: list[str]) -> int:
    """Run all benchmarks, or the named ones; write the page; 1 when any failed."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    wanted = [f"bench_{word.removeprefix('bench_')}" for word in arguments] or known
    if unknown := set(wanted) - set(known):
        print(f"no such benchmark: {', '.join(sorted(unknown))}. Known: {', '.join(known)}")
        return 2
    sections, failed = {name: text for name, text in kept().items() if name in known}, []
    for name in wanted:
        print(f"measuring {name.removeprefix('bench_')} ...", flush=True)
        try:
            sections[name] = section(name)
        except subprocess.CalledProcessError as error:
            sections[name] = (
                f"## {name}\n\nThis benchmark failed with exit code {error.returncode}; no figures."
            )
            failed.append(name)
        print(sections[name], flush=True)
        write(sections)
    return 1 if failed else 0


def write(sections: dict[str, str]) -> None:
    """The page: what it is, where it was measured, a section per benchmark."""
    head = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ratios are of runs side by side; absolute times are of this machine only.",
        "",
        f"Measured on: {machine()}.",
    ]
    body = [f"\n{MARK.format(name=name)}\n\n{sections[name]}" for name in sorted(sections)]
    PAGE.write_text("\n".join(head + body) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

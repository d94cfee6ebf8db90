"""`make soak`: runs every benchmarks/soak_*.py: large tables, many seeds, long runs. Not part of CI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Run all soaks, or the named ones; 1 when any failed."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("soak_*.py"))
    wanted = [f"soak_{word.removeprefix('soak_')}" for word in arguments] or known
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False).returncode
        for name in wanted
    ]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

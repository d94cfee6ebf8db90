"""Protection at the size of the country: time per stage, memory, what is lost per level, growth; next to R.

`python -m benchmarks.bench_protect --gemeenten 10 20` is a quick look. The audit with HiGHS is timed on
`--audited` gemeenten and told per gemeente, since it grows with their number and nothing else.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.national_table import national
from zorgspiegel.protect.blocks import blocks_of
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.greedy import Rules, derivable_cells, publish_greedily
from zorgspiegel.protect.repair import audit_block
from zorgspiegel.protect.suppress import AUDIT_VARIABLES, counts_task
from zorgspiegel.protect.trees import Ints

LEVELS = {"gemeente": "GM", "wijk": "WK", "buurt": "BU"}
RULES = Rules(10)
R_SCRIPT = """ library(GaussSuppression) cells <- read.csv("cells.csv", colClasses = c(freq = "integer")) area
<- read.csv("area.csv") began <- proc.time()[["elapsed"]] out <- SuppressSmallCounts(data = cells, dimVar =
c("wijk", "buurt", "product", "leeftijd", "geslacht"),
  freqVar = "freq", maxN = 9, protectZeros = FALSE, singletonMethod = "none", printInc = FALSE)
cat(nrow(out), sum(out$suppressed), proc.time()[["elapsed"]] - began, sep = ",")
"""


def measure(gemeenten: int) -> dict[str, Any]:
    """One table: cells, seconds of the elimination and of the check on derivable cells, and what is lost."""
    layout, elementary = national(gemeenten)
    counts = layout.cube(elementary)
    primary = counts < RULES.smallest
    workers = os.cpu_count() or 1
    began = time.perf_counter()
    shown = publish_greedily(layout, counts, primary, RULES, workers=workers)
    eliminated = time.perf_counter()
    derivable = derivable_cells(layout, counts, shown, RULES, workers=workers)
    checked = time.perf_counter()
    return {
        "gemeenten": gemeenten,
        "cells": int(counts.size),
        "primary": int(primary.sum()),
        "elimination_s": eliminated - began,
        "check_s": checked - eliminated,
        "derivable": int((derivable & primary).sum()),
        "memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "lost": lost(layout, counts, primary, shown),
    }


def lost(
    layout: Layout, counts: Ints, primary: np.ndarray, shown: np.ndarray
) -> dict[str, tuple[float, float]]:
    """Per level the share of the showable cells, and of the persons in them, that is hidden for others'
    sake."""
    found = {}
    for level, prefix in LEVELS.items():
        nodes = np.unique(
            [n for c, n in zip(layout.spine.codes, layout.spine.node_of, strict=True) if c[:2] == prefix]
        )
        showable, secondary = ~primary[nodes], ~primary[nodes] & ~shown[nodes]
        persons = counts[nodes][showable].sum()
        found[level] = (
            float(secondary.sum() / max(1, showable.sum())),
            float(counts[nodes][secondary].sum() / max(1, persons)),
        )
    return found


def audited(gemeenten: int) -> dict[str, Any]:
    """The audit and repair of so many gemeenten, all levels of each at once."""
    layout, elementary = national(gemeenten)
    counts = layout.cube(elementary)
    primary = counts < RULES.smallest
    shown = publish_greedily(layout, counts, primary, RULES)
    task = counts_task(layout, counts, primary, RULES)
    began = time.perf_counter()
    outcomes = [
        audit_block(task, b, shown.ravel()) for b in blocks_of(layout.spine, layout.parts, AUDIT_VARIABLES)
    ]
    return {
        "gemeenten": gemeenten,
        "seconds": time.perf_counter() - began,
        "hidden": int((~shown).sum()),
        "too_narrow": sum(o.too_narrow for o in outcomes),
        "hidden_more": sum(len(o.hidden_more) for o in outcomes),
        "solves": sum(o.solves for o in outcomes),
    }


def beside_r() -> dict[str, Any] | None:
    """One gemeente here and with GaussSuppression in the same run; None where R or the package is absent."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    probe = subprocess.run([program, "-e", "library(GaussSuppression)"], capture_output=True, check=False)
    if probe.returncode:
        return None
    layout, elementary = national(1)
    with tempfile.TemporaryDirectory(prefix="bench-protect-") as name:
        folder = Path(name)
        _write_inner(layout, elementary, folder)
        (folder / "run.R").write_text(R_SCRIPT, encoding="utf-8")
        done = subprocess.run([program, "run.R"], cwd=folder, capture_output=True, text=True, check=True)
    cells, hidden, seconds = done.stdout.strip().split(",")
    rules = Rules(10, zeros_shown=True, thin=False, singletons=False, levels_first=False)
    counts = layout.cube(elementary)
    began = time.perf_counter()
    shown = publish_greedily(layout, counts, (counts > 0) & (counts < 10), rules)
    own = time.perf_counter() - began
    return {
        "cells": int(cells),
        "r_hidden": int(hidden),
        "r_s": float(seconds),
        "hidden": int((~shown).sum()),
        "s": own,
    }


def _write_inner(layout: Layout, elementary: Ints, folder: Path) -> None:
    codes = {
        int(n): c for c, n in zip(layout.spine.codes, layout.spine.node_of, strict=True) if c[:2] == "BU"
    }
    others = [[c for c in dim.codes if c != "T"] for dim in layout.others]
    with (folder / "cells.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["wijk", "buurt", "product", "leeftijd", "geslacht", "freq"])
        for leaf, row in enumerate(elementary):
            buurt = codes[int(layout.spine.leaf_node[leaf])]
            for part, count in enumerate(row):
                place = np.unravel_index(part, [len(o) for o in others])
                names = [o[int(i)] for o, i in zip(others, place, strict=True)]
                writer.writerow([f"WK{buurt[2:8]}", buurt, *names, int(count)])
    (folder / "area.csv").write_text("note\nnot used: wijk and buurt nest by themselves\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gemeenten", type=int, nargs="+", default=[10, 30, 100, 342])
    parser.add_argument("--audited", type=int, default=10)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    measure(1)  # compiles the kernels, or loads them
    rows = [measure(n) for n in chosen.gemeenten]
    audit = audited(chosen.audited) if chosen.audited else None
    peer = beside_r()
    print("## Protection\n")
    columns = ("gemeenten", "cells", "primary", "elimination", "derivable check", "memory")
    print(f"| {' | '.join(columns)} | lost: gemeente / wijk / buurt |")
    print("|---:|---:|---:|---:|---:|---:|---|")
    for row in rows:
        shares = " / ".join(f"{100 * c:.1f} % ({100 * p:.1f} %)" for c, p in row["lost"].values())
        print(
            f"| {row['gemeenten']} | {row['cells']:,} | {row['primary']:,} | {row['elimination_s']:.1f} s | "
            f"{row['check_s']:.1f} s | {row['memory_gb']:.2f} GB | {shares} |"
        )
    print(
        "\nLost: share of the showable cells that is hidden for the sake of others (of the persons in them)."
    )
    print(
        f"Derivable primary cells: {sum(row['derivable'] for row in rows)}. "
        "Counts and buurten are invented.\n"
    )
    if audit:
        print(
            f"Audit and repair, {audit['gemeenten']} gemeenten, one process: {audit['seconds']:.0f} s, "
            f"{audit['solves']} solves over {audit['hidden']:,} hidden cells; {audit['too_narrow']} were too "
            f"narrow, {audit['hidden_more']} cells hidden to mend that.\n"
        )
    if peer is None:
        print("GaussSuppression: R or the package is not on this machine: no comparison in this run.")
    else:
        print(
            f"GaussSuppression, one gemeente of {peer['cells']:,} cells: {peer['r_s']:.1f} s and "
            f"{peer['r_hidden']} hidden; here {peer['s']:.2f} s and {peer['hidden']}: "
            f"{peer['r_s'] / peer['s']:.0f} times as fast."
        )
    if chosen.json:
        chosen.json.write_text(
            json.dumps({"tables": rows, "audit": audit, "r": peer}, indent=1), encoding="utf-8"
        )


if __name__ == "__main__":
    main()

"""Protection for hours: random tables against brute force, planted leaks that the attack must find, safe
masks that it must pass, many seeds of a larger table, and once a table of ten million cells.

`python -m benchmarks.soak_protect --tables 50 --leaks 20 --seeds 2 --large 0` is a quick look.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from benchmarks.national_table import national
from tests.lib import plain_protect
from tests.lib.small_tables import SmallTable, of
from zorgspiegel.protect.blocks import blocks_of
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.greedy import Rules, derivable_cells, publish_greedily
from zorgspiegel.protect.intervals import Needs, Search, Spread
from zorgspiegel.protect.suppress import suppress
from zorgspiegel.protect.system import system_of
from zorgspiegel.protect.trees import dimension, flat


def random_table(draw: np.random.Generator, most: int) -> SmallTable:
    """An uneven tree of up to four leaves, crossed with one flat dimension; sparse counts."""
    links = [
        ("l0", "m"),
        ("l1", "m"),
        ("m", "T"),
        *[(f"l{i}", "T") for i in range(2, int(draw.integers(3, 5)))],
    ]
    layout = Layout((dimension("a", {"": links}), flat("b", ["x", "y"], "T")))
    shape = (layout.spine.leaves, layout.parts)
    return of(layout, draw.choice(np.arange(most + 1), shape, p=_sparse(most)))


def _sparse(most: int) -> np.ndarray:
    weights = 1.0 / (1.0 + np.arange(most + 1))
    return np.asarray(weights / weights.sum())


def brute_force(tables: int) -> int:
    """Hidden cells of protected random tables that come out when all tables are written out; must be 0."""
    leaks = 0
    for seed in range(tables):
        draw = np.random.default_rng(seed)
        table = random_table(draw, 4)
        primary = table.counts < 3
        shown = suppress(table.layout, table.counts, primary, Rules(3)).shown.ravel()
        values = table.counts.ravel()
        seen = {int(cell): int(values[cell]) for cell in np.flatnonzero(shown)}
        if not seen:
            continue
        found = plain_protect.ranges(table.vectors, seen, int(values.max()) + 3)
        for cell in np.flatnonzero(~shown):
            low, high = found[int(cell)]
            leaks += high - low < 2 or bool(primary.ravel()[cell] and high < values[cell] + 1)
    return leaks


def planted(tables: int) -> tuple[int, int]:
    """Leaks that were planted and not found, and safe masks that were called unsafe; both must be 0."""
    missed = alarms = 0
    for seed in range(tables):
        draw = np.random.default_rng(10_000 + seed)
        table = random_table(draw, 9)
        primary = table.counts < 3
        shown = suppress(table.layout, table.counts, primary, Rules(3)).shown
        alarms += bool(len(_stuck(table, shown)))
        hidden = np.flatnonzero(~shown.ravel())
        if len(hidden):
            leaky = np.ones(shown.size, np.bool_)
            leaky[draw.choice(hidden)] = False  # one hidden cell alone can always be subtracted
            missed += not len(_stuck(table, leaky.reshape(shown.shape)))
    return missed, alarms


def _stuck(table: SmallTable, shown: np.ndarray) -> np.ndarray:
    (block,) = blocks_of(table.layout.spine, table.layout.parts)
    system = system_of(table.layout, block)
    values = table.counts.ravel().astype(float)[system.cells]
    mine = shown.ravel()[system.cells]
    if mine.all():
        return np.zeros(0, np.int64)
    needs = Needs(np.zeros(len(values)), np.full(len(values), 2.0))
    return Search(system, values, mine, needs, Spread.at(values)).stuck(~mine, prove=True)


def derivable(seeds: int, gemeenten: int) -> int:
    """Primary cells of larger tables that can be derived; must be 0."""
    found = 0
    for seed in range(seeds):
        layout, elementary = national(gemeenten, seed=seed)
        counts = layout.cube(elementary)
        primary = counts < 10
        shown = publish_greedily(layout, counts, primary, Rules(10), workers=2)
        found += int((derivable_cells(layout, counts, shown, Rules(10), workers=2) & primary).sum())
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run everything; 1 when anything came out that may not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=2_000)
    parser.add_argument("--leaks", type=int, default=1_000)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--large", type=int, default=1, help="1: also ten million cells")
    chosen = parser.parse_args(arguments)
    leaks = brute_force(chosen.tables)
    print(f"brute force, {chosen.tables} tables: {leaks} cells recovered")
    missed, alarms = planted(chosen.leaks)
    print(f"{chosen.leaks} planted leaks: {missed} missed; safe masks: {alarms} false alarms")
    out = derivable(chosen.seeds, 5)
    print(f"{chosen.seeds} seeds: {out} primary cells derivable")
    if chosen.large:
        layout, elementary = national(342, buurten=12.5)
        counts = layout.cube(elementary)
        began = time.perf_counter()
        publish_greedily(layout, counts, counts < 10, Rules(10), workers=2)
        print(f"{counts.size:,} cells: elimination {time.perf_counter() - began:.0f} s")
    return 1 if leaks or missed or alarms or out else 0


if __name__ == "__main__":
    raise SystemExit(main())

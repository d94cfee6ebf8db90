"""A national table for protection: real provincies, gemeenten and wijken with their inhabitants where the
public files are there (CBS kerncijfers 2022), invented buurten and invented counts. Everything in it is
invented otherwise.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np

from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.trees import Ints, dimension, flat

PRODUCTS, AGES, SEXES = 14, 4, 2
_FILE = Path("population") / "kerncijfers_wijk_2022.csv"


def wijken() -> list[tuple[str, str, int]]:
    """Wijk, provincie and inhabitants of each wijk; invented where the public file is not there."""
    folder = Path(os.environ.get("ZORGSPIEGEL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if (folder / _FILE).is_file():
        with (folder / _FILE).open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [(r["code"], r["province"], int(float(r["population"] or 0))) for r in rows if r["population"]]
    draw = np.random.default_rng(1)
    sizes = np.maximum(1, draw.lognormal(2.0, 0.75, 342).astype(int))
    return [
        (f"WK{g:04d}{w:02d}", f"P{g % 12}", int(draw.lognormal(8.2, 0.8)))
        for g, size in enumerate(sizes)
        for w in range(size)
    ]


def national(gemeenten: int, *, buurten: float = 4.3, seed: int = 1) -> tuple[Layout, Ints]:
    """The layout and the elementary counts (buurten x product, age and sex) of the first so many gemeenten.

    buurten: how many a wijk has on average; 225 cells per area, totals included.
    """
    draw = np.random.default_rng(seed)
    given = wijken()
    codes = sorted({wijk[2:6] for wijk, _, _ in given})
    step = len(codes) / gemeenten
    chosen = {codes[int(i * step)] for i in range(gemeenten)}
    links: set[tuple[str, str]] = set()
    inhabitants = {}
    for wijk, provincie, people in given:
        if wijk[2:6] not in chosen:
            continue
        links |= {(wijk, f"GM{wijk[2:6]}"), (f"GM{wijk[2:6]}", provincie), (provincie, "NL01")}
        parts = draw.dirichlet(np.full(max(1, draw.poisson(buurten)), 1.5))
        for number, share in enumerate(parts):
            buurt = f"BU{wijk[2:]}{number:02d}"
            links.add((buurt, wijk))
            inhabitants[buurt] = people * share
    areas = dimension("gebied", {"": sorted(links)})
    layout = Layout(
        (
            areas,
            flat("product", [f"p{i:02d}" for i in range(PRODUCTS)], "T"),
            flat("leeftijd", [f"l{i}" for i in range(AGES)], "T"),
            flat("geslacht", "MV", "T"),
        )
    )
    leaf_of = {int(areas.leaves_of[n][0]): code for code, n in zip(areas.codes, areas.node_of, strict=True)}
    lowest = {min(areas.leaves_of[n]): n for n in areas.leaf_node}
    people_by_leaf = np.zeros(areas.leaves)
    for code, node in zip(areas.codes, areas.node_of, strict=True):
        if code in inhabitants:
            people_by_leaf[areas.leaves_of[node][0]] = inhabitants[code]
    assert len(leaf_of) >= len(lowest) == areas.leaves, "each leaf has a code"
    return layout, draw.poisson(people_by_leaf[:, None] * _rates(draw)[None, :]).astype(np.int64)


def _rates(draw: np.random.Generator) -> np.ndarray:
    product = 1.0 / np.arange(1, PRODUCTS + 1) ** 1.3
    age = np.array([0.1, 0.15, 0.25, 0.5])
    sex = np.array([0.42, 0.58])
    rates = 0.07 * product[:, None, None] / product.sum() * age[None, :, None] * sex[None, None, :]
    return np.asarray((rates * draw.gamma(4.0, 0.25, rates.shape)).ravel() * 12)

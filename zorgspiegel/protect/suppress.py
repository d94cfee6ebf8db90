"""From primary cells to a mask that holds: elimination, audit, repair, and giving back what is no secret."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.blocks import blocks_of
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.greedy import Rules, derivable_cells, publish_greedily
from zorgspiegel.protect.intervals import needs_of_counts
from zorgspiegel.protect.repair import Outcome, Task, audit_block
from zorgspiegel.protect.trees import Ints
from zorgspiegel.terms.errors import RecoverableError

Bools = npt.NDArray[np.bool_]

AUDIT_VARIABLES = 20_000
"""Elementary cells of a part of the tree that is audited jointly, with all its levels at once."""


@dataclass(frozen=True)
class Steps:
    """Which steps are taken. Only tests leave one out, to see the attack find what it guards against."""

    secondary: bool = True
    audit: bool = True


@dataclass(frozen=True)
class Mask:
    """Which cells are shown (spine nodes x crosses), and the report of how that came about."""

    shown: Bools
    report: dict[str, Any]


def suppress(
    layout: Layout,
    counts: Ints,
    primary: Bools,
    rules: Rules,
    *,
    tasks: Sequence[Task] | None = None,
    steps: Steps = Steps(),
    workers: int = 1,
) -> Mask:
    """Decide which cells are shown.

    tasks: the tables to audit under this mask (counts, amounts); the counts themselves when not given.
    Raises RecoverableError when a cell could still be recovered and nothing more can be hidden.
    """
    if not steps.secondary:
        return Mask(~primary, {})
    shown = publish_greedily(layout, counts, primary, rules, workers=workers)
    outcomes: list[Outcome] = []
    if steps.audit:
        for task in [counts_task(layout, counts, primary, rules)] if tasks is None else tasks:
            shown, found = repaired(task, shown, workers)
            outcomes += found
        known = derivable_cells(layout, counts, shown, rules, workers=workers)
        if leaked := int((known & primary).sum()):
            raise RecoverableError(
                f"{leaked} hidden cells can be derived from what is shown. Nothing was written."
            )
        shown = shown | known
    return Mask(shown, _report(counts, primary, shown, outcomes))


def counts_task(layout: Layout, counts: Ints, primary: Bools, rules: Rules) -> Task:
    """The audit of a table of counts."""
    values = counts.ravel().astype(np.float64)
    return Task(
        layout=layout,
        values=values,
        needs=needs_of_counts(values, primary.ravel()),
        price=values,
        primary=primary.ravel(),
        alone=primary.ravel() & (values == 1) & rules.singletons,
    )


def repaired(task: Task, shown: Bools, workers: int) -> tuple[Bools, list[Outcome]]:
    """The mask with everything hidden that the audit asks for, and what the audit found per block."""
    layout = task.layout
    flat = shown.ravel().copy()
    outcomes: list[Outcome] = []
    blocks = blocks_of(layout.spine, layout.parts, AUDIT_VARIABLES)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for depth in range(max(block.depth for block in blocks) + 1):
            level = [block for block in blocks if block.depth == depth]
            before = flat.copy()
            done = list(pool.map(lambda block, mask=before: audit_block(task, block, mask), level))
            for outcome in done:
                flat[outcome.hidden_more] = False
            outcomes += done
    if left := sum(len(outcome.left) for outcome in outcomes):
        raise RecoverableError(
            f"{left} hidden cells can be pinned down too closely, and hiding more does not help. "
            "Publish fewer totals, or merge classes. Nothing was written."
        )
    return flat.reshape(shown.shape), outcomes


def _report(counts: Ints, primary: Bools, shown: Bools, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    secondary = ~shown & ~primary
    showable = ~primary
    return {
        "cells": int(counts.size),
        "primary": int(primary.sum()),
        "secondary": int(secondary.sum()),
        "shown": int(shown.sum()),
        "secondary_share_of_cells": _share(secondary.sum(), showable.sum()),
        "secondary_share_of_persons": _share(counts[secondary].sum(), counts[showable].sum()),
        "too_narrow_before_repair": sum(o.too_narrow for o in outcomes),
        "hidden_by_repair": sum(len(o.hidden_more) for o in outcomes),
        "tested": sum(o.tested for o in outcomes),
        "settled_by_witness": sum(o.by_witness for o in outcomes),
        "settled_one_by_one": sum(o.one_by_one for o in outcomes),
        "solves": sum(o.solves for o in outcomes),
        "blocks": len(outcomes),
    }


def _share(part: Any, whole: Any) -> float:
    return round(float(part) / float(whole), 6) if whole else 0.0

"""From primary cells to a mask that holds: elimination, audit, repair, and giving back what is no secret."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.blocks import Block, blocks_of
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.earlier import Earlier
from zorgspiegel.protect.greedy import Rules, derivable_cells, publish_greedily
from zorgspiegel.protect.intervals import needs_of_counts
from zorgspiegel.protect.repair import Outcome, Task, audit_block
from zorgspiegel.protect.trees import Ints
from zorgspiegel.terms.errors import RecoverableError

Bools = npt.NDArray[np.bool_]

TRY_UP_TO = 5_000
TRIES = 12
"""Tables of no more cells than this are tried in so many orders."""
AUDIT_VARIABLES = 2_000
"""Elementary cells of a part of the tree that is audited jointly, with all its levels at once."""
AUDIT_CELLS = 100_000
"""Tables of more cells than this get no audit of intervals: with the repair of today it costs minutes per
large gemeente. Their hidden cells cannot be derived, which elimination guarantees; how far each can move is
not tested, and the report says so (decision 0044)."""


@dataclass(frozen=True)
class Steps:
    """Which steps are taken. Only tests leave one out, to see the attack find what it guards against."""

    secondary: bool = True
    audit: bool = True


ALL_STEPS = Steps()


@dataclass(frozen=True)
class Mask:
    """Which cells are shown (spine nodes x crosses), and the report of how that came about.

    old: the cells, among those shown, for which the figure of an earlier release stands.
    """

    shown: Bools
    report: dict[str, Any]
    old: Bools


def suppress(
    layout: Layout,
    counts: Ints,
    primary: Bools,
    rules: Rules,
    *,
    tasks: Sequence[Task] | None = None,
    before: Earlier | None = None,
    steps: Steps = ALL_STEPS,
    workers: int = 1,
) -> Mask:
    """Decide which cells are shown.

    tasks:  the tables to audit under this mask (counts, amounts); the counts themselves when not given.
    before: what earlier releases gave away.
    Raises RecoverableError when a cell could still be recovered and nothing more can be hidden.
    """
    nothing = np.zeros(counts.shape, np.bool_)
    before = before or Earlier(nothing, nothing, counts, nothing, nothing)
    secret = (primary & ~before.shown) | before.hidden
    if not steps.secondary:
        return _mask(counts, primary, ~secret, before, [])
    # First: whoever takes the earlier releases for true of the present one knows all that they showed.
    shown = _best(layout, counts, secret, rules, before.shown, workers)
    if before.close.any():
        # Then: the present figures alone may not betray a correction that is too small.
        shown = publish_greedily(
            layout, counts, secret | before.close, rules, known=before.same, refused=~shown, workers=workers
        )
    outcomes: list[Outcome] = []
    if steps.audit:
        for task in [counts_task(layout, counts, primary, rules)] if tasks is None else tasks:
            held = replace(task, kept=task.own(before.shown.ravel()))
            shown, found = repaired(held, shown, workers)
            outcomes += found
        if any(outcome.hidden_more for outcome in outcomes) or before.shown.any():
            known = _no_secret(layout, counts, secret, shown, before, rules, workers)
            shown = shown | (known & _known_as_count(tasks or (), shown, rules, workers))
    return _mask(counts, primary, shown | before.shown, before, outcomes, shown)


def _known_as_count(tasks: Sequence[Task], shown: Bools, rules: Rules, workers: int) -> Bools:
    """Cells whose count adds nothing to what is shown. Where T is unique persons, the amount of a cell may be
    derivable
    and its count not: showing that count would undo what the audit of the counts hid."""
    known = np.ones(shown.shape, np.bool_).ravel()
    for task in tasks:
        if task.unique and task.main is not None:
            shape = (task.layout.spine.nodes, task.layout.crosses)
            own, counts = task.own(shown.ravel()).reshape(shape), task.values.reshape(shape).astype(np.int64)
            derivable = derivable_cells(task.layout, counts, own, rules, workers=workers).ravel()
            known[task.main[~derivable]] = False
    return known.reshape(shown.shape)


def _best(  # noqa: PLR0917 - as publish_greedily
    layout: Layout, counts: Ints, secret: Bools, rules: Rules, known: Bools, workers: int
) -> Bools:
    """The mask by count; for a small table the best of a few orders: which one is luck, and trying costs
    little."""
    tries = TRIES if counts.size <= TRY_UP_TO else 1
    masks = [
        publish_greedily(layout, counts, secret, replace(rules, shuffle=n), known=known, workers=workers)
        for n in range(tries)
    ]
    mean = max(1.0, float(counts.mean()))
    return min(masks, key=lambda shown: float((1.0 + counts[~shown] / mean).sum()))


def _no_secret(  # noqa: PLR0917 - one call, which names what it hands over
    layout: Layout, counts: Ints, secret: Bools, shown: Bools, before: Earlier, rules: Rules, workers: int
) -> Bools:
    """Cells that can be derived from what is shown. Raises RecoverableError when a secret one is among them,
    now or by whoever puts all releases together."""
    derivable = derivable_cells(layout, counts, shown, rules, workers=workers)
    together = derivable
    if (before.shown & ~shown).any():
        together = derivable_cells(layout, counts, shown | before.shown, rules, workers=workers)
    if leaked := int((derivable & (secret | before.close)).sum()) + int((together & secret).sum()):
        raise RecoverableError(
            f"{leaked} hidden cells can be derived from what is shown. Nothing was written."
        )
    return derivable & ~before.shown


def _mask(  # noqa: PLR0917
    counts: Ints,
    primary: Bools,
    shown: Bools,
    before: Earlier,
    outcomes: Sequence[Outcome],
    new: Bools | None = None,
) -> Mask:
    old = before.shown & ~before.same & ~(shown if new is None else new)
    return Mask(shown, _report(counts, primary, shown, outcomes), old)


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
    whole = len(blocks) == 1

    def audited(block: Block, mask: Bools) -> Outcome:
        return audit_block(task, block, mask, alone_too=whole)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        for depth in range(max(block.depth for block in blocks) + 1):
            level = [block for block in blocks if block.depth == depth]
            before = flat.copy()
            done = list(pool.map(audited, level, repeat(before)))
            for outcome in done:
                flat[outcome.hidden_more] = False
            outcomes += done
    left = sum(len(outcome.left) for outcome in outcomes)
    if left and (task.kept is None or not task.kept.any()):  # else an earlier release gave them away already
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
        "given_away_before": sum(len(o.left) for o in outcomes),
        "solves": sum(o.solves for o in outcomes),
        "blocks": len(outcomes),
    }


def _share(part: Any, whole: Any) -> float:
    return round(float(part) / float(whole), 6) if whole else 0.0

"""The audit of amounts: in units that a solver can bear."""

from __future__ import annotations

import numpy as np

from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.intervals import Bools, Needs
from zorgspiegel.protect.primary import Amounts, protection_levels
from zorgspiegel.protect.repair import Task
from zorgspiegel.protect.trees import Ints
from zorgspiegel.terms.protection import Profile

_GREATEST = 10_000.0
"""Amounts are counted in units of which the largest cell has so many: solvers dislike millions beside
cents."""
_LEAST = 1e-3
"""The least margin around an amount, in those units: below it a solver cannot tell two tables apart."""


def amounts_task(  # noqa: PLR0917 - arrays over the same cells, in the order of the words
    layout: Layout, amounts: Amounts, counts: Ints, primary: Bools, profile: Profile, main: Ints | None = None
) -> Task:
    """Each hidden amount must be able to be larger by its protection level. `amounts` and `counts` are over
    the cells of the layout; `primary` is over the cells that decide the mask, to which `main` leads."""
    cents = amounts.cents.ravel().astype(np.float64)
    levels = protection_levels(amounts, profile).ravel().astype(np.float64)
    unit = max(1.0, np.abs(cents).max(initial=0.0)) / _GREATEST
    is_primary = primary.ravel() if main is None else primary.ravel()[main]
    above = np.where(is_primary, np.maximum(levels / unit, _LEAST), 0.0)
    return Task(
        layout=layout,
        values=cents / unit,
        needs=Needs(above=above, width=np.maximum(above, _LEAST)),
        price=counts.ravel().astype(np.float64),
        primary=is_primary,
        alone=np.zeros(len(cents), np.bool_),
        counts=False,
        main=main,
    )

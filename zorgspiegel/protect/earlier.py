"""What earlier releases of the same table gave away. What was ever shown stays known.

A corrected figure may replace the one that was shown only when the two are the same or differ by as much as a
count must be to be shown: the difference between two releases is a table of counts itself, of the persons
that the correction is about. Otherwise the earlier figure stands. And what an earlier release hid stays
hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zorgspiegel.protect.trees import Ints

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Release:
    """One earlier release, over the cells of the present table. A cell that it did not have is in neither.

    shown, hidden: which cells. counts, values: the counts and amounts as shown; 0 elsewhere.
    """

    shown: Bools
    hidden: Bools
    counts: Ints
    values: tuple[Ints, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """All earlier releases together.

    shown:  cells that were ever shown. hidden: cells that were hidden whenever they were there.
    counts, values: the latest figures that were shown. close: shown cells whose present count differs, but by
                    too
            little.
    same:   shown cells whose present count is the one that was shown.
    """

    shown: Bools
    hidden: Bools
    counts: Ints
    close: Bools
    same: Bools
    values: tuple[Ints, ...] = ()


def earlier(releases: Sequence[Release], displayed: Ints, smallest: int) -> Earlier:
    """Take releases together, the oldest first, next to the present counts as they would be displayed."""
    shown = np.zeros(displayed.shape, np.bool_)
    hidden, counts = shown.copy(), np.zeros_like(displayed)
    values: tuple[Ints, ...] = ()
    for release in releases:
        shown |= release.shown
        hidden |= release.hidden
        counts = np.where(release.shown, release.counts, counts)
        before = values or tuple(np.zeros_like(one) for one in release.values)
        values = tuple(
            np.where(release.shown, new, old) for new, old in zip(release.values, before, strict=True)
        )
    change = np.abs(displayed - counts)
    return Earlier(
        shown=shown,
        hidden=hidden & ~shown,
        counts=counts,
        close=shown & (change > 0) & (change < smallest),
        same=shown & (change == 0),
        values=values,
    )

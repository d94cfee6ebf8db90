"""The intruder at small tables, where every table that agrees with what is shown can be written out."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lib import plain_protect
from tests.lib.small_tables import SmallTable, small_tables
from zorgspiegel.protect.greedy import Rules
from zorgspiegel.protect.suppress import suppress
from zorgspiegel.terms.errors import RecoverableError

BRUTE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def leaks(
    table: SmallTable, shown: np.ndarray, primary: np.ndarray, most: int, known: dict[int, int]
) -> list[int]:
    """Hidden cells that come out too closely, by writing out all tables of whole numbers."""
    flat = table.counts.ravel()
    seen = {cell: int(flat[cell]) for cell in np.flatnonzero(shown.ravel())} | known
    found = plain_protect.ranges(table.vectors, seen, most)
    out = []
    for cell in np.flatnonzero(~shown.ravel()):
        low, high = found[int(cell)]
        if cell in known:
            continue
        # `most` cuts off the tables that are written out: a cell that reaches it may go on.
        short = high < flat[cell] + 1 and primary.ravel()[cell]
        if short or high - low < 2:
            out.append(int(cell))
    return out


@BRUTE
@given(small_tables(most_cells=6, most_count=12), st.integers(2, 6), st.booleans())
def test_every_hidden_cell_keeps_its_width(table, smallest, zeros_shown):
    primary = (table.counts < smallest) & ((table.counts > 0) | (not zeros_shown))
    try:
        mask = suppress(table.layout, table.counts, primary, Rules(smallest, zeros_shown=zeros_shown))
    except RecoverableError:
        assert False, "hiding everything is always safe"
    most = int(table.counts.max()) + 3
    assert not leaks(table, mask.shown, primary, most, {})

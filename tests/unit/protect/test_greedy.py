"""The elimination, next to dense elimination over fractions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib import plain_protect
from tests.lib.small_tables import SmallTable, small_tables
from zorgspiegel.protect.greedy import Rules, publish_greedily

PLAIN = {"thin": False, "singletons": False, "levels_first": False}


def hidden_and_shown(table: SmallTable, rules: Rules, primary: np.ndarray) -> tuple[list[int], list[int]]:
    shown = publish_greedily(table.layout, table.counts, primary, rules).ravel()
    return list(np.flatnonzero(~shown)), list(np.flatnonzero(shown))


@settings(max_examples=120, deadline=None)
@given(small_tables(), st.integers(2, 10))
def test_publishes_exactly_what_the_plain_twin_publishes(table, smallest):
    primary = table.counts < smallest
    _, shown = hidden_and_shown(table, Rules(smallest, **PLAIN), primary)
    wide = {cell: sum(vector) for cell, vector in table.vectors.items()}
    flat = table.counts.ravel()
    order = sorted(np.flatnonzero(~primary.ravel()), key=lambda cell: (-flat[cell], -wide[cell], cell))
    twin = plain_protect.publish(order, table.vectors, np.flatnonzero(primary.ravel()))
    assert set(shown) == twin


@settings(max_examples=120, deadline=None)
@given(small_tables(most_cells=20), st.integers(2, 10), st.booleans(), st.sampled_from([1, 4, 60_000]))
def test_no_hidden_cell_is_derivable_also_when_cut_into_blocks(table, smallest, zeros_shown, most):
    primary = table.counts < smallest
    if zeros_shown:
        primary &= table.counts > 0
    hidden, shown = hidden_and_shown(
        table, Rules(smallest, zeros_shown=zeros_shown, most_variables=most), primary
    )
    known = [table.vectors[cell] for cell in shown]
    if zeros_shown:  # whatever lies in a zero is known to be zero
        for cell in np.flatnonzero(table.counts.ravel() == 0):
            at = [i for i, x in enumerate(table.vectors[cell]) if x]
            known += [tuple(int(i == j) for i in range(table.elementary)) for j in at]
    basis = plain_protect.basis_of(known)
    recovered = [cell for cell in hidden if not any(plain_protect.reduce(table.vectors[cell], basis))]
    assert not recovered
    assert not set(np.flatnonzero(primary.ravel())) & set(shown)


@settings(max_examples=60, deadline=None)
@given(small_tables(most_cells=20), st.integers(2, 10))
def test_a_lone_contributor_cannot_derive_the_cell_of_another(table, smallest):
    primary = table.counts < smallest
    _, shown = hidden_and_shown(table, Rules(smallest), primary)
    basis = plain_protect.basis_of(table.vectors[cell] for cell in shown)
    flat = table.counts.ravel()
    for alone in np.flatnonzero(primary.ravel() & (flat == 1)):
        with_own = plain_protect.basis_of([*basis, table.vectors[alone]])
        for other in np.flatnonzero(primary.ravel() & (flat != 1)):
            inside = all(b <= a for a, b in zip(table.vectors[alone], table.vectors[other], strict=True))
            if not inside and any(plain_protect.reduce(table.vectors[other], basis)):
                assert any(plain_protect.reduce(table.vectors[other], with_own))


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_number_of_workers_changes_nothing(workers):
    from tests.lib.small_tables import of
    from zorgspiegel.protect.cube import Layout
    from zorgspiegel.protect.trees import dimension, flat

    draw = np.random.default_rng(5)
    links = [(f"w{w}b{b}", f"w{w}") for w in range(12) for b in range(6)] + [
        (f"w{w}", f"g{w % 3}") for w in range(12)
    ]
    links += [(f"g{g}", "land") for g in range(3)]
    layout = Layout(
        (dimension("gebied", {"": links}), flat("leeftijd", "abcd", "T"), flat("geslacht", "MV", "T"))
    )
    table = of(layout, draw.poisson(draw.gamma(0.4, 12, (72, 8))))
    rules = Rules(10, most_variables=60)
    one = publish_greedily(layout, table.counts, table.counts < 10, rules)
    assert (publish_greedily(layout, table.counts, table.counts < 10, rules, workers=workers) == one).all()

"""The intruder at small tables, where every table that agrees with what is shown can be written out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lib import plain_protect
from tests.lib.small_tables import SmallTable, of, small_tables
from zorgspiegel.protect.cube import Layout
from zorgspiegel.protect.earlier import Release, earlier
from zorgspiegel.protect.greedy import Rules
from zorgspiegel.protect.suppress import Steps, suppress
from zorgspiegel.protect.trees import flat

BRUTE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
NOTHING: Mapping[int, int] = {}


def leaks(
    table: SmallTable, shown: np.ndarray, primary: np.ndarray, known: Mapping[int, int] = NOTHING
) -> list[int]:
    """Hidden cells that come out too closely, by writing out all tables of whole numbers.

    `known` are hidden cells that this intruder knows all the same, with all that lies inside them.
    """
    flat_counts, flat_primary = table.counts.ravel(), primary.ravel()
    seen = {cell: int(flat_counts[cell]) for cell in np.flatnonzero(shown.ravel())} | known
    found = plain_protect.ranges(table.vectors, seen, int(table.counts.max()) + 3)
    inside = np.zeros(table.elementary, bool)
    for cell in known:
        inside |= np.array(table.vectors[cell], bool)
    out = []
    for cell in np.flatnonzero(~shown.ravel()):
        low, high = found[int(cell)]
        if not known or (flat_primary[cell] and (np.array(table.vectors[cell], bool) & ~inside).any()):
            short = flat_primary[cell] and high < flat_counts[cell] + 1
            if short or high - low < 2:
                out.append(int(cell))
    return out


def lone_contributors(table: SmallTable, shown: np.ndarray) -> list[dict[int, int]]:
    """For each person who is alone in a hidden cell: all hidden cells where he is alone."""
    flat_counts, hidden = table.counts.ravel(), ~shown.ravel()
    by_person: dict[int, dict[int, int]] = {}
    elementary = next_elementary(table)
    for cell in np.flatnonzero(hidden & (flat_counts == 1)):
        person = next(i for i, x in enumerate(table.vectors[int(cell)]) if x and elementary[i])
        by_person.setdefault(person, {})[int(cell)] = 1
    return list(by_person.values())


def next_elementary(table: SmallTable) -> list[int]:
    """The elementary cells' own counts, in the order of the vectors."""
    own = {vector.index(1): cell for cell, vector in table.vectors.items() if sum(vector) == 1}
    return [int(table.counts.ravel()[own[i]]) for i in range(table.elementary)]


@BRUTE
@given(small_tables(most_cells=6, most_count=12), st.integers(2, 6), st.booleans())
def test_every_hidden_cell_keeps_its_width(table, smallest, zeros_shown):
    primary = (table.counts < smallest) & ((table.counts > 0) | (not zeros_shown))
    mask = suppress(table.layout, table.counts, primary, Rules(smallest, zeros_shown=zeros_shown))
    assert not leaks(table, mask.shown, primary)
    assert not (mask.shown & primary).any()


@BRUTE
@given(small_tables(most_cells=6, most_count=8), st.integers(2, 6))
def test_also_for_one_who_knows_his_own_cells(table, smallest):
    primary = table.counts < smallest
    mask = suppress(table.layout, table.counts, primary, Rules(smallest))
    for known in lone_contributors(table, mask.shown):
        assert not leaks(table, mask.shown, primary, known)


@BRUTE
@given(small_tables(most_cells=6, most_count=10), st.integers(3, 6), st.data())
def test_two_releases_of_the_same_persons_give_no_more_than_one(table, smallest, data):
    """The first release was made with a greater smallest count shown, so that its pattern is another one."""
    first_smallest = data.draw(st.integers(smallest, smallest + 3))
    first_primary = table.counts < first_smallest
    first = suppress(table.layout, table.counts, first_primary, Rules(first_smallest))
    release = Release(first.shown, ~first.shown, np.where(first.shown, table.counts, 0))
    before = earlier([release], table.counts, smallest)
    primary = table.counts < smallest
    second = suppress(table.layout, table.counts, primary, Rules(smallest), before=before)
    still_secret = primary & ~first.shown
    together = first.shown | second.shown
    assert not set(leaks(table, together, still_secret)) & set(np.flatnonzero(still_secret.ravel()))


# Each control switched off lets the intruder in, on a table where it is the one that holds.

ROW = Layout((flat("a", ["a0", "a1", "a2"], "T"),))


def row(*counts: int) -> SmallTable:
    return of(ROW, np.array(counts).reshape(-1, 1))


def masked(table: SmallTable, smallest: int, *, steps: Steps | None = None, **rules: bool) -> list[int]:
    primary = table.counts < smallest
    mask = suppress(table.layout, table.counts, primary, Rules(smallest, **rules), steps=steps or Steps())
    return leaks(table, mask.shown, primary)


def test_without_the_secondary_step_a_lone_hidden_cell_comes_out():
    assert masked(row(2, 8, 9), 4, steps=Steps(secondary=False))
    assert not masked(row(2, 8, 9), 4)


def test_without_thin_remainders_hidden_zeros_come_out():
    no_audit = Steps(audit=False)
    assert masked(row(0, 0, 9), 4, steps=no_audit, thin=False)
    assert not masked(row(0, 0, 9), 4, steps=no_audit)


def test_without_the_singleton_rule_a_lone_contributor_subtracts_himself():
    table = row(1, 3, 9)
    primary, no_audit = table.counts < 4, Steps(audit=False)
    for on in (True, False):
        mask = suppress(table.layout, table.counts, primary, Rules(4, singletons=on), steps=no_audit)
        found = [leaks(table, mask.shown, primary, known) for known in lone_contributors(table, mask.shown)]
        assert any(found) is not on


def test_without_the_joint_audit_a_narrow_cell_stays_narrow():
    """Linear algebra calls it safe, and each equation alone leaves room; all equations together do not."""
    layout = Layout((flat("a", ["a0", "a1", "a2"], "T"), flat("b", ["b0", "b1", "b2"], "T")))
    narrow = 0
    for seed in range(10):
        counts = np.random.default_rng(seed).choice(
            [0, 1, 2, 3, 5, 6], (3, 3), p=[0.3, 0.2, 0.1, 0.1, 0.2, 0.1]
        )
        table = of(layout, counts)
        narrow += bool(masked(table, 3, steps=Steps(audit=False)))
        assert not masked(table, 3)
    assert narrow > 0


def test_without_the_previous_release_two_patterns_give_a_cell_away():
    table = row(2, 6, 7)
    primary = table.counts < 4
    first = suppress(table.layout, table.counts, primary, Rules(4)).shown
    other = first.copy()
    swapped = [cell for cell in np.flatnonzero(~primary.ravel()) if cell != 0]
    other.ravel()[swapped] = ~first.ravel()[swapped]
    assert not leaks(table, first, primary)
    assert not leaks(table, other, primary)
    assert leaks(table, first | other, primary), "two safe patterns, unsafe together"
    release = Release(other, ~other, np.where(other, table.counts, 0))
    with_it = suppress(
        table.layout, table.counts, primary, Rules(4), before=earlier([release], table.counts, 4)
    )
    assert not set(leaks(table, with_it.shown | other, primary)) & set(np.flatnonzero(primary.ravel()))


def test_a_correction_that_is_too_small_leaves_the_earlier_figure():
    now = row(12, 31, 40)
    primary = now.counts < 10
    was = row(12, 28, 40)
    release = Release(np.ones(4, bool).reshape(4, 1), np.zeros((4, 1), bool), was.counts)
    before = earlier([release], now.counts, 10)
    mask = suppress(now.layout, now.counts, primary, Rules(10), before=before)
    assert mask.old[now.counts == 31].all()
    assert mask.old[now.counts == 83].all(), "the total would give the difference away"
    assert mask.shown.all()


def test_a_correction_that_is_large_enough_is_shown():
    now, was = row(12, 48, 40), row(12, 28, 40)
    release = Release(np.ones((4, 1), bool), np.zeros((4, 1), bool), was.counts)
    before = earlier([release], now.counts, 10)
    mask = suppress(now.layout, now.counts, now.counts < 10, Rules(10), before=before)
    assert not mask.old.any()
    assert mask.shown.all()

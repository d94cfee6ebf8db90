"""Derived figures say no more than the figures that they come from."""

from __future__ import annotations

import statistics
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zorgspiegel.publish.derive import Figure, deciles, figure, mean, per_1000, percentage, total
from zorgspiegel.terms.statuses import CellStatus

HIDDEN, UNKNOWN = figure(None, "geheim"), figure(None, "onbekend")
NONE_SUCH = figure(None, "niet_van_toepassing")


@pytest.mark.parametrize(
    ("made", "value", "status"),
    [
        (per_1000(figure(25), figure(1000)), "25.0", "getoond"),
        (per_1000(figure(0), figure(1000)), "0.0", "getoond"),
        (per_1000(figure(1), figure(16_000), decimals=2), "0.06", "getoond"),
        (per_1000(figure(10), figure(0)), None, "niet_van_toepassing"),
        (per_1000(HIDDEN, figure(1000)), None, "geheim"),
        (per_1000(figure(10), UNKNOWN), None, "onbekend"),
        (per_1000(UNKNOWN, HIDDEN), None, "geheim"),
        (percentage(figure(10), figure(20)), "50", "getoond"),
        (percentage(figure(10), figure(19)), None, "onbekend"),
        (percentage(figure(0), figure(0)), None, "niet_van_toepassing"),
        (percentage(figure(1), figure(40), decimals=1), "2.5", "getoond"),
        (percentage(figure(1), figure(200), decimals=0), "1", "getoond"),
        (percentage(figure(5), figure(200), decimals=0), "3", "getoond"),
        (mean(figure(Decimal("100.05")), figure(10)), "10.01", "getoond"),
        (mean(figure(Decimal("-5.00")), figure(2)), "-2.50", "getoond"),
        (mean(figure(Decimal("5.00")), HIDDEN), None, "geheim"),
        (total([figure(1), figure(2)]), "3", "getoond"),
        (total([figure(1), HIDDEN, UNKNOWN]), None, "geheim"),
        (total([figure(1), NONE_SUCH, UNKNOWN]), None, "onbekend"),
        (total([]), "0", "getoond"),
        (figure(None, "getoond"), None, "onbekend"),
        (figure(7, "geheim"), None, "geheim"),
    ],
)
def test_a_derived_figure(made, value, status):
    assert made == Figure(None if value is None else Decimal(value), CellStatus(status))


def test_a_figure_never_has_both_a_number_and_a_reason():
    with pytest.raises(AssertionError):
        Figure(Decimal(1), CellStatus.GEHEIM)
    with pytest.raises(AssertionError):
        Figure(None, CellStatus.GETOOND)


counts = st.one_of(
    st.integers(0, 10**7).map(figure),
    st.sampled_from([HIDDEN, UNKNOWN, NONE_SUCH]),
)


@given(part=counts, whole=counts)
def test_nothing_is_shown_when_any_part_is_hidden(part, whole):
    for made in (per_1000(part, whole), percentage(part, whole), mean(part, whole), total([part, whole])):
        if HIDDEN in {part, whole}:
            assert made == HIDDEN
        elif made.value is not None:
            assert None not in {part.value, whole.value}


@given(count=st.integers(0, 10**9), inhabitants=st.integers(1, 10**8), decimals=st.integers(0, 4))
def test_half_is_always_rounded_up(count, inhabitants, decimals):
    exact = Fraction(count * 1000, inhabitants)
    shown = Fraction(per_1000(figure(count), figure(inhabitants), decimals=decimals).value)
    unit = Fraction(1, 10**decimals)
    assert shown - unit / 2 <= exact < shown + unit / 2


@given(st.lists(st.integers(0, 10**6), min_size=20, max_size=80))
def test_deciles_are_those_of_the_textbook(values):
    shown = [figure(value) for value in values]
    exact = statistics.quantiles([Fraction(value) for value in values], n=10, method="inclusive")
    found = [point.value for point in deciles([HIDDEN, *shown, UNKNOWN], decimals=6)]
    assert [Fraction(point) for point in found] == exact


def test_deciles_of_few_areas_are_not_shown():
    assert set(deciles([figure(value) for value in range(19)])) == {UNKNOWN}
    assert UNKNOWN not in set(deciles([figure(value) for value in range(20)]))

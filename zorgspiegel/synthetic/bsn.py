"""Citizen service numbers that belong to nobody: the test range 999900006 to 999999990, elfproef and all."""

from __future__ import annotations

import functools

import numpy as np

from zorgspiegel.synthetic.people import Counts

UNKNOWN = "999999999"
"""What a gemeente writes when it does not know the number; birth date, sex and postcode go with it."""

FIRST, LAST = 999_900_006, 999_999_990


@functools.cache
def invented() -> Counts:
    """All numbers of the range that pass the elfproef, ascending."""
    numbers = np.arange(FIRST, LAST + 1)
    weights = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])
    digits = numbers[:, None] // 10 ** np.arange(8, -1, -1) % 10
    return numbers[(digits @ weights) % 11 == 0]

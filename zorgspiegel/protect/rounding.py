"""Rounding of what is shown: half up, always. Python's round() and NumPy's go to the even neighbour
instead."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def half_up(numbers: Ints, base: int) -> Ints:
    """The nearest multiple of `base` of each number; a half goes up. 12 to 10, 13 to 15 at base 5."""
    return base * ((numbers + base // 2) // base) if base > 1 else numbers

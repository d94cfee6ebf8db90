"""Arithmetic in the prime field of 2^31 - 1: exact, no rounding trouble, and a product fits in 64 bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

PRIME = 2_147_483_647


def kernel(function: F) -> F:
    """Compile a numeric kernel. The machine code is kept on disk where a folder for it can be written; where
    none can (a read-only installation without a home), it is compiled again in each process."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return numba.njit(nogil=True)(function)


@kernel
def inverse(number: int) -> int:
    """The number that gives 1 when multiplied with this one (which may not be 0)."""
    result, base, exponent = 1, number % PRIME, PRIME - 2
    while exponent > 0:
        if exponent & 1:
            result = result * base % PRIME
        base = base * base % PRIME
        exponent >>= 1
    return result


@kernel
def mixed(seed: Any) -> Any:
    """One step of splitmix64: a well-mixed 64-bit number out of any 64-bit number."""
    z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def random_elements(seed: int, count: int) -> Any:
    """`count` elements of the field, drawn evenly enough (2^64 is no multiple of the prime; the bias is
    10^-9)."""
    drawn = np.empty(count, np.int64)
    state: Any = np.uint64(seed)
    for i in range(count):
        state = mixed(state + np.uint64(i))
        drawn[i] = np.int64(state % np.uint64(PRIME))
    return drawn

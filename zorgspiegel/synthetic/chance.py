"""Chance that can be repeated: the same seed and names give the same numbers."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *names: object) -> np.random.Generator:
    """A random generator of its own for each thing that is drawn.

    A gemeente draws the same numbers whatever other gemeenten are made along with it, and in whatever order.
    NumPy may change its distributions from one version to the next; the pins keep the bytes the same.
    """
    text = "\x1f".join(map(str, (seed, *names)))
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")))

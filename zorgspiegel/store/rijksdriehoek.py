"""Longitude and latitude (WGS84) to metres of the Rijksdriehoek, the Dutch map grid.

The approximation of F. H. Schreutelkamp and G. L. Strang van Hees, "Benaderingsformules voor de
transformatie tussen RD- en WGS84-kaartcoördinaten" (2001): off by 25 centimetres at most, anywhere in the
Netherlands. Our borders are in whole metres, of maps that were generalised by tens of metres.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_EAST = {
    (0, 1): 190094.945,
    (1, 1): -11832.228,
    (2, 1): -114.221,
    (0, 3): -32.391,
    (1, 0): -0.705,
    (3, 1): -2.340,
    (1, 3): -0.608,
    (0, 2): -0.008,
    (2, 3): 0.148,
}
_NORTH = {
    (1, 0): 309056.544,
    (0, 2): 3638.893,
    (2, 0): 73.077,
    (1, 2): -157.984,
    (3, 0): 59.788,
    (0, 1): 0.433,
    (2, 2): -6.439,
    (1, 1): -0.032,
    (0, 4): 0.092,
    (1, 4): -0.054,
}
_ORIGIN = (5.38720621, 52.15517440)  # Onze Lieve Vrouwetoren, Amersfoort
_ORIGIN_M = (155000.0, 463000.0)


def to_rijksdriehoek(points: Any) -> Any:
    """Rows of (longitude, latitude) to rows of (metres east, metres north)."""
    points = np.asarray(points, dtype=float)
    east, north = 0.36 * (points[:, 0] - _ORIGIN[0]), 0.36 * (points[:, 1] - _ORIGIN[1])
    x = sum(factor * north**p * east**q for (p, q), factor in _EAST.items())
    y = sum(factor * north**p * east**q for (p, q), factor in _NORTH.items())
    return np.column_stack([_ORIGIN_M[0] + x, _ORIGIN_M[1] + y])

"""Borders for a map: simplified for the size at which they are drawn; neighbours keep sharing a line."""

from __future__ import annotations

import functools
import json
from typing import Any

import shapely

from zorgspiegel.portal.figures.parts import WIDTH
from zorgspiegel.portal.releases import Shown


@functools.lru_cache(maxsize=64)
def shapes(shown: Shown, level: str, year: int, codes: frozenset[str]) -> dict[str, Any]:
    """GeoJSON geometry by gebiedscode, in metres, for these areas; an area without a border is left out.

    A detail smaller than a point on the screen is dropped, for all areas together: apart, gaps would show.
    """
    table = shown.borders(level, year)
    pairs = zip(table["gebiedscode"].to_pylist(), table["geometrie"].to_pylist(), strict=True)
    wanted = {code: text for code, text in pairs if code in codes}
    if not wanted:
        return {}
    geometries = shapely.from_geojson(list(wanted.values()))
    left, below, right, above = shapely.total_bounds(geometries)
    point = max(right - left, above - below) / WIDTH
    simple = shapely.coverage_simplify(geometries, tolerance=point * 1.5)
    whole = shapely.set_precision(simple, grid_size=max(1.0, round(point / 4)), mode="pointwise")
    return {
        code: json.loads(shapely.to_geojson(shapely.orient_polygons(shape, exterior_cw=True)))
        for code, shape in zip(wanted, whole, strict=True)
        if not shape.is_empty
    }

"""Opens GeoJSON and TopoJSON as all-text tables, with borders in metres of the Rijksdriehoek, simplified.

The borders of one file are simplified together, so that neighbours keep one line between them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import shapely

from zorgspiegel.store.query import from_arrow
from zorgspiegel.store.rijksdriehoek import to_rijksdriehoek
from zorgspiegel.terms.errors import SourceError

GEOMETRY = "geometrie"

SIMPLIFY_M = {"PV": 250, "GM": 250, "WK": 60, "BU": 30}
"""Metres. A map of the country is some 600 pixels high, so 250 m is half a pixel; wijken are looked at per
gemeente, where a pixel is about 30 m."""


def open_features(con: Any, path: Path, *, plain: Path, name: str) -> ir.Table:
    """One row per feature: its properties as text, `geometrie` (GeoJSON text in whole metres), `rijnummer`.

    plain: the file unpacked. Raises SourceError when it is no GeoJSON or TopoJSON with areas.
    """
    properties, shapes = features(plain, path)
    names = sorted({key for one in properties for key in one})
    if GEOMETRY in names or "rijnummer" in names:
        raise SourceError(f"{path.name}: a property may not be called {GEOMETRY} or rijnummer. Rename it.")
    columns: dict[str, Any] = {"rijnummer": pa.array(range(1, len(properties) + 1), pa.int64())}
    for key in names:
        columns[key] = pa.array([_text(one.get(key)) for one in properties], pa.string())
    columns[GEOMETRY] = pa.array(simplified(shapes, tolerance(properties)), pa.string())
    return from_arrow(con, name, pa.table(columns))


def features(plain: Path, path: Path) -> tuple[list[dict[str, Any]], list[shapely.Geometry | None]]:
    """Properties and shapes (Rijksdriehoek, not simplified) of every feature. Raises SourceError."""
    try:
        document = json.loads(plain.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"{path.name}: this is not whole JSON. Download it again.") from error
    kind = document.get("type") if isinstance(document, dict) else None
    try:
        if kind == "FeatureCollection":
            found = [(f.get("properties") or {}, f.get("geometry")) for f in document["features"]]
        elif kind == "Topology":
            found = list(_of_topology(document))
        else:
            raise SourceError(
                f"{path.name}: this JSON is no GeoJSON FeatureCollection and no TopoJSON Topology. Take the "
                "map as GeoJSON in WGS84 (EPSG:4326)."
            )
        shapes = [_shape(geometry) for _, geometry in found]
    except (KeyError, TypeError, IndexError, ValueError, shapely.errors.ShapelyError) as error:
        raise SourceError(f"{path.name}: the features in it are damaged. Download it again.") from error
    if not found:
        raise SourceError(f"{path.name}: there is not one feature in it. Download it again.")
    return [properties for properties, _ in found], [_planar(shape, path) for shape in shapes]


def _of_topology(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    arcs = _absolute_arcs(document)
    for layer in document["objects"].values():
        for geometry in layer.get("geometries", [layer]):
            yield {"id": geometry.get("id"), **(geometry.get("properties") or {})}, _untangle(geometry, arcs)


def _absolute_arcs(document: dict[str, Any]) -> list[np.ndarray]:
    transform = document.get("transform")
    arcs = [np.asarray(arc, dtype=float)[:, :2] for arc in document["arcs"]]
    if not transform:
        return arcs
    scale, shift = np.asarray(transform["scale"]), np.asarray(transform["translate"])
    return [arc.cumsum(axis=0) * scale + shift for arc in arcs]


def _untangle(geometry: dict[str, Any], arcs: list[np.ndarray]) -> dict[str, Any] | None:
    def ring(numbers: list[int]) -> list[list[float]]:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        # The last point of an arc is the first of the next.
        joined = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
        return joined.tolist()

    kind = geometry.get("type")
    if kind == "Polygon":
        return {"type": kind, "coordinates": [ring(one) for one in geometry["arcs"]]}
    if kind == "MultiPolygon":
        return {"type": kind, "coordinates": [[ring(one) for one in part] for part in geometry["arcs"]]}
    return None


def _shape(geometry: dict[str, Any] | None) -> shapely.Geometry | None:
    if not geometry or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return None
    many = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = [[ring for ring in part if len(ring) >= 4] for part in many]
    return shapely.MultiPolygon([(part[0], part[1:]) for part in rings if part])


def _planar(shape: shapely.Geometry | None, path: Path) -> shapely.Geometry | None:
    """In metres of the Rijksdriehoek. Coordinates that are metres already stay as they are."""
    if shape is None or shape.is_empty:
        return None
    points = shapely.get_coordinates(shape)
    if (np.abs(points) > 1000).any():
        planar = shape
    elif ((points[:, 0] > 2) & (points[:, 0] < 8) & (points[:, 1] > 50) & (points[:, 1] < 54.5)).all():
        planar = shapely.transform(shape, to_rijksdriehoek)
    else:
        raise SourceError(
            f"{path.name}: there are coordinates that are not in the Netherlands. Take the map in WGS84 "
            "(longitude first) or in the Rijksdriehoek (EPSG:28992)."
        )
    mended = shapely.make_valid(planar, method="structure", keep_collapsed=False)
    return None if mended.is_empty else mended


def simplified(shapes: list[shapely.Geometry | None], metres: int) -> list[str | None]:
    """Every shape as GeoJSON text with less detail; None where there is none, or nothing is left of it."""
    there = [shape for shape in shapes if shape is not None]
    simple = iter(shapely.coverage_simplify(np.asarray(there, dtype=object), metres))
    return [None if shape is None else geojson(next(simple)) for shape in shapes]


def geojson(shape: shapely.Geometry) -> str | None:
    """The shape as GeoJSON text in whole metres, without rings that became nothing; None if none is left."""
    polygons = []
    for polygon in getattr(shape, "geoms", [shape]):
        if polygon.geom_type != "Polygon":
            continue
        rings = [_whole_metres(ring) for ring in (polygon.exterior, *polygon.interiors)]
        if len(rings[0]) >= 4:
            polygons.append([ring for ring in rings if len(ring) >= 4])
    if not polygons:
        return None
    return json.dumps({"type": "MultiPolygon", "coordinates": polygons}, separators=(",", ":"))


def _whole_metres(ring: shapely.LinearRing) -> list[list[int]]:
    points = np.rint(np.asarray(ring.coords)[:, :2]).astype(int)
    moved = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
    return points[moved].tolist()


def tolerance(properties: Iterable[dict[str, Any]]) -> int:
    """How much detail areas of this level need, told by the first code that is found."""
    for one in properties:
        for value in one.values():
            if isinstance(value, str) and (found := re.match(r"(PV|GM|WK|BU)\d{2}", value)):
                return SIMPLIFY_M[found[1]]
    return min(SIMPLIFY_M.values())


def _text(value: Any) -> str:
    """A property as text: as JSON writes it, without quotes; null becomes empty."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)

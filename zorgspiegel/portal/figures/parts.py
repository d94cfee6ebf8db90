"""What all specifications share: sizes, links on marks, axes with Dutch numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zorgspiegel.portal.figure import Row
from zorgspiegel.portal.numbers import Answer

Spec = dict[str, Any]
Shapes = Mapping[str, Any]
"""gebiedscode -> GeoJSON geometry in metres."""

WIDTH = 380
"""Points. Drawings are scaled to the page; this keeps letters readable on a telephone and calm on a desk."""

BASE = "https://figuur.invalid"
"""Stands before every link while drawing: the engine would put a strange address before a relative one."""

LINK: Spec = {
    "href": {"field": "adres", "type": "nominal"},
    "description": {"field": "zegt", "type": "nominal"},
}
"""Marks with this encoding become links with a label."""


def link(row: Row, said: str) -> Spec:
    """The two values that LINK reads: where the mark of a row leads to, and what it says."""
    return {"adres": f"{BASE}{row.href}", "zegt": said}


def order(values: list[Spec]) -> Spec:
    """The rows in the order of the data: with several layers the engine would sort them by name."""
    return {"domain": list(dict.fromkeys(value["key"] for value in values))}


def number_axis(field: str, *, tick_count: int = 4) -> Spec:
    """An axis from zero with Dutch numbers."""
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": None, "labelExpr": label("datum.value"), "tickCount": tick_count},
    }


def label(value: str) -> str:
    """A Vega expression that writes an axis number in Dutch; millions and thousands of millions in words."""
    return (
        f"{value} >= 1e9 ? format({value}/1e9, ',.3~g') + ' mld' : "
        f"{value} >= 1e6 ? format({value}/1e6, ',.3~g') + ' mln' : format({value}, ',.6~g')"
    )


def as_float(answer: Answer) -> float | None:
    """The value for the engine; None when there is none."""
    return None if answer.value is None else float(answer.value)

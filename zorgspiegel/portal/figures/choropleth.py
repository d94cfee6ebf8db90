"""The map: areas in five classes of about equal numbers of areas, hatched where hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zorgspiegel.portal.figure import FigureData
from zorgspiegel.portal.figures import theme
from zorgspiegel.portal.figures.parts import LINK, WIDTH, Shapes, Spec, link
from zorgspiegel.portal.numbers import Answer, dutch
from zorgspiegel.terms.statuses import CellStatus

LEGEND_ROW = 19
LEGEND_FITS = 22
"""Characters of a label with which two columns of a legend still fit beside each other."""


def map_spec(figure: FigureData, shapes: Shapes) -> Spec:
    """The specification of a map; an area without a shape is left out."""
    classes = Classes(figure)
    features = [
        {
            "type": "Feature",
            "geometry": shapes[row.key],
            "klasse": classes.of(row.answers[0]),
            "eigen": row.is_own,
            **link(row, f"{row.labels[0]}: {figure.text(row.answers[0])}"),
        }
        for row in figure.rows
        if row.key in shapes
    ]
    used = {feature["klasse"] for feature in features}
    legend = [(name, colour) for name, colour in classes.legend if name in used]
    columns = 2 if max((len(name) for name, _ in legend), default=0) <= LEGEND_FITS else 1
    projection = {"type": "identity", "reflectY": True}
    return {
        "height": round(WIDTH * _height_per_width(shapes)) + LEGEND_ROW * -(-len(legend) // columns),
        "projection": projection,
        "data": {"values": features},
        "layer": [
            {
                "mark": {
                    "type": "geoshape",
                    "stroke": theme.BORDER,
                    "strokeWidth": 0.6,
                    "strokeJoin": "round",
                },
                "encoding": {
                    "color": {
                        "field": "klasse",
                        "type": "nominal",
                        "sort": None,
                        "scale": {
                            "domain": [name for name, _ in legend],
                            "range": [colour for _, colour in legend],
                        },
                        "legend": {
                            "title": None,
                            "orient": "bottom",
                            "columns": columns,
                            "symbolType": "square",
                            "symbolStrokeWidth": 0.8,
                            "symbolStrokeColor": theme.BORDER,
                        },
                    },
                    **LINK,
                },
            },
            {
                "mark": {"type": "geoshape", "fill": None, "stroke": theme.REGION, "strokeWidth": 3},
                "transform": [{"filter": "datum.eigen"}],
            },
        ],
    }


def _height_per_width(shapes: Shapes) -> float:
    """How tall the map is for its width, between a third and one and a half."""
    points = [point for shape in shapes.values() for point in _points(shape["coordinates"])]
    if not points:
        return 1.0
    wide, tall = (max(p[axis] for p in points) - min(p[axis] for p in points) for axis in (0, 1))
    return min(1.5, max(0.35, tall / wide)) if wide else 1.0


def _points(coordinates: Any) -> Iterator[Any]:
    if isinstance(coordinates[0], int | float):
        yield coordinates
    else:
        for part in coordinates:
            yield from _points(part)


class Classes:
    """Up to five classes with about as many areas in each; borders are values that really occur."""

    def __init__(self, figure: FigureData) -> None:
        values = sorted({a.value for row in figure.rows for a in row.answers[:1] if a.value is not None})
        everyone = sorted(a.value for row in figure.rows for a in row.answers[:1] if a.value is not None)
        count = min(len(theme.RAMP), len(values))
        starts = sorted({everyone[len(everyone) * n // count] for n in range(count)}) if count else []
        colours = theme.RAMP if len(starts) == len(theme.RAMP) else theme.RAMP[-len(starts) :]
        decimals = figure.unit.decimals
        self._classes: list[tuple[Any, str, str]] = []
        for index, start in enumerate(starts):
            inside = [v for v in values if v >= start and (index + 1 == len(starts) or v < starts[index + 1])]
            low, high = dutch(inside[0], decimals), dutch(inside[-1], decimals)
            name = low if low == high else f"{low} tot en met {high}"
            self._classes.append(
                (start, f"€\N{NO-BREAK SPACE}{name}" if figure.unit.is_euro else name, colours[index])
            )

    def of(self, answer: Answer) -> str:
        """The class in which an answer falls, in words."""
        if answer.value is None:
            return "geheim" if answer.status is CellStatus.GEHEIM else "geen cijfer"
        return next(name for start, name, _ in reversed(self._classes) if answer.value >= start)

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Words and colour of each class, and of the two answers that are no number."""
        no_number = [("geheim", theme.HIDDEN_FILL), ("geen cijfer", theme.UNKNOWN_FILL)]
        return [(name, colour) for _, name, colour in self._classes] + no_number

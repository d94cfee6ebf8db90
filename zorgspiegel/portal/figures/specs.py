"""One Vega-Lite specification per figure: plain dictionaries, built from the figure's own table.

Every mark that can be looked at carries `href` and `description`; they become a link with a label, so the
keyboard reaches it and a screen reader says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zorgspiegel.portal.figure import FigureData, Row
from zorgspiegel.portal.figures import theme
from zorgspiegel.portal.numbers import Answer
from zorgspiegel.portal.numbers import dutch as dutch_number
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.topics import FigureKind

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH = 380
ROW_HEIGHT = 40
LEGEND_ROW = 19
LEGEND_FITS = 22
"""Characters of a label with which two columns of a legend still fit beside each other."""
BASE = "https://figuur.invalid"
"""Stands before every link while drawing: the engine would put a strange address before a relative one."""

Spec = dict[str, Any]
Shapes = Mapping[str, Any]
"""gebiedscode -> GeoJSON geometry in metres."""


def spec_of(figure: FigureData, shapes: Shapes | None = None) -> Spec:
    """The specification of a figure. A map needs the shapes of its areas."""
    if figure.kind is FigureKind.KAART:
        assert shapes is not None, "a map needs shapes"
        body = _map(figure, shapes)
    else:
        body = BUILDERS[figure.kind](figure)
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "padding": 2,
        "autosize": {
            "type": "fit-x" if figure.kind is not FigureKind.KAART else "fit",
            "contains": "padding",
        },
        "config": theme.config(),
        **body,
    }


def _bars(figure: FigureData) -> Spec:
    """Name and value above a thin bar; a short upright line marks the land where it is a second column."""
    rows = [row for row in figure.rows if row.in_drawing]
    values = [_bar_value(figure, row, single=len(figure.value_columns) == 1) for row in rows]
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": 12, "yOffset": 10, "cornerRadiusEnd": 2},
            "transform": [{"filter": "datum.waarde !== null"}],
            "encoding": {
                "x": _number_axis("waarde"),
                "color": {"field": "kleur", "type": "nominal", "scale": None},
                **_LINK,
            },
        },
        _text("naam", align="left", x=0),
        _text("tekst", align="right", x="width"),
        {
            "mark": {"type": "rect", "height": 12, "yOffset": 10, "fill": theme.HIDDEN_FILL},
            "transform": [{"filter": "datum.waarde === null"}],
            "encoding": {"x": {"value": 0}, "x2": {"value": 40}, **_LINK},
        },
    ]
    if len(figure.value_columns) > 1:
        layers.append(
            {
                "mark": {
                    "type": "tick",
                    "thickness": 4,
                    "size": 19,
                    "yOffset": 10,
                    "color": theme.INK,
                    "opacity": 1,
                    "stroke": "#fff",
                    "strokeWidth": 1.2,
                },
                "transform": [{"filter": "datum.land !== null"}],
                "encoding": {"x": {"field": "land", "type": "quantitative"}},
            }
        )
    return {
        "height": {"step": ROW_HEIGHT},
        "data": {"values": values},
        "encoding": {"y": {"field": "key", "type": "nominal", "scale": _order(values), "axis": None}},
        "layer": layers,
    }


def _bar_value(figure: FigureData, row: Row, *, single: bool) -> Spec:
    own, land = row.answers[0], row.answers[1] if len(row.answers) > 1 else None
    said = [
        f"{column}: {figure.text(a)}" for column, a in zip(figure.value_columns, row.answers, strict=True)
    ]
    colour = theme.OWN if row.is_own or not single else _comparison_colour(row.key)
    return {
        "key": row.key,
        "naam": row.labels[0],
        "waarde": _float(own),
        "land": None if land is None else _float(land),
        "tekst": figure.text(own),
        "kleur": colour,
        **_link(row, f"{row.labels[0]}. {'. '.join(said)}"),
    }


def _comparison_colour(code: str) -> str:
    return theme.LAND if code == "NL01" else theme.REGION


def _series(figure: FigureData) -> Spec:
    """Lines over the years that stop and start again at a break, with a dashed rule where they do."""
    names = list(figure.value_columns)
    part, values = 0, []
    for row in figure.rows:
        part += row.key in figure.breaks
        for name, answer in zip(names, row.answers, strict=True):
            values.append(
                {
                    "moment": _moment(row.key),
                    "gebied": name,
                    "waarde": _float(answer),
                    "deel": part,
                    **_link(row, f"{name}, {row.labels[0]}: {figure.text(answer)}"),
                }
            )
    colours = [theme.OWN, *([theme.REGION] * (len(names) - 2)), theme.LAND][: len(names)]
    scale = {"domain": names, "range": colours}
    named = {"field": "gebied", "type": "nominal", "sort": None}
    legend = {"title": None, "orient": "top", "columns": 1, "symbolOpacity": 1}
    seen = {"transform": [{"filter": "datum.waarde !== null"}]}
    cuts = [{"moment": _moment(key) - 0.5} for key in figure.breaks]
    layers: list[Spec] = [
        {
            **seen,
            "mark": {"type": "line", "strokeWidth": 2.5},
            "encoding": {
                "color": {**named, "scale": scale, "legend": legend},
                "strokeDash": {
                    **named,
                    "scale": {"domain": names, "range": [[1, 0], [6, 3], [2, 3]][: len(names)]},
                    "legend": None,
                },
                "detail": {"field": "deel"},
            },
        },
        {
            **seen,
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {
                "color": {**named, "scale": scale, "legend": legend},
                "shape": {
                    **named,
                    "scale": {"domain": names, "range": ["circle", "square", "diamond"][: len(names)]},
                    "legend": legend,
                },
                **_LINK,
            },
        },
    ]
    if cuts:
        layers.insert(
            0,
            {
                "data": {"values": cuts},
                "mark": {"type": "rule", "strokeDash": [5, 4], "stroke": theme.SOFT, "strokeWidth": 1.5},
                "encoding": {
                    "x": {"field": "moment", "type": "quantitative"},
                    "y": {"value": 0},
                    "y2": {"value": "height"},
                },
            },
        )
    moments = sorted({value["moment"] for value in values})
    return {
        "height": 230,
        "data": {"values": values},
        "encoding": {
            "x": {
                "field": "moment",
                "type": "quantitative",
                "scale": {"domain": [moments[0] - 0.3, moments[-1] + 0.3], "nice": False},
                "axis": {
                    "values": moments,
                    "title": None,
                    "grid": False,
                    "labelExpr": "floor(datum.value) == datum.value ? format(datum.value, 'd') : ''",
                    "labelFontSize": 14,
                },
            },
            "y": _number_axis("waarde", tick_count=5),
        },
        "layer": layers,
    }


def _pyramid(figure: FigureData) -> Spec:
    """Men to the left, women to the right, the oldest on top."""
    values = []
    for row in reversed(figure.rows):
        for side, (name, answer) in enumerate(zip(figure.value_columns, row.answers, strict=True)):
            number = _float(answer)
            values.append(
                {
                    "key": row.key.replace("-", "–"),
                    "geslacht": name,
                    "kant": -1 if side == 0 else 1,
                    "waarde": None if number is None else (number if side else -number),
                    "status": figure.text(answer),
                    **_link(row, f"{name}, {row.labels[0]}: {figure.text(answer)}"),
                }
            )
    scale = {"domain": list(figure.value_columns), "range": [theme.MEN, theme.WOMEN]}
    largest = max((abs(v["waarde"]) for v in values if v["waarde"] is not None), default=1) or 1
    shared_x = {
        "field": "waarde",
        "type": "quantitative",
        "scale": {"domain": [-largest, largest]},
        "axis": {"title": None, "labelExpr": _label("abs(datum.value)"), "tickCount": 5},
    }
    return {
        "height": {"step": 22},
        "data": {"values": values},
        "encoding": {
            "y": {
                "field": "key",
                "type": "nominal",
                "scale": _order(values),
                "axis": {"title": None, "ticks": False, "domain": False, "labelFontSize": 13.5},
            }
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": 16},
                "transform": [{"filter": "datum.waarde !== null"}],
                "encoding": {
                    "x": shared_x,
                    "color": {
                        "field": "geslacht",
                        "type": "nominal",
                        "sort": None,
                        "scale": scale,
                        "legend": {
                            "title": None,
                            "orient": "top",
                            "direction": "horizontal",
                            "symbolType": "square",
                        },
                    },
                    **_LINK,
                },
            },
            *(
                {
                    "mark": {
                        "type": "text",
                        "align": align,
                        "dx": 6 * sign,
                        "fontSize": 12,
                        "color": theme.SOFT,
                    },
                    "transform": [{"filter": f"datum.waarde === null && datum.kant == {sign}"}],
                    "encoding": {"x": {"datum": 0}, "text": {"field": "status"}, **_LINK},
                }
                for sign, align in ((-1, "right"), (1, "left"))
            ),
        ],
    }


def _map(figure: FigureData, shapes: Shapes) -> Spec:
    """Areas in five classes of equal numbers of areas, hatched where hidden."""
    classes = Classes(figure)
    features = [
        {
            "type": "Feature",
            "geometry": shapes[row.key],
            "klasse": classes.of(row.answers[0]),
            "eigen": row.is_own,
            **_link(row, f"{row.labels[0]}: {figure.text(row.answers[0])}"),
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
                    **_LINK,
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
            low, high = dutch_number(inside[0], decimals), dutch_number(inside[-1], decimals)
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


BUILDERS: dict[FigureKind, Callable[[FigureData], Spec]] = {
    FigureKind.VERGELIJKING: _bars,
    FigureKind.UITSPLITSING: _bars,
    FigureKind.REEKS: _series,
    FigureKind.LEEFTIJD_GESLACHT: _pyramid,
}

_LINK: Spec = {
    "href": {"field": "adres", "type": "nominal"},
    "description": {"field": "zegt", "type": "nominal"},
}


def _order(values: list[Spec]) -> Spec:
    """The rows in the order of the data: with several layers the engine would sort them by name."""
    return {"domain": list(dict.fromkeys(value["key"] for value in values))}


def _link(row: Row, said: str) -> Spec:
    return {"adres": f"{BASE}{row.href}", "zegt": said}


def _text(field: str, *, align: str, x: int | str) -> Spec:
    mark = {"type": "text", "align": align, "baseline": "bottom", "yOffset": -1}
    if field == "tekst":
        mark["fontWeight"] = 600
    return {"mark": mark, "encoding": {"x": {"value": x}, "text": {"field": field, "type": "nominal"}}}


def _number_axis(field: str, *, tick_count: int = 4) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": None, "labelExpr": _label("datum.value"), "tickCount": tick_count},
    }


def _label(value: str) -> str:
    """A Vega expression that writes an axis number in Dutch; millions and thousands of millions in words."""
    return (
        f"{value} >= 1e9 ? format({value}/1e9, ',.3~g') + ' mld' : "
        f"{value} >= 1e6 ? format({value}/1e6, ',.3~g') + ' mln' : format({value}, ',.6~g')"
    )


def _moment(key: str) -> float:
    period = Period.parse(key)
    return period.year + (0.5 if period.half == 2 else 0.0)


def _float(answer: Answer) -> float | None:
    return None if answer.value is None else float(answer.value)

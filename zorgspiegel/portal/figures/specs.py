"""One Vega-Lite specification per figure: plain dictionaries, built from the figure's own table.

Every mark that can be looked at carries `href` and `description`; they become a link with a label, so the
keyboard reaches it and a screen reader says it.
"""

from __future__ import annotations

from collections.abc import Callable

from zorgspiegel.portal.figure import FigureData, Row
from zorgspiegel.portal.figures import choropleth, theme
from zorgspiegel.portal.figures.parts import (
    LINK,
    WIDTH,
    Shapes,
    Spec,
    as_float,
    label,
    link,
    number_axis,
    order,
)
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.topics import FigureKind

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
ROW_HEIGHT = 40


def spec_of(figure: FigureData, shapes: Shapes | None = None) -> Spec:
    """The specification of a figure. A map needs the shapes of its areas."""
    if figure.kind is FigureKind.KAART:
        assert shapes is not None, "a map needs shapes"
        body = choropleth.map_spec(figure, shapes)
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
                "x": number_axis("waarde"),
                "color": {"field": "kleur", "type": "nominal", "scale": None},
                **LINK,
            },
        },
        _text("naam", align="left", x=0),
        _text("tekst", align="right", x="width"),
        {
            "mark": {"type": "rect", "height": 12, "yOffset": 10, "fill": theme.HIDDEN_FILL},
            "transform": [{"filter": "datum.waarde === null"}],
            "encoding": {"x": {"value": 0}, "x2": {"value": 40}, **LINK},
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
        "encoding": {"y": {"field": "key", "type": "nominal", "scale": order(values), "axis": None}},
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
        "waarde": as_float(own),
        "land": None if land is None else as_float(land),
        "tekst": figure.text(own),
        "kleur": colour,
        **link(row, f"{row.labels[0]}. {'. '.join(said)}"),
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
                    "waarde": as_float(answer),
                    "deel": part,
                    **link(row, f"{name}, {row.labels[0]}: {figure.text(answer)}"),
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
                **LINK,
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
            "y": number_axis("waarde", tick_count=5),
        },
        "layer": layers,
    }


def _pyramid(figure: FigureData) -> Spec:
    """Men to the left, women to the right, the oldest on top."""
    values = []
    for row in reversed(figure.rows):
        for side, (name, answer) in enumerate(zip(figure.value_columns, row.answers, strict=True)):
            number = as_float(answer)
            values.append(
                {
                    "key": row.key.replace("-", "–"),
                    "geslacht": name,
                    "kant": -1 if side == 0 else 1,
                    "waarde": None if number is None else (number if side else -number),
                    "status": figure.text(answer),
                    **link(row, f"{name}, {row.labels[0]}: {figure.text(answer)}"),
                }
            )
    scale = {"domain": list(figure.value_columns), "range": [theme.MEN, theme.WOMEN]}
    largest = max((abs(v["waarde"]) for v in values if v["waarde"] is not None), default=1) or 1
    shared_x = {
        "field": "waarde",
        "type": "quantitative",
        "scale": {"domain": [-largest, largest]},
        "axis": {"title": None, "labelExpr": label("abs(datum.value)"), "tickCount": 5},
    }
    return {
        "height": {"step": 22},
        "data": {"values": values},
        "encoding": {
            "y": {
                "field": "key",
                "type": "nominal",
                "scale": order(values),
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
                    **LINK,
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
                    "encoding": {"x": {"datum": 0}, "text": {"field": "status"}, **LINK},
                }
                for sign, align in ((-1, "right"), (1, "left"))
            ),
        ],
    }


BUILDERS: dict[FigureKind, Callable[[FigureData], Spec]] = {
    FigureKind.VERGELIJKING: _bars,
    FigureKind.UITSPLITSING: _bars,
    FigureKind.REEKS: _series,
    FigureKind.LEEFTIJD_GESLACHT: _pyramid,
}


def _text(field: str, *, align: str, x: int | str) -> Spec:
    mark = {"type": "text", "align": align, "baseline": "bottom", "yOffset": -1}
    if field == "tekst":
        mark["fontWeight"] = 600
    return {"mark": mark, "encoding": {"x": {"value": x}, "text": {"field": field, "type": "nominal"}}}


def _moment(key: str) -> float:
    period = Period.parse(key)
    return period.year + (0.5 if period.half == 2 else 0.0)

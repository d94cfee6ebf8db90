"""From a figure to its drawing: the specification, the borders of a map, the engine, the finishing."""

from __future__ import annotations

from collections.abc import Sequence

from zorgspiegel.portal.ask import Ask
from zorgspiegel.portal.figure import FigureData
from zorgspiegel.portal.figures import maps, render, svg
from zorgspiegel.portal.figures.specs import spec_of
from zorgspiegel.terms.topics import FigureKind


def raw(ask: Ask, figure: FigureData) -> str:
    """What the engine draws, out of the cache where it was drawn before."""
    shapes = None
    if figure.kind is FigureKind.KAART:
        codes = frozenset(row.key for row in figure.rows)
        shapes = maps.shapes(ask.shown, figure.level, ask.division, codes)
    return render.svg(spec_of(figure, shapes), digest=ask.shown.digest)


def for_page(ask: Ask, figure: FigureData) -> str:
    """The drawing of a figure as it stands in the page, or nothing when there is no number to draw."""
    if not figure.has_something_to_draw:
        return ""
    return svg.polished(raw(ask, figure), prefix=figure.id, label=f"{figure.title}. {figure.subtitle}")


def for_file(ask: Ask, figure: FigureData, *, lines: Sequence[str]) -> str:
    """The drawing as a file of its own, with title and source in it."""
    return svg.framed(
        raw(ask, figure), prefix=figure.id, title=figure.title, subtitle=figure.subtitle, lines=lines
    )

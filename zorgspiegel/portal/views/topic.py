"""The topic page and its files. Screen and files are made of the same figures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from zorgspiegel.portal import building, drawing, exports, selection, visit
from zorgspiegel.portal.ask import Ask
from zorgspiegel.portal.figure import FigureData
from zorgspiegel.portal.figures import render as engine
from zorgspiegel.portal.policy import members_only
from zorgspiegel.terms.areas import gemeente_of
from zorgspiegel.terms.topics import FigureKind

PAGE = "pagina"
PERIOD_STATUS = {"voorlopig": "voorlopig", "nader_voorlopig": "nader voorlopig", "definitief": "definitief"}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}


@members_only
@require_safe
def page(request: HttpRequest, topic_id: str, gebiedscode: str) -> HttpResponse:
    """A topic for one area: filters, figures, tables and where the numbers come from."""
    seen = visit.visit(request, topic_id, gebiedscode)
    ask = seen.ask
    is_delivered = ask.is_delivered
    context = {
        "ask": ask,
        "area": ask.area,
        "topic": ask.topic,
        "domain": ask.domain,
        "indicator": ask.indicator,
        "selection": ask.selection,
        "remarks": seen.remarks,
        "tabs": seen.tabs,
        "filters": selection.filters(
            ask.selection,
            domain=ask.domain,
            indicator=ask.indicator,
            area=ask.area,
            shown=ask.shown,
            regions=not is_delivered,
        ),
        "figures": _figures(ask, settings.BRONVERMELDING),
        "intro": ask.topic.inleiding.format(gebied=ask.area.naam),
        "origin": origin(ask),
        "is_invented": ask.indicator.id in ask.shown.invented,
        "is_delivered": is_delivered,
        "definition": ask.indicator.definition_of(ask.period.year),
        "measure": ask.domain.measure(ask.selection.maat),
        "csv": ask.selection.file_url(PAGE, "csv"),
        "xlsx": ask.selection.file_url(PAGE, "xlsx"),
        "parent": _parent(ask),
    }
    return render(request, "portal/topic.html", context)


@members_only
@require_safe
def file(request: HttpRequest, topic_id: str, gebiedscode: str, name: str, suffix: str) -> HttpResponse:
    """A figure, or all of them, as a file. The right to see is asked again, here and now."""
    ask = visit.visit(request, topic_id, gebiedscode).ask
    figures = building.figures(ask) if name == PAGE else tuple(filter(None, [building.figure(ask, name)]))
    if not figures or suffix not in TYPES or (name == PAGE and suffix in {"svg", "png"}):
        raise Http404
    response = HttpResponse(_content(ask, figures, suffix), content_type=TYPES[suffix])
    parts = (ask.topic.id, ask.area.naam, ask.domain.id, ask.selection.jaar, "" if name == PAGE else name)
    response["Content-Disposition"] = f'attachment; filename="{exports.file_name(parts, suffix)}"'
    return response


def origin(ask: Ask, figure: FigureData | None = None) -> exports.Origin:
    """Source, release, period and status of what is shown: one figure, or the page."""
    status = ask.shown.period_statuses.get(ask.selection.jaar, "definitief")
    period = selection.period_name(ask.selection.jaar)
    if figure is not None and figure.kind is FigureKind.REEKS:
        first, last = figure.rows[0], figure.rows[-1]
        period = f"{first.labels[0]} {'en' if len(figure.rows) == 2 else 'tot en met'} {last.labels[0]}"
        status = ask.shown.period_statuses.get(last.key, "definitief")
    return exports.Origin(
        source=f"{ask.indicator.bron.naam}. Bewerking: {settings.BRONVERMELDING}",
        release=f"{ask.shown.title} ({ask.shown.short_digest})",
        status=PERIOD_STATUS.get(status, status),
        period=period,
    )


def _content(ask: Ask, figures: tuple[FigureData, ...], suffix: str) -> bytes:
    told = origin(ask, figures[0] if len(figures) == 1 else None)
    if suffix == "csv":
        return exports.as_csv(figures, told)
    if suffix == "xlsx":
        return exports.as_xlsx(figures, told)
    figure = figures[0]
    if not figure.has_something_to_draw:
        raise Http404
    picture = drawing.for_file(ask, figure, lines=told.lines(is_invented=figure.is_invented))
    return picture.encode() if suffix == "svg" else engine.png(picture)


@lru_cache(maxsize=48)
def _figures(ask: Ask, bronvermelding: str) -> SafeString:
    """The figures of a page as HTML. Nothing in it depends on who looks, so it is kept: about 300 kB each."""
    told = {"indicator": ask.indicator, "bronvermelding": bronvermelding}
    template = get_template("portal/partials/figure.html")
    figures = [_shown(ask, figure) for figure in building.figures(ask)]
    return mark_safe("".join(template.render({**told, "figure": figure}) for figure in figures))


def _shown(ask: Ask, figure: FigureData) -> dict[str, Any]:
    told = origin(ask, figure)
    files = {suffix: ask.selection.file_url(figure.id, suffix) for suffix in TYPES}
    return {
        "data": figure,
        "drawing": drawing.for_page(ask, figure),
        "files": files,
        "is_long": len(figure.rows) > 12,
        "origin": told,
    }


def _parent(ask: Ask) -> dict[str, str] | None:
    """The gemeente of a wijk, for the way up."""
    code = gemeente_of(ask.area.code)
    if not code or code == ask.area.code:
        return None
    return {"naam": ask.shown.areas[code].naam, "url": ask.selection.but(gebied=code).url}

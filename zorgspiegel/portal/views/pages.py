"""The start page and the pages that explain."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from zorgspiegel.ledger import permissions
from zorgspiegel.portal import releases, search, topics
from zorgspiegel.portal.policy import members_only, open_to_all

LONGEST = 60
"""Characters of a search text; no gemeente has a longer name."""


@members_only
def start(request: HttpRequest) -> HttpResponse:
    """Choose a gemeente by name or postcode. One certain answer leads straight to its page."""
    context = _search(request)
    if context["zoek"] and context["only"]:
        return HttpResponseRedirect(context["only"]["url"])
    return render(request, "portal/start.html", {**context, "own": _own(request)})


@members_only
def suggestions(request: HttpRequest) -> HttpResponse:
    """The gemeenten that fit what was typed so far: a piece of the start page."""
    return render(request, "portal/partials/suggestions.html", _search(request))


@open_to_all
def definitions(request: HttpRequest) -> HttpResponse:
    """What the words and figures mean, out of the declarations of the release."""
    shown = releases.current_or_none()
    ids = [row["indicator"] for row in shown.release.table("indicatoren").to_pylist()] if shown else []
    found = [shown.indicator(name) for name in ids] if shown else []
    return render(request, "portal/definitions.html", {"indicators": found, "topics": topics.all_topics()})


@open_to_all
def protection(request: HttpRequest) -> HttpResponse:
    """How we keep figures from pointing at people."""
    return render(request, "portal/protection.html")


@open_to_all
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "portal/accessibility.html")


def _search(request: HttpRequest) -> dict[str, Any]:
    shown = releases.current_or_none()
    text = request.GET.get("zoek", "").strip()[:LONGEST]
    if not shown:
        return {"zoek": text, "found": [], "only": None, "ambiguous": False, "nothing_published": True}
    found = search.search(text, shown)
    cards = [_card(area) for area in found.areas]
    return {
        "zoek": text,
        "found": cards,
        "only": cards[0] if found.only else None,
        "ambiguous": found.ambiguous,
        "nothing_published": False,
    }


def _own(request: HttpRequest) -> list[dict[str, str]]:
    shown = releases.current_or_none()
    actor = permissions.actor_of(request.user)
    codes = permissions.gemeenten_of(actor, timezone.now())
    return [_card(shown.areas[code]) for code in codes if code in shown.areas] if shown else []


def _card(area: releases.Area) -> dict[str, str]:
    return {"naam": area.naam, "url": topics.first().url(area.code), "note": ""}

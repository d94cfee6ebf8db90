"""The start page and the pages that explain."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zorgspiegel.portal.policy import members_only, open_to_all


@members_only
def start(request: HttpRequest) -> HttpResponse:
    """Choose a gemeente by name or postcode."""
    return render(request, "portal/start.html", {})


@members_only
def suggestions(request: HttpRequest) -> HttpResponse:
    """The gemeenten that fit what was typed so far: a piece of the start page."""
    return render(request, "portal/partials/suggestions.html", {})


@open_to_all
def definitions(request: HttpRequest) -> HttpResponse:
    """What the words and figures mean."""
    return render(request, "portal/definitions.html")


@open_to_all
def protection(request: HttpRequest) -> HttpResponse:
    """How we keep figures from pointing at people."""
    return render(request, "portal/protection.html")


@open_to_all
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "portal/accessibility.html")

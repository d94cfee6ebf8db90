"""Pages for when it goes wrong. They show no figure, no path and no reason that helps an attacker."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address asks for something that cannot be."""
    return render(request, "portal/errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: a request that did not come from our own page."""
    return render(request, "portal/errors/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was too old or came from elsewhere."""
    return forbidden(request)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: does not exist, or is somebody else's. Both look the same, byte for byte."""
    return render(request, "portal/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Uses a page that needs no database and no release."""
    return HttpResponse(_plain_page(), status=500)


def _plain_page() -> str:
    from django.template.loader import get_template

    return get_template("portal/errors/500.html").render({})

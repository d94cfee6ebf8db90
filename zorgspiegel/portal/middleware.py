"""Headers on every answer, and the door: who is not logged in sees only what is open to all."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from zorgspiegel.portal.policy import OPEN, policy_of

Handler = Callable[[HttpRequest], HttpResponse]
STATIC = "/static/"
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "camera",
        "display-capture",
        "geolocation",
        "microphone",
        "payment",
        "usb",
        "browsing-topics",
    )
)


def headers(get_response: Handler) -> Handler:
    """Middleware: what a browser must never do with our answers. Nothing but public files may be kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["X-Content-Type-Options"] = "nosniff"
        if not (request.path.startswith(STATIC) and response.status_code in {200, 206, 304}):
            response["Cache-Control"] = "no-store"
        return response

    return middleware


def door(get_response: Handler) -> Handler:
    """Middleware: send visitors of closed pages to the log-in page. An address without policy is closed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path == "/uitloggen/" and request.method == "POST":
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def process_view(
        request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if request.user.is_authenticated or policy_of(name, view) == OPEN:
            return None
        if request.headers.get("HX-Request"):
            # A piece of a page cannot hold the log-in form: the whole page goes there.
            return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("account_login")})
        return redirect_to_login(request.get_full_path())

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware

"""Middleware: every line of the trail that a request writes carries the number of that request."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from zorgspiegel.ledger.chain import Circumstances, acting


def request_circumstances(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Number each request. The number is ours: one that a browser sends along could be anything."""

    def middleware(request: HttpRequest) -> HttpResponse:
        verzoek = uuid.uuid4().hex
        request.verzoek = verzoek
        with acting(Circumstances(waarvandaan="web", verzoek=verzoek)):
            return get_response(request)

    return middleware

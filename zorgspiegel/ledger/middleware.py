"""Sessions end at the server: after half an hour without a request, and after twelve hours in any case."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

BEGAN, SEEN = "began", "seen"
WRITE_EVERY = 60
"""Seconds. Noting each request would write to the database each time; a minute is precise enough."""


def session_limits(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: log out whoever was idle too long or has been logged in too long."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            session = request.session
            is_idle = now - session.get(SEEN, now) > settings.SESSION_IDLE_SECONDS
            is_old = now - session.get(BEGAN, now) > settings.SESSION_ABSOLUTE_SECONDS
            if is_idle or is_old:
                logout(request)
            elif now - session.get(SEEN, 0) >= WRITE_EVERY:
                session[SEEN] = now
                session.setdefault(BEGAN, now)
        return get_response(request)

    return middleware

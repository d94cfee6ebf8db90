"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The source line for exports, and whether the whole release is invented."""
    from zorgspiegel.portal import releases

    return {"bronvermelding": settings.BRONVERMELDING, "release": releases.current_or_none()}

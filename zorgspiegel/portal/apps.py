"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks


class PortalConfig(AppConfig):
    """Pages, figures and downloads."""

    name = "zorgspiegel.portal"
    label = "portal"

    def ready(self) -> None:
        """Register the check that every address has a policy."""
        from zorgspiegel.portal.policy import check_urls

        checks.register(check_urls, checks.Tags.security)

"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks


class PortalConfig(AppConfig):
    """Pages, figures and downloads."""

    name = "zorgspiegel.portal"
    label = "portal"

    def ready(self) -> None:
        """Every address must have a policy, and every topic must be whole: else the site does not start."""
        from zorgspiegel.portal.policy import check_urls
        from zorgspiegel.portal.topics import all_topics

        all_topics()
        checks.register(check_urls, checks.Tags.security)

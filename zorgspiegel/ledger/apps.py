"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Organisations, accounts, grants and the audit trail."""

    name = "zorgspiegel.ledger"
    label = "ledger"

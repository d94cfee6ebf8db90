"""A process that writes lines of the trail as fast as it can, next to others."""

from __future__ import annotations

import os
from pathlib import Path

from tests.lib import databases
from tests.lib.databases import Description

databases.set_django_up()


def write(description: Description, anchored: Path, count: int, take_turns: bool) -> None:
    """Write `count` lines, each in a transaction with something else in it."""
    from django.conf import settings
    from django.db import transaction
    from django.utils import timezone

    from zorgspiegel.ledger import chain
    from zorgspiegel.ledger.actions import note
    from zorgspiegel.ledger.models import Account
    from zorgspiegel.ledger.steps import walks

    databases.install(description)
    settings.AUDIT_ANCHOR = anchored
    if not take_turns:
        chain._take_turn = lambda using: None
    by = Account.objects.first()
    for number in range(count):
        with transaction.atomic():
            walks.begin("proef", f"{os.getpid()}-{number}", now=timezone.now())
            note("trail.bekijken", f"trail:{number}", by=by)

"""Processes that do the same thing at the same moment as others: write lines of the trail, click twice."""

from __future__ import annotations

import os
import time
import uuid
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


def click(description: Description, anchored: Path, key: uuid.UUID, begin: float) -> None:
    """Deliver the same file under the same client key, at the moment `begin`."""
    from types import SimpleNamespace

    from django.conf import settings
    from django.utils import timezone

    from tests.lib import ledger_world
    from zorgspiegel.ledger.delivery_models import DeliveryRound
    from zorgspiegel.ledger.models import Account, Organisation

    databases.install(description)
    settings.AUDIT_ANCHOR = anchored
    world = SimpleNamespace(
        organisation=Organisation.objects.get(),
        ronde=DeliveryRound.objects.get(),
        coordinator=Account.objects.first(),
    )
    time.sleep(max(begin - time.time(), 0))
    ledger_world.receive(world, now=timezone.now(), key=key)

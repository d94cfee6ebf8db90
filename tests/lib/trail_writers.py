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


def withdraw_meanwhile(description: Description, anchored: Path, *, in_order: bool) -> None:
    """Withdraw the only delivery as soon as a worker is in the middle of recording its check."""
    from django.conf import settings
    from django.utils import timezone

    from zorgspiegel.ledger import delivery_actions
    from zorgspiegel.ledger.delivery_models import Delivery

    databases.install(description)
    settings.AUDIT_ANCHOR = anchored
    if not in_order:  # the delivery first, and then its steps
        stop, later = delivery_actions._stop_walking, delivery_actions._destroy_later
        delivery_actions._stop_walking = lambda delivery: None
        delivery_actions._destroy_later = lambda delivery, *, now: (stop(delivery), later(delivery, now=now))
    delivery = Delivery.objects.get()
    _wait_for(anchored.with_name("recording"))
    delivery_actions.withdraw(delivery=delivery, by=delivery.receipts.get().received_from, now=timezone.now())


def work_meanwhile(description: Description, anchored: Path) -> None:
    """Record the check of the only delivery, slowly: somebody withdraws it in the middle."""
    from datetime import timedelta

    from django.conf import settings

    from zorgspiegel.ledger import delivery_actions
    from zorgspiegel.ledger.delivery_models import Receipt
    from zorgspiegel.ledger.steps.leases import Policy
    from zorgspiegel.ledger.steps.walks import Effect, Job, Walk
    from zorgspiegel.pipeline.worker import Worker

    databases.install(description)
    settings.AUDIT_ANCHOR = anchored
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    def check(job: Job) -> Effect:
        receipt = Receipt.objects.select_related("delivery").get(nummer=job.subject)

        def effect() -> None:
            anchored.with_name("recording").touch()
            time.sleep(1)  # long enough for the other one to take what it takes first
            delivery_actions.record_check(receipt=receipt, accepted=True, now=job.now)

        return effect

    walk = Walk(delivery_actions.WALK, {"controleren": check})
    Worker({walk.name: walk}, policy=Policy(first_wait=timedelta(milliseconds=10))).run(once=True)


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.01)

"""On PostgreSQL rows have locks of their own: who withdraws and who works must take them in one order."""

from __future__ import annotations

import functools
import multiprocessing
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.lib import databases as lib
from tests.lib import ledger_world, trail_writers
from zorgspiegel.ledger import anchor, audit
from zorgspiegel.ledger.delivery_models import Delivery
from zorgspiegel.ledger.steps.models import Step


@pytest.fixture
def anchored(settings, tmp_path):
    settings.AUDIT_ANCHOR = tmp_path / "audit.anchor"
    anchor._written.clear()
    return settings.AUDIT_ANCHOR


def withdraw_while_working(database, anchored, *, in_order: bool) -> list[int]:
    """Exit codes of who withdraws and who works."""
    now = timezone.now()
    ledger_world.receive(ledger_world.make(now=now), now=now - timedelta(seconds=1), key=uuid.uuid4())
    start = multiprocessing.get_context("forkserver")
    withdraw = functools.partial(trail_writers.withdraw_meanwhile, in_order=in_order)
    processes = [
        start.Process(target=act, args=(database, anchored))
        for act in (withdraw, trail_writers.work_meanwhile)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def test_withdrawing_in_the_middle_of_a_check_waits_for_it_and_wins(database, anchored):
    assert withdraw_while_working(database, anchored, in_order=True) == [0, 0]
    delivery = Delivery.objects.get()
    assert delivery.state == "ingetrokken"
    assert audit.verify_database().faults == ()


def test_in_another_order_they_would_wait_for_each_other(databases, django_db_blocker, anchored):
    copies = databases("postgresql")
    with copies.copy() as database, django_db_blocker.unblock(), lib.used(database):
        withdrawing, _ = withdraw_while_working(database, anchored, in_order=False)
        # PostgreSQL ends a deadlock by stopping one of the two.
        was_worker_stopped = Step.objects.filter(name="controleren", attempts__gt=1).exists()
        assert withdrawing != 0 or was_worker_stopped, "no deadlock: this no longer shows anything"

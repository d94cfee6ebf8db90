"""Every walk that a worker of this version knows, and its chores. A new walk is one function here.

The walk of a delivery (`delivery_actions.WALK`) is not among them yet: its steps wait until it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from zorgspiegel.ledger import delivery_actions
from zorgspiegel.ledger.anchor import anchor_head
from zorgspiegel.ledger.delivery_models import Receipt, Upload
from zorgspiegel.ledger.steps.walks import Effect, Job, Walk
from zorgspiegel.pipeline.worker import Chore
from zorgspiegel.store import durable, shredding
from zorgspiegel.store.home import Home


def every_walk(home: Home) -> dict[str, Walk]:
    """The walks of this version, by name."""
    walks = (destruction(home),)
    return {walk.name: walk for walk in walks}


def destruction(home: Home) -> Walk:
    """Destroy the content of one file, with proof. Its subject is the number of the receipt."""

    def destroy(job: Job) -> Effect:
        receipt = Receipt.objects.select_related("delivery").get(nummer=job.subject)
        reden = receipt.delivery.state
        proof = shredding.destroy(home.deliveries, receipt.blob_id, at=job.now, reden=reden)
        at = datetime.fromisoformat(proof.at).astimezone(UTC)
        return lambda: delivery_actions.record_destruction(
            receipt=receipt, at=at, reden=proof.reden, key_sha256=proof.key_sha256
        )

    return Walk(delivery_actions.DESTROY_WALK, {"vernietigen": destroy})


def every_chore(home: Home) -> tuple[Chore, ...]:
    """What a worker does besides walking."""
    return (
        Chore("anchor", timedelta(minutes=5), lambda _: anchor_head()),
        Chore("lock", timedelta(minutes=1), lambda now: delivery_actions.lock_due(now=now)),
        Chore("half-written files", timedelta(hours=1), lambda _: _sweep(home)),
        Chore("broken uploads", timedelta(hours=1), lambda now: _forget_broken_uploads(home, now)),
        Chore("destroyed stays destroyed", timedelta(hours=1), lambda _: shredding.replay(home.deliveries)),
    )


def _forget_broken_uploads(home: Home, now: datetime) -> None:
    gone = shredding.sweep(home.deliveries, now=now)
    Upload.objects.filter(public_id__in=gone, receipt=None).update(sealed_secret=b"")


def _sweep(home: Home) -> None:
    for folder in (home.deliveries, home.private_key.parent):
        durable.sweep(folder)

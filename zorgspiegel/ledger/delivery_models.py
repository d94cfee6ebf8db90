"""Deliveries: their round, where they are in their life, their receipts, and what is left of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from zorgspiegel.terms.delivery_states import CURRENT, UNDER_WAY, DeliveryState

_STATES = [(state.value, state.value.replace("_", " ")) for state in DeliveryState]


class DeliveryRound(models.Model):
    """One standard and period for which files are taken. Follows the calendar unless the operator changed it.

    closes_at and intrekken_tot are the first moment that is too late. intrekken_open: the operator's switch.
    """

    standaard = models.CharField(max_length=40)
    periode = models.CharField(max_length=6)
    opens_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    intrekken_tot = models.DateTimeField()
    intrekken_open = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["standaard", "periode"], name="one_round_per_standard_and_period"
            ),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("deadline_at"))
                & models.Q(deadline_at__lte=models.F("closes_at"))
                & models.Q(deadline_at__lte=models.F("intrekken_tot")),
                name="round_in_order_of_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.standaard} {self.periode}"


class Delivery(models.Model):
    """One kind of file of one organisation for one round. A rejected file is followed by a new version of it.

    The database refuses every move that `terms.delivery_states` does not have, and every move whose guard
    does not hold. state_at: when it came into this state; never goes back. moved_by, approved_by: who asked
    for the last move, and who approved it where that takes two; empty for the system.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "ledger.Organisation", on_delete=models.PROTECT, related_name="deliveries"
    )
    ronde = models.ForeignKey(DeliveryRound, on_delete=models.PROTECT, related_name="deliveries")
    versie = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=24, choices=_STATES, default=DeliveryState.CONCEPT)
    state_at = models.DateTimeField(default=timezone.now)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "ronde"],
                condition=models.Q(state__in=sorted(CURRENT)),
                name="one_current_delivery_per_round",
            ),
            models.UniqueConstraint(
                fields=["organisation", "ronde"],
                condition=models.Q(state__in=sorted(UNDER_WAY)),
                name="one_delivery_under_way_per_round",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(DeliveryState)), name="delivery_state_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"


class Receipt(models.Model):
    """Proof of delivery: the file, its digest, and when its last byte was durable. Written once, never
    changed.

    blob_id: under which id `store.blobs` keeps the content. is_late: after the agreed deadline.
    intrekken_tot: until when the sender may withdraw, as promised at that moment.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="receipts")
    versie = models.PositiveIntegerField()
    nummer = models.CharField(max_length=40, unique=True)
    blob_id = models.CharField(max_length=80, unique=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()
    received_from = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_late = models.BooleanField()
    intrekken_tot = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["delivery", "versie"], name="one_receipt_per_version"),
        )

    def __str__(self) -> str:
        return self.nummer


class Upload(models.Model):
    """A file on its way in. client_key: chosen by the sender's browser, so that a double click is one
    delivery.

    sealed_secret: what resuming needs (`upload_secrets`); forgotten as soon as there is a receipt.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("ledger.Organisation", on_delete=models.PROTECT, related_name="+")
    ronde = models.ForeignKey(DeliveryRound, on_delete=models.PROTECT, related_name="+")
    client_key = models.UUIDField()
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_secret = models.BinaryField(blank=True, default=b"")
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="uploads")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organisation", "client_key"], name="upload_once_per_client_key"),
        )

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def blob_id(self) -> str:
        """Under which id `store.blobs` keeps the content."""
        return str(self.public_id)


class Tombstone(models.Model):
    """What is left of a file whose content was destroyed: that it was, and the proof that it is gone."""

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="tombstone")
    at = models.DateTimeField()
    reden = models.CharField(max_length=300)
    key_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.receipt.nummer}: {self.reden}"

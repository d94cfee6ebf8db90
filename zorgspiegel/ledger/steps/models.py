"""What waits to be done, and who is doing it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class WorkState(models.TextChoices):
    """Where a piece of work is."""

    WAITING = "waiting", "wacht"
    LEASED = "leased", "wordt gedaan"
    DONE = "done", "klaar"
    DEAD = "dead", "vraagt de beheerder"
    CANCELLED = "cancelled", "vervallen"


class Work(models.Model):
    """Something that must be done once, and is taken under a lease.

    fence:    raised each time that it is taken. Recording asks for the number that was given, so that a
    process that
              was thought dead, and comes back, cannot record anything.
    attempts: how often it was taken. message: for the operator, when it failed; never a value out of the
    data.
    """

    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.WAITING)
    fence = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    leased_by = models.CharField(max_length=100, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Step(Work):
    """One step of one walk of one subject. The subject is an id, such as that of a delivery; never a name."""

    walk = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    name = models.CharField(max_length=40)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["walk", "subject", "name"], name="step_once_per_walk_of_a_subject"
            ),
        )
        indexes = (models.Index(fields=["state", "not_before"], name="ledger_step_due"),)

    def __str__(self) -> str:
        return f"{self.walk} {self.subject}: {self.name} ({self.state})"


class OutboxMail(Work):
    """A mail that must be sent. It holds a kind and a link; the text comes from the kind (`outbox`)."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    recipient = models.EmailField()
    link = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=["state", "not_before"], name="ledger_outboxmail_due"),)

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

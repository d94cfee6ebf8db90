"""Organisations, the people who act for them, what they may, and the trail."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.crypto import salted_hmac

from zorgspiegel.ledger.chain import ChainedLine
from zorgspiegel.ledger.roles import ROLES


class OrganisationKind(models.TextChoices):
    """What an organisation is. The kind says which roles make sense in it."""

    GEMEENTE = "gemeente", "gemeente"
    ZORGVERZEKERAAR = "zorgverzekeraar", "zorgverzekeraar"
    ZORGKANTOOR = "zorgkantoor", "zorgkantoor"
    BEHEERDER = "beheerder", "beheerder"


class Organisation(models.Model):
    """A party that delivers or looks. A gemeente carries its gebiedscode (GM0363)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    naam = models.CharField(max_length=200)
    soort = models.CharField(max_length=20, choices=OrganisationKind.choices)
    gebiedscode = models.CharField(max_length=12, blank=True, validators=[RegexValidator(r"^GM\d{4}$")])

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["gebiedscode"],
                condition=models.Q(soort="gemeente"),
                name="one_organisation_per_gemeente",
            ),
            models.CheckConstraint(
                condition=~models.Q(soort="gemeente") | models.Q(gebiedscode__startswith="GM"),
                name="gemeente_has_gebiedscode",
            ),
        )

    def __str__(self) -> str:
        return self.naam


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by e-mail address, whatever its capitals. Making one is an action, see `actions`."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """One person. Nobody shares an account; the e-mail address is the name to log in with."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    naam = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    epoch = models.PositiveIntegerField(default=0)
    """Raised when rights change: every session of before then ends at its next request."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = AccountManager()

    def __str__(self) -> str:
        return self.naam

    def get_session_auth_hash(self) -> str:
        """Django compares this on every request: a new password or a new epoch ends the session."""
        return self._hash_with(None)

    def get_session_auth_fallback_hash(self) -> Any:
        """The same under former secret keys, so that changing the key throws nobody out."""
        from django.conf import settings

        for key in settings.SECRET_KEY_FALLBACKS:
            yield self._hash_with(key)

    def _hash_with(self, secret: str | None) -> str:
        value = f"{self.password}:{self.epoch}"
        return salted_hmac("zorgspiegel.ledger.session", value, secret=secret, algorithm="sha256").hexdigest()


class Grant(models.Model):
    """What one person may do for one organisation, until when. A grant without an end does not exist."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    rol = models.CharField(max_length=40, choices=[(role.id, role.naam) for role in ROLES.values()])
    doel = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")), name="grant_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rol} ({self.valid_until:%Y-%m-%d})"


class AuditLine(ChainedLine):
    """One thing that happened. Lines are only ever added: the database refuses to change or remove them.

    `what` and `which` name the action and the object by their ids. No line holds a value out of the data,
    a password, a code, or a name.
    """

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=60)
    which = models.CharField(max_length=200)
    outcome = models.CharField(max_length=20, default="gelukt")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.what} {self.which}"


# Django finds models only through this module; they live where their subject is.
from zorgspiegel.ledger import delivery_models  # noqa: E402
from zorgspiegel.ledger.steps import models as steps_models  # noqa: E402

__all__ = [
    "Account",
    "AuditLine",
    "Grant",
    "Organisation",
    "OrganisationKind",
    "delivery_models",
    "steps_models",
]

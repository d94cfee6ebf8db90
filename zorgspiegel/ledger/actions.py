"""Everything that changes the ledger: keyword-only, `by=` required, one transaction with its audit line.

`by` is the account that acts; None only for the installation itself (the operator's command line).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from zorgspiegel.ledger.models import Account, AuditLine, Grant, Organisation
from zorgspiegel.ledger.roles import ROLES

LONGEST_GRANT = timedelta(days=366)
"""Every grant is confirmed again at least once a year."""


def note(
    what: str,
    which: str,
    *,
    by: Account | None,
    organisation: Organisation | None = None,
    outcome: str = "gelukt",
    at: datetime | None = None,
) -> AuditLine:
    """Write one audit line. If it fails, the act must fail too: call it inside the transaction."""
    return AuditLine.objects.create(
        at=at or timezone.now(), by=by, organisation=organisation, what=what, which=which, outcome=outcome
    )


@transaction.atomic
def make_organisation(*, naam: str, soort: str, gebiedscode: str = "", by: Account | None) -> Organisation:
    """A new organisation. Raises ValidationError (Dutch) when kind and gebiedscode do not fit."""
    organisation = Organisation(naam=naam, soort=soort, gebiedscode=gebiedscode)
    organisation.full_clean()
    organisation.save()
    note("organisatie.maken", f"organisatie:{organisation.public_id}", by=by, organisation=organisation)
    return organisation


@transaction.atomic
def make_account(*, email: str, naam: str, password: str, by: Account | None) -> Account:
    """A new account that can log in. Raises ValidationError (Dutch) when the password is too weak."""
    account = Account(email=email.strip().lower(), naam=naam)
    validate_password(password, account)
    account.set_password(password)
    account.full_clean()
    account.save()
    note("account.maken", f"account:{account.public_id}", by=by)
    return account


@transaction.atomic
def grant(
    *,
    account: Account,
    organisation: Organisation,
    rol: str,
    doel: str,
    by: Account | None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Grant:
    """Give an account a role in an organisation; one year from now unless said otherwise, never longer."""
    assert rol in ROLES, f"there is no role {rol}"
    begin = valid_from or timezone.now()
    end = valid_until or begin + timedelta(days=365)
    if end - begin > LONGEST_GRANT:
        raise ValueError(f"a grant holds at most {LONGEST_GRANT.days} days: confirm it again after that")
    given = Grant(
        account=account, organisation=organisation, rol=rol, doel=doel, valid_from=begin, valid_until=end
    )
    given.full_clean()
    given.save()
    _end_sessions(account)
    note("toegang.geven", f"toegang:{given.public_id}", by=by, organisation=organisation)
    return given


@transaction.atomic
def revoke(*, grant: Grant, by: Account | None) -> None:
    """End a grant now. Pages that are open stop working at their next request."""
    if grant.revoked_at is None:
        grant.revoked_at = timezone.now()
        grant.save(update_fields=["revoked_at"])
        _end_sessions(grant.account)
    note("toegang.intrekken", f"toegang:{grant.public_id}", by=by, organisation=grant.organisation)


@transaction.atomic
def set_password(*, account: Account, password: str, by: Account | None) -> None:
    """Set a password without knowing the old one. Ends all sessions; leaves the second factor as it is."""
    validate_password(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])
    note("account.wachtwoord", f"account:{account.public_id}", by=by)


def _end_sessions(account: Account) -> None:
    account.epoch += 1
    account.save(update_fields=["epoch"])

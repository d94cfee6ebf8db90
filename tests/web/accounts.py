"""Accounts for the tests, through the same actions as in production."""

from __future__ import annotations

from typing import Any

PASSWORD = "een mooie dag in mei"


def make(email: str, gebiedscode: str, *, rol: str = "gemeente-gebruiker") -> Any:
    """A user with a role in the gemeente, which is made when it is not there yet. Needs Django set up."""
    from zorgspiegel.ledger import actions
    from zorgspiegel.ledger.models import Organisation

    organisation = Organisation.objects.filter(gebiedscode=gebiedscode).first()
    if organisation is None:
        naam = f"Gemeente {gebiedscode}"
        organisation = actions.make_organisation(
            naam=naam, soort="gemeente", gebiedscode=gebiedscode, by=None
        )
    account = actions.make_account(email=email, naam="Test Persoon", password=PASSWORD, by=None)
    actions.grant(account=account, organisation=organisation, rol=rol, doel="test", by=None)
    return account

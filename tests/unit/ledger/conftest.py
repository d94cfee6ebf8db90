"""The ledger on both databases: a test that asks for `ledger` or `database` runs on each."""

from __future__ import annotations

from tests.lib.database_fixtures import copies, database, databases, ledger, shared
from tests.lib.databases import set_django_up

set_django_up()  # before a test module imports a model

__all__ = ["copies", "database", "databases", "ledger", "shared"]

"""The ledger on both databases: a test that asks for `ledger` or `database` runs on each."""

from __future__ import annotations

import pytest

from tests.lib.database_fixtures import copies, database, databases, ledger, shared


@pytest.fixture
def in_one_transaction(ledger: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """For a worker inside the transaction of the test: it may not renew the connection of the test."""
    from zorgspiegel.pipeline import worker

    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    return ledger


__all__ = ["copies", "database", "databases", "ledger", "shared"]

"""Fixtures over `databases`: one cluster and one migration per run, a fresh copy per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.lib import databases as lib
from tests.lib.databases import Copies, Description


@pytest.fixture(scope="session")
def databases(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Callable[[str], Copies]]:
    """Gives the copies of one kind of database; skips the test where PostgreSQL is not installed."""
    lib.set_django_up()
    made: dict[str, Copies] = {}
    with lib.cluster() as cluster, django_db_blocker.unblock():

        def give(vendor: str) -> Copies:
            if vendor == "postgresql" and cluster is None:
                pytest.skip(lib.NO_POSTGRESQL)
            if vendor not in made:
                folder = tmp_path_factory.mktemp(vendor)
                made[vendor] = Copies(folder, cluster if vendor == "postgresql" else None)
            return made[vendor]

        yield give


@pytest.fixture(params=lib.VENDORS)
def copies(request: pytest.FixtureRequest, databases: Callable[[str], Copies]) -> Copies:
    """Both databases, one after the other."""
    return databases(request.param)


@pytest.fixture(scope="session")
def shared(databases: Callable[[str], Copies]) -> Iterator[Callable[[str], Description]]:
    """One copy of each kind for all tests that leave nothing behind."""
    with ExitStack() as stack:
        made: dict[str, Description] = {}

        def give(vendor: str) -> Description:
            if vendor not in made:
                made[vendor] = stack.enter_context(databases(vendor).copy())
            return made[vendor]

        yield give


@pytest.fixture(params=lib.VENDORS)
def ledger(
    request: pytest.FixtureRequest, shared: Callable[[str], Description], django_db_blocker: Any
) -> Iterator[str]:
    """An empty database in one transaction that is rolled back, never committed: quick. Gives its kind."""
    from django.db import transaction

    description = shared(request.param)
    with django_db_blocker.unblock(), lib.used(description), transaction.atomic():
        yield request.param
        transaction.set_rollback(True)


@pytest.fixture
def database(copies: Copies, django_db_blocker: Any) -> Iterator[Description]:
    """A fresh database that Django works on during the test. Transactions are real."""
    with copies.copy() as description, django_db_blocker.unblock(), lib.used(description):
        yield description

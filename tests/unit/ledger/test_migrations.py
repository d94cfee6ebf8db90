"""Lines of before the chain come out of the upgrade with a chain, and with the locks on."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.lib import databases as lib
from zorgspiegel.ledger import anchor, audit

BEFORE = [("ledger", "0002_audit_lines_are_only_added")]


@pytest.fixture(params=lib.VENDORS)
def empty(request, databases, django_db_blocker, tmp_path):
    """A database without a single table."""
    copies = databases(request.param)
    with django_db_blocker.unblock():
        if request.param == "sqlite":
            with lib.used(lib.sqlite(tmp_path / "empty.sqlite3")):
                yield
        else:
            copies._cluster.run("CREATE DATABASE empty")
            with lib.used(copies._cluster.database("empty")):
                yield
            copies._cluster.run("DROP DATABASE empty WITH (FORCE)")


def test_lines_of_before_the_chain_are_chained_and_locked(empty, settings, tmp_path):
    settings.AUDIT_ANCHOR = tmp_path / "audit.anchor"
    anchor._written.clear()
    old = MigrationExecutor(connection).migrate(BEFORE).apps.get_model("ledger", "AuditLine")
    for number in range(3):
        old.objects.create(at="2026-11-01T12:00:00Z", what="account.maken", which=f"account:{number}")
    call_command("migrate", interactive=False, verbosity=0)
    anchor.anchor_head()
    assert audit.verify_database() == audit.Verdict(3, 1, 0, 0, ())
    for statement in ("UPDATE ledger_auditline SET outcome = 'x'", "DELETE FROM ledger_auditline"):
        with (
            pytest.raises(DatabaseError, match="only added"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_models_need_no_other_migration(empty):
    call_command("makemigrations", "ledger", check=True, dry_run=True, verbosity=0)

"""The database itself refuses to change or remove an audit line, whatever the program asks."""

from django.db import migrations

SQLITE = [
    f"CREATE TRIGGER ledger_auditline_no_{act.lower()} BEFORE {act} ON ledger_auditline "
    "BEGIN SELECT RAISE(ABORT, 'audit lines are only added'); END"
    for act in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    "CREATE FUNCTION ledger_auditline_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit lines are only added'; END $$",
    "CREATE TRIGGER ledger_auditline_only_added BEFORE UPDATE OR DELETE ON ledger_auditline "
    "FOR EACH ROW EXECUTE FUNCTION ledger_auditline_refuse()",
    "CREATE TRIGGER ledger_auditline_never_emptied BEFORE TRUNCATE ON ledger_auditline "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_auditline_refuse()",
]
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def forbid(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    # No way back: an upgrade that takes the lock off the trail would be the first thing an intruder tries.
    operations = [migrations.RunPython(forbid)]

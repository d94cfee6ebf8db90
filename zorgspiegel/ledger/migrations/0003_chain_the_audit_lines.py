"""Number the audit lines and chain them; the database refuses a line that does not follow the last one.

On SQLite Django adds a column by building the table anew, and the triggers on it vanish without a word. So this
takes all triggers off, and puts all of them on again at the end. A test looks whether they are there.
"""

import importlib

from django.db import migrations, models

from zorgspiegel.ledger.chain import FIRST, digest_of

former = importlib.import_module("zorgspiegel.ledger.migrations.0002_audit_lines_are_only_added")

OFF = {
    "sqlite": [
        "DROP TRIGGER ledger_auditline_no_update",
        "DROP TRIGGER ledger_auditline_no_delete",
    ],
    "postgresql": [
        "DROP TRIGGER ledger_auditline_only_added ON ledger_auditline",
        "DROP TRIGGER ledger_auditline_never_emptied ON ledger_auditline",
        "DROP FUNCTION ledger_auditline_refuse()",
    ],
}
# INSERT OR REPLACE removes a line without a delete trigger: hence the question whether the id is there already.
SQLITE_FOLLOWS = f"""
CREATE TRIGGER ledger_auditline_follows BEFORE INSERT ON ledger_auditline
BEGIN
  SELECT RAISE(ABORT, 'audit lines are only added') WHERE EXISTS (SELECT 1 FROM ledger_auditline WHERE id = NEW.id);
  SELECT RAISE(ABORT, 'an audit line follows the last one')
  WHERE NEW.nr <> COALESCE((SELECT MAX(nr) FROM ledger_auditline), 0) + 1
     OR NEW.previous <> COALESCE((SELECT digest FROM ledger_auditline ORDER BY nr DESC LIMIT 1), '{FIRST}');
END
"""
POSTGRESQL_FOLLOWS = [
    f"""
CREATE FUNCTION ledger_auditline_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last RECORD;
BEGIN
  SELECT nr, digest INTO last FROM ledger_auditline ORDER BY nr DESC LIMIT 1;
  IF NEW.nr <> COALESCE(last.nr, 0) + 1 OR NEW.previous <> COALESCE(last.digest, '{FIRST}') THEN
    RAISE EXCEPTION 'an audit line follows the last one';
  END IF;
  RETURN NEW;
END $$
""",
    "CREATE TRIGGER ledger_auditline_follows BEFORE INSERT ON ledger_auditline "
    "FOR EACH ROW EXECUTE FUNCTION ledger_auditline_follow()",
]
FOLLOWS = {"sqlite": [SQLITE_FOLLOWS], "postgresql": POSTGRESQL_FOLLOWS}


def take_locks_off(apps, schema_editor):
    for statement in OFF[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def chain(apps, schema_editor):
    lines = apps.get_model("ledger", "AuditLine").objects.using(schema_editor.connection.alias)
    previous = FIRST
    for nr, line in enumerate(lines.order_by("id"), start=1):
        line.nr, line.previous = nr, previous
        line.digest = previous = digest_of(line)
        line.save()


def put_locks_on(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in former.STATEMENTS[vendor] + FOLLOWS[vendor]:
        schema_editor.execute(statement)


def text(length):
    return models.CharField(blank=True, default="", max_length=length)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_audit_lines_are_only_added")]
    operations = [
        migrations.RunPython(take_locks_off),
        migrations.AddField("auditline", "rol", text(40), preserve_default=False),
        migrations.AddField("auditline", "doel", text(60), preserve_default=False),
        migrations.AddField("auditline", "waarvandaan", text(60), preserve_default=False),
        migrations.AddField("auditline", "verzoek", text(40), preserve_default=False),
        migrations.AddField("auditline", "nr", models.PositiveBigIntegerField(null=True, editable=False)),
        migrations.AddField(
            "auditline", "previous", models.CharField(null=True, max_length=64, editable=False)
        ),
        migrations.AddField(
            "auditline", "digest", models.CharField(null=True, max_length=64, editable=False)
        ),
        migrations.RunPython(chain),
        migrations.AlterField("auditline", "nr", models.PositiveBigIntegerField(unique=True, editable=False)),
        migrations.AlterField("auditline", "previous", models.CharField(max_length=64, editable=False)),
        migrations.AlterField("auditline", "digest", models.CharField(max_length=64, editable=False)),
        # No way back, as in the migration before this one.
        migrations.RunPython(put_locks_on),
    ]

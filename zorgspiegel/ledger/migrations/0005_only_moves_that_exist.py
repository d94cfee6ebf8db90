"""The database holds the life of a delivery: no other move, and no move whose guard does not hold (decision 0050).

The moves are a copy of `terms.delivery_states` on the day of this migration; a test compares the two.
Receipts and tombstones are written once. On SQLite, a later change of one of these tables by Django takes the
triggers off: that migration must put them on again (a test looks whether they are there).
"""

from django.db import migrations

MOVES = {
    "window_open": [
        "concept>geupload",
        "technisch_afgekeurd>geupload",
        "op_orde_klaar>herlevering",
        "bevestigd>herlevering",
    ],
    "may_withdraw": [
        "geupload>ingetrokken",
        "technisch_afgekeurd>ingetrokken",
        "technisch_goedgekeurd>ingetrokken",
        "op_orde_klaar>ingetrokken",
        "bevestigd>ingetrokken",
        "herlevering>ingetrokken",
    ],
    "deadline_passed": [
        "op_orde_klaar>vergrendeld",
        "bevestigd>vergrendeld",
        "herlevering>vergrendeld",
    ],
    "two_persons": [
        "vergrendeld>herlevering",
        "gepubliceerd>herlevering",
    ],
    "": [
        "geupload>technisch_afgekeurd",
        "geupload>technisch_goedgekeurd",
        "technisch_goedgekeurd>op_orde_klaar",
        "op_orde_klaar>bevestigd",
        "herlevering>vervangen",
        "vergrendeld>gepubliceerd",
    ],
}


def among(moves):
    return "(OLD.state || '>' || NEW.state) IN (" + ", ".join(f"'{move}'" for move in moves) + ")"


def in_round(condition):
    return f"EXISTS (SELECT 1 FROM ledger_deliveryround r WHERE r.id = NEW.ronde_id AND {condition})"


EVERY = [move for moves in MOVES.values() for move in moves]
FORBIDDEN = [
    (f"NOT {among(EVERY)}", "a delivery has no such move"),
    ("NEW.state_at < OLD.state_at", "the clock of a delivery never runs back"),
    (
        f"{among(MOVES['window_open'])} AND NOT "
        + in_round("NEW.state_at >= r.opens_at AND NEW.state_at < r.closes_at"),
        "the round takes no files at that moment",
    ),
    (
        f"{among(MOVES['may_withdraw'])} AND NOT "
        + in_round("NEW.state_at < r.intrekken_tot AND r.intrekken_open"),
        "withdrawing is not possible at that moment",
    ),
    (
        f"{among(MOVES['deadline_passed'])} AND NOT " + in_round("NEW.state_at >= r.intrekken_tot"),
        "the withdrawal deadline has not passed",
    ),
    (
        f"{among(MOVES['two_persons'])} AND (NEW.moved_by_id IS NULL OR NEW.approved_by_id IS NULL "
        "OR NEW.moved_by_id = NEW.approved_by_id)",
        "reopening takes two persons",
    ),
]
OTHER_OWNER = "NEW.organisation_id <> OLD.organisation_id OR NEW.ronde_id <> OLD.ronde_id"


def sqlite():
    checks = " ".join(f"SELECT RAISE(ABORT, '{why}') WHERE {condition};" for condition, why in FORBIDDEN)
    yield (
        "CREATE TRIGGER ledger_delivery_move BEFORE UPDATE OF state ON ledger_delivery "
        f"WHEN NEW.state <> OLD.state BEGIN {checks} END"
    )
    yield (
        f"CREATE TRIGGER ledger_delivery_stays BEFORE UPDATE ON ledger_delivery WHEN {OTHER_OWNER} "
        "BEGIN SELECT RAISE(ABORT, 'a delivery keeps its organisation and round'); END"
    )
    # INSERT OR REPLACE removes a row without a delete trigger: hence the question whether the id is there already.
    yield (
        "CREATE TRIGGER ledger_delivery_begin BEFORE INSERT ON ledger_delivery WHEN NEW.state <> 'concept' "
        "OR EXISTS (SELECT 1 FROM ledger_delivery WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'a delivery begins as concept'); END"
    )
    yield (
        "CREATE TRIGGER ledger_delivery_no_delete BEFORE DELETE ON ledger_delivery WHEN OLD.state <> 'concept' "
        "BEGIN SELECT RAISE(ABORT, 'a delivery is never removed'); END"
    )
    for table in ("receipt", "tombstone"):
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER ledger_{table}_no_{act.lower()} BEFORE {act} ON ledger_{table} "
                f"BEGIN SELECT RAISE(ABORT, 'a {table} is written once'); END"
            )
        yield (
            f"CREATE TRIGGER ledger_{table}_no_replace BEFORE INSERT ON ledger_{table} "
            f"WHEN EXISTS (SELECT 1 FROM ledger_{table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, 'a {table} is written once'); END"
        )


def postgresql():
    checks = " ".join(f"IF {condition} THEN RAISE EXCEPTION '{why}'; END IF;" for condition, why in FORBIDDEN)
    body = f"""
CREATE FUNCTION ledger_delivery_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'concept' THEN RAISE EXCEPTION 'a delivery begins as concept'; END IF;
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'concept' THEN RAISE EXCEPTION 'a delivery is never removed'; END IF;
    RETURN OLD;
  END IF;
  IF {OTHER_OWNER} THEN RAISE EXCEPTION 'a delivery keeps its organisation and round'; END IF;
  IF NEW.state <> OLD.state THEN {checks} END IF;
  RETURN NEW;
END $$
"""
    yield body
    yield (
        "CREATE TRIGGER ledger_delivery_guard BEFORE INSERT OR UPDATE OR DELETE ON ledger_delivery "
        "FOR EACH ROW EXECUTE FUNCTION ledger_delivery_guard()"
    )
    yield (
        "CREATE FUNCTION ledger_written_once() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a % is written once', TG_ARGV[0]; END $$"
    )
    for table in ("receipt", "tombstone", "delivery"):
        yield (
            f"CREATE TRIGGER ledger_{table}_never_emptied BEFORE TRUNCATE ON ledger_{table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION ledger_written_once('{table}')"
        )
    for table in ("receipt", "tombstone"):
        yield (
            f"CREATE TRIGGER ledger_{table}_written_once BEFORE UPDATE OR DELETE ON ledger_{table} "
            f"FOR EACH ROW EXECUTE FUNCTION ledger_written_once('{table}')"
        )


def forbid(apps, schema_editor):
    statements = {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]
    for statement in statements():
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_deliveries_and_steps")]
    # No way back: an upgrade that takes the lock off would be the first thing an intruder tries.
    operations = [migrations.RunPython(forbid)]

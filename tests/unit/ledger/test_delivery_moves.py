"""The database refuses what the table of moves does not have, on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.lib import ledger_world, trail_writers
from tests.lib.ledger_world import NOW
from zorgspiegel.ledger import delivery_actions as actions
from zorgspiegel.ledger.delivery_actions import RefusedError
from zorgspiegel.ledger.delivery_models import Delivery, DeliveryRound, Receipt, Upload
from zorgspiegel.ledger.models import AuditLine
from zorgspiegel.ledger.steps.models import OutboxMail, Step
from zorgspiegel.terms.calendar import AMSTERDAM
from zorgspiegel.terms.delivery_states import MOVES, DeliveryState, Guard, find_move

S = DeliveryState
AFTER = NOW + timedelta(days=10)
"""The first moment that is too late in the invented round."""


@pytest.fixture
def world(ledger):
    return ledger_world.make()


PATHS = {S.CONCEPT: ()}
"""To each state, the states on the way there."""
while len(PATHS) < len(S):
    for _move in MOVES:
        if _move.van in PATHS:
            PATHS.setdefault(_move.naar, (*PATHS[_move.van], _move.naar))


def put(world, state: DeliveryState) -> Delivery:
    """A delivery that has come to `state` by moves that exist."""
    delivery = Delivery.objects.create(organisation=world.organisation, ronde=world.ronde, state_at=NOW)
    van = S.CONCEPT
    for step in PATHS[state]:
        by_sql(delivery, step, at=moment_for(find_move(van, step).guard), world=world)
        van = step
    return delivery


def moment_for(guard):
    return AFTER if guard is Guard.DEADLINE_PASSED else NOW


def by_sql(delivery, naar, *, at=NOW, world=None, persons=2) -> None:
    """The move, past all our code: what somebody with a database client would do. Never back in time."""
    who = [world.coordinator.pk, world.colleague.pk] if world and persons == 2 else [None, None]
    if world and persons == 1:
        who = [world.coordinator.pk] * 2
    current = Delivery.objects.values_list("state_at", flat=True).get(pk=delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=naar, state_at=max(at, current), moved_by_id=who[0], approved_by_id=who[1]
    )


def is_refused(act) -> bool:
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False


def test_of_all_pairs_of_states_the_database_allows_exactly_the_moves_of_the_table(world):
    allowed = set()
    for van in S:
        with transaction.atomic():
            delivery = put(world, van)
            for naar in set(S) - {van}:
                # At a moment at which the guard holds, if there is one: only the table decides here.
                move = find_move(van, naar)
                at = moment_for(move.guard) if move else NOW
                if not is_refused(lambda: by_sql(delivery, naar, at=at, world=world)):  # noqa: B023
                    allowed.add((van, naar))
            transaction.set_rollback(True)
    # Once locked, the clock of a delivery stands past the deadline.
    late = {(m.van, m.naar) for m in MOVES if PATHS[m.van][-1:] and S.VERGRENDELD in PATHS[m.van]}
    impossible_now = {
        pair for pair in late if find_move(*pair).guard in {Guard.MAY_WITHDRAW, Guard.WINDOW_OPEN}
    }
    assert allowed == {(move.van, move.naar) for move in MOVES} - impossible_now


def test_without_the_trigger_an_illegal_move_would_go_through(world):
    delivery = put(world, S.GEUPLOAD)
    assert is_refused(lambda: by_sql(delivery, S.GEPUBLICEERD))
    drop = {"sqlite": "DROP TRIGGER ledger_delivery_move"}
    with connection.cursor() as cursor:
        cursor.execute(drop.get(connection.vendor, "DROP TRIGGER ledger_delivery_guard ON ledger_delivery"))
    assert not is_refused(lambda: by_sql(delivery, S.GEPUBLICEERD))


@pytest.mark.parametrize("state", [S.GEUPLOAD, S.OP_ORDE_KLAAR, S.BEVESTIGD])
def test_withdrawing_stops_at_the_second_in_amsterdam(world, state):
    delivery = put(world, state)
    deadline = AFTER.astimezone(AMSTERDAM)
    assert not is_refused(lambda: by_sql(delivery, S.INGETROKKEN, at=deadline - timedelta(microseconds=1)))
    assert is_refused(lambda: by_sql(delivery, S.INGETROKKEN, at=deadline))


def test_withdrawing_is_refused_while_the_switch_is_off(world):
    delivery = put(world, S.OP_ORDE_KLAAR)
    actions.switch_withdrawal(ronde=world.ronde, is_open=False, by=world.coordinator)
    assert is_refused(lambda: by_sql(delivery, S.INGETROKKEN))
    with pytest.raises(RefusedError, match="Op dit moment kunnen er geen leveringen ingetrokken worden"):
        actions.withdraw(delivery=delivery, by=world.coordinator, now=NOW)
    actions.switch_withdrawal(ronde=world.ronde, is_open=True, by=world.coordinator)
    actions.withdraw(delivery=delivery, by=world.coordinator, now=NOW)
    assert delivery.state == S.INGETROKKEN


def test_locking_before_the_deadline_is_refused(world):
    delivery = put(world, S.OP_ORDE_KLAAR)
    assert is_refused(lambda: by_sql(delivery, S.VERGRENDELD, at=AFTER - timedelta(microseconds=1)))
    assert not is_refused(lambda: by_sql(delivery, S.VERGRENDELD, at=AFTER))


def test_a_file_outside_the_window_is_refused(world):
    delivery = put(world, S.CONCEPT)
    assert is_refused(lambda: by_sql(delivery, S.GEUPLOAD, at=AFTER))
    assert not is_refused(lambda: by_sql(delivery, S.GEUPLOAD))


@pytest.mark.parametrize(("persons", "refused"), [(0, True), (1, True), (2, False)])
def test_reopening_takes_two_people_in_the_database_too(world, persons, refused):
    delivery = put(world, S.GEPUBLICEERD)
    assert is_refused(lambda: by_sql(delivery, S.HERLEVERING, world=world, persons=persons)) is refused


def test_the_clock_of_a_delivery_never_runs_back(world):
    delivery = put(world, S.GEUPLOAD)
    early = Delivery.objects.filter(pk=delivery.pk)
    assert is_refused(lambda: early.update(state=S.TECHNISCH_AFGEKEURD, state_at=NOW - timedelta(seconds=1)))
    actions.withdraw(delivery=delivery, by=world.coordinator, now=NOW - timedelta(hours=1))
    assert delivery.state_at == NOW


def test_a_delivery_begins_as_concept_and_is_never_removed(world):
    make = {"organisation": world.organisation, "ronde": world.ronde}
    assert is_refused(lambda: Delivery.objects.create(**make, state=S.GEPUBLICEERD))
    delivery = put(world, S.GEUPLOAD)
    assert is_refused(lambda: Delivery.objects.filter(pk=delivery.pk).delete())
    concept = put(world, S.CONCEPT)
    assert not is_refused(concept.delete)


def test_a_delivery_keeps_its_organisation_and_round(world):
    delivery = put(world, S.GEUPLOAD)
    other = ledger_world.make(code="GM9998")
    assert is_refused(lambda: Delivery.objects.filter(pk=delivery.pk).update(organisation=other.organisation))


def test_an_organisation_has_one_current_delivery_per_round(world):
    put(world, S.OP_ORDE_KLAAR)
    second = put(world, S.GEUPLOAD)
    assert is_refused(lambda: by_sql(second, S.TECHNISCH_GOEDGEKEURD))


def test_replacing_a_row_is_no_way_around(world):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    receipt = ledger_world.receive(world).receipt

    def replace(table: str, pk: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = %s", [pk])

    line = AuditLine.objects.first()
    rows = [
        ("ledger_delivery", receipt.delivery_id),
        ("ledger_receipt", receipt.pk),
        ("ledger_auditline", line.pk),
    ]
    for table, pk in rows:
        assert is_refused(lambda: replace(table, pk)), table  # noqa: B023


def test_a_receipt_is_written_once(world):
    receipt = ledger_world.receive(world).receipt
    assert is_refused(lambda: Receipt.objects.filter(pk=receipt.pk).update(size_bytes=1))
    assert is_refused(lambda: Receipt.objects.filter(pk=receipt.pk)._raw_delete("default"))


# What the actions do with these moves.


def test_a_double_click_is_one_delivery(world):
    key = uuid.uuid4()
    first = ledger_world.receive(world, key=key)
    again = ledger_world.receive(world, key=key)
    assert (first.receipt, first.is_new, again) == (again.receipt, True, first)
    assert Delivery.objects.count() == Receipt.objects.count() == 1


def test_the_same_file_after_approval_is_not_a_second_delivery(world):
    first = ledger_world.receive(world)
    actions.record_check(receipt=first.receipt, accepted=True, now=NOW)
    actions.record_report(receipt=first.receipt, now=NOW)
    again = ledger_world.receive(world)
    assert (again.receipt, again.is_new) == (first.receipt, False)
    assert Delivery.objects.get().state == S.OP_ORDE_KLAAR


def test_a_second_file_waits_for_the_check_of_the_first(world):
    ledger_world.receive(world, b"one")
    with pytest.raises(RefusedError, match="wordt nog gecontroleerd"):
        ledger_world.receive(world, b"two")
    assert Upload.objects.count() == 1


def test_a_file_after_a_rejected_one_is_its_new_version(world):
    first = ledger_world.receive(world, b"one").receipt
    actions.record_check(receipt=first, accepted=False, now=NOW)
    second = ledger_world.receive(world, b"two").receipt
    assert (second.delivery, second.versie, first.versie) == (first.delivery, 2, 1)
    later = Step.objects.get(walk=actions.DESTROY_WALK, subject=first.nummer)
    assert later.not_before == NOW + actions.KEEP_REJECTED


def test_a_file_after_an_approved_one_replaces_it_when_it_is_approved_itself(world):
    old = ledger_world.receive(world, b"one").receipt
    actions.record_check(receipt=old, accepted=True, now=NOW)
    actions.record_report(receipt=old, now=NOW)
    actions.confirm(delivery=old.delivery, by=world.coordinator, now=NOW)
    new = ledger_world.receive(world, b"two").receipt
    old.delivery.refresh_from_db()
    assert old.delivery.state == S.HERLEVERING, "until then the old one counts"
    actions.record_check(receipt=new, accepted=True, now=NOW)
    old.delivery.refresh_from_db()
    assert (old.delivery.state, new.delivery.state) == (S.VERVANGEN, S.TECHNISCH_GOEDGEKEURD)
    assert Step.objects.filter(walk=actions.DESTROY_WALK, subject=old.nummer).exists()


def test_withdrawing_twice_is_withdrawing_once(world):
    receipt = ledger_world.receive(world).receipt
    for _ in range(2):
        actions.withdraw(delivery=receipt.delivery, by=world.coordinator, now=NOW)
    assert AuditLine.objects.filter(what="aanlevering.intrekken").count() == 1
    assert Step.objects.get(walk=actions.WALK).state == "cancelled"
    actions.record_destruction(receipt=receipt, at=NOW, reden="ingetrokken", key_sha256="0" * 64)
    assert receipt.tombstone.reden == "ingetrokken"
    with pytest.raises(RefusedError, match="niet mogelijk"):
        actions.confirm(delivery=receipt.delivery, by=world.coordinator, now=NOW)


def test_what_nobody_withdrew_is_locked_after_the_deadline(world):
    receipt = ledger_world.receive(world).receipt
    actions.record_check(receipt=receipt, accepted=True, now=NOW)
    actions.record_report(receipt=receipt, now=NOW)
    assert actions.lock_due(now=AFTER - timedelta(seconds=1)) == 0
    assert actions.lock_due(now=AFTER) == 1
    assert actions.lock_due(now=AFTER) == 0
    receipt.delivery.refresh_from_db()
    with pytest.raises(RefusedError):
        actions.withdraw(delivery=receipt.delivery, by=world.coordinator, now=AFTER)
    with pytest.raises(RefusedError, match="correctieronde"):
        ledger_world.receive(world, b"two")


def test_a_delivery_that_is_being_replaced_waits_with_locking_for_that_check(world):
    old = ledger_world.receive(world, b"one").receipt
    actions.record_check(receipt=old, accepted=True, now=NOW)
    actions.record_report(receipt=old, now=NOW)
    new = ledger_world.receive(world, b"two").receipt
    assert actions.lock_due(now=AFTER) == 0
    actions.record_check(receipt=new, accepted=False, now=AFTER)
    assert actions.lock_due(now=AFTER) == 1
    old.delivery.refresh_from_db()
    assert old.delivery.state == S.VERGRENDELD


def test_one_person_cannot_reopen(world):
    delivery = put(world, S.VERGRENDELD)
    one = world.coordinator
    with pytest.raises(RefusedError, match="twee personen"):
        actions.reopen(delivery=delivery, by=one, approved_by=one, now=AFTER)
    actions.reopen(delivery=delivery, by=one, approved_by=world.colleague, now=AFTER)
    assert delivery.state == S.HERLEVERING


def test_every_act_has_its_audit_line_and_every_mail_its_key(world):
    receipt = ledger_world.receive(world).receipt
    actions.record_check(receipt=receipt, accepted=True, now=NOW)
    actions.record_report(receipt=receipt, now=NOW)
    lines = AuditLine.objects.order_by("nr").values_list("what", flat=True)
    assert list(lines) == [
        "bestand.beginnen",
        "aanlevering.ontvangen",
        "aanlevering.controleren",
        "aanlevering.rapporteren",
    ]
    kinds = [f"aanlevering.{word}:{receipt.nummer}" for word in ("gecontroleerd", "ontvangen", "rapport")]
    assert sorted(OutboxMail.objects.values_list("key", flat=True)) == kinds


def test_a_file_that_was_complete_in_time_is_in_time_however_late_we_say_so(world):
    just = AFTER - timedelta(seconds=1)
    receipt = ledger_world.receive(world, now=just).receipt
    assert (receipt.received_at, receipt.is_late) == (just, False)


def test_a_round_is_made_once(world):
    from zorgspiegel.store import definitions
    from zorgspiegel.terms.calendar import Calendar, window
    from zorgspiegel.terms.periods import Period

    yearly = window(definitions.load("calendar", "gemeentezorgspiegel", Calendar), Period(2025))
    made = [actions.open_round(standaard="qsd301", window=yearly, by=None) for _ in range(2)]
    assert made[0] == made[1]
    assert DeliveryRound.objects.filter(standaard="qsd301").count() == 1
    assert AuditLine.objects.filter(what="ronde.openen").count() == 1


def test_what_is_published_was_locked_first(world):
    receipt = ledger_world.receive(world).receipt
    actions.record_check(receipt=receipt, accepted=True, now=NOW)
    actions.record_report(receipt=receipt, now=NOW)
    with pytest.raises(RefusedError, match="niet mogelijk"):
        actions.record_publication(delivery=receipt.delivery, by=None, now=AFTER)
    actions.lock_due(now=AFTER)
    for _ in range(2):
        actions.record_publication(delivery=receipt.delivery, by=None, now=AFTER)
    assert receipt.delivery.state == S.GEPUBLICEERD
    assert AuditLine.objects.filter(what="aanlevering.publiceren").count() == 1


CLICKS = 6


def test_clicks_at_the_same_moment_from_many_processes_are_one_delivery(database, settings, tmp_path):
    settings.AUDIT_ANCHOR = tmp_path / "audit.anchor"
    ledger_world.make(now=timezone.now())
    start, key = multiprocessing.get_context("forkserver"), uuid.uuid4()
    begin = time.time() + 1.0
    processes = [
        start.Process(target=trail_writers.click, args=(database, settings.AUDIT_ANCHOR, key, begin))
        for _ in range(CLICKS)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * CLICKS
    assert [model.objects.count() for model in (Upload, Delivery, Receipt, OutboxMail, Step)] == [1] * 5
    assert AuditLine.objects.count() == 2

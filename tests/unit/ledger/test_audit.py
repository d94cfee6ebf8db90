"""The trail: nobody changes it unseen, not even who has all rights on the database."""

from __future__ import annotations

import ast
import json
import multiprocessing
import random
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from tests.lib import ledger_world, tamper, trail_writers
from tests.lib.ledger_world import NOW
from zorgspiegel.ledger import anchor, audit, chain
from zorgspiegel.ledger.actions import note
from zorgspiegel.ledger.audit import FaultKind
from zorgspiegel.ledger.chain import Circumstances, acting
from zorgspiegel.ledger.models import AuditLine

LINES = 24
TRIALS = 500
"""On each database; `make soak` does more."""
ROOT = Path(__file__).resolve().parents[3] / "zorgspiegel"


@pytest.fixture
def anchored(settings, tmp_path):
    settings.AUDIT_ANCHOR = tmp_path / "audit.anchor"
    anchor._written.clear()
    return settings.AUDIT_ANCHOR


@pytest.fixture
def trail(ledger, anchored):
    """Some lines, anchored as after each commit."""
    world = ledger_world.make()
    for number in range(LINES):
        with acting(Circumstances(rol="gemeente-coordinator", doel="controle", waarvandaan="web")):
            note(
                "aanlevering.lezen",
                f"aanlevering:{number}",
                by=world.coordinator,
                organisation=world.organisation,
            )
        anchor.anchor_head()
    return world


def test_a_trail_that_nobody_touched_is_whole(trail):
    verdict = audit.verify_database()
    assert (verdict.lines, verdict.anchored, verdict.not_anchored, verdict.faults) == (LINES, LINES, 0, ())


def test_every_random_tampering_is_found(trail):
    chance = random.Random(7)
    tamper.take_the_locks_off()
    unseen, ways = [], set()
    for _ in range(TRIALS):
        with transaction.atomic():
            way = chance.choice(tamper.WAYS)
            done = way(chance)
            ways.add(way.__name__)
            if not audit.verify_database().faults:
                unseen.append(done)
            transaction.set_rollback(True)
    assert unseen == []
    assert len(ways) == len(tamper.WAYS)


@pytest.mark.parametrize("way", ["remake", "delete_and_remake", "cut_tail"])
def test_without_the_anchor_these_would_go_unseen(trail, way):
    anchors = anchor.Anchors({}, 0)
    tamper.take_the_locks_off()
    getattr(tamper, way)(random.Random(3))
    assert audit.verify(AuditLine.objects.order_by("nr"), anchors).faults == ()
    assert audit.verify_database().faults


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        ("edit_and_seal", FaultKind.UNLINKED),
        ("remake", FaultKind.REMADE),
        ("swap", FaultKind.EDITED),
        ("cut_tail", FaultKind.CUT),
    ],
)
def test_the_verdict_says_what_was_done(trail, way, kind):
    tamper.take_the_locks_off()
    getattr(tamper, way)(random.Random(5))
    assert kind in {fault.kind for fault in audit.verify_database().faults}


def test_a_removed_line_is_named_by_its_place(trail):
    tamper.take_the_locks_off()
    AuditLine.objects.filter(nr=7)._raw_delete("default")
    (fault,) = audit.verify_database().faults
    assert (fault.kind, fault.nr) == (FaultKind.MISSING, 8)


def test_an_anchor_that_is_gone_is_a_fault(trail, anchored):
    anchored.unlink()
    assert [fault.kind for fault in audit.verify_database().faults] == [FaultKind.NO_ANCHOR]


def test_half_a_line_of_a_dying_process_does_not_spoil_the_anchor(trail, anchored):
    with anchored.open("a") as file:
        file.write("\n25 abc")
    note("trail.bekijken", "trail", by=trail.coordinator)
    anchor.anchor_head()
    verdict = audit.verify_database()
    assert (verdict.faults, verdict.unreadable_anchors, verdict.not_anchored) == ((), 1, 0)


@pytest.mark.parametrize("act", ["update", "delete", "empty"])
def test_the_database_refuses_to_change_or_remove_a_line(trail, act):
    if act == "empty" and connection.vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE; DELETE is refused per row")
    acts = {
        "update": lambda: AuditLine.objects.filter(nr=3).update(outcome="mislukt"),
        "delete": lambda: AuditLine.objects.filter(nr=3)._raw_delete("default"),
        "empty": lambda: connection.cursor().execute(
            "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE ledger_auditline"
        ),
    }
    with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
        acts[act]()


@pytest.mark.parametrize("wrong", [{"nr": LINES + 2}, {"nr": LINES}, {"previous": "0" * 64}])
def test_the_database_refuses_a_line_that_does_not_follow(trail, wrong):
    last = AuditLine.objects.get(nr=LINES)
    fresh = AuditLine(at=NOW, what="x", which="y", nr=LINES + 1, previous=last.digest, digest="1" * 64)
    for name, value in wrong.items():
        setattr(fresh, name, value)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditLine.objects.bulk_create([fresh])


def test_a_line_is_saved_once(trail):
    with pytest.raises(AssertionError, match="only ever added"):
        AuditLine.objects.get(nr=1).save()


def test_an_act_that_fails_leaves_no_line(trail):
    with pytest.raises(RuntimeError), transaction.atomic():
        note("trail.bekijken", "trail", by=trail.coordinator)
        raise RuntimeError
    assert AuditLine.objects.count() == LINES


def test_a_line_tells_everything_that_nen_7513_asks(trail):
    line = AuditLine.objects.get(nr=1)
    fields = {words.split()[0].strip(",") for words in audit.NEN_7513.values()}
    assert all(getattr(line, name) not in (None, "") for name in fields - {"verzoek"})
    with acting(Circumstances(verzoek="r-1")):
        assert note("trail.bekijken", "trail", by=trail.coordinator).verzoek == "r-1"
    assert note("trail.bekijken", "trail", by=trail.coordinator).verzoek == ""


def written_events() -> set[str]:
    """Every first argument of `note(...)` in the product."""
    return {
        call.args[0].value
        for path in ROOT.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "note" and call.args
        if isinstance(call.args[0], ast.Constant)
    }


def test_every_event_that_is_written_is_in_the_catalogue():
    unknown = sorted(written_events() - set(audit.EVENTS))
    assert unknown == [], "add them to EVENTS in ledger/audit.py, with their act"


# Real transactions, several processes.

WRITERS, EACH = 4, 15


def write_together(database, anchored, *, take_turns=True) -> list[int]:
    start = multiprocessing.get_context("forkserver")
    processes = [
        start.Process(target=trail_writers.write, args=(database, anchored, EACH, take_turns))
        for _ in range(WRITERS)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def test_writers_at_the_same_time_make_one_chain(database, anchored):
    ledger_world.make()
    assert write_together(database, anchored) == [0] * WRITERS
    verdict = audit.verify_database()
    assert (verdict.lines, verdict.not_anchored, verdict.faults) == (WRITERS * EACH, 0, ())


def test_without_taking_turns_writers_get_in_each_others_way(databases, django_db_blocker, anchored):
    from tests.lib import databases as lib

    copies = databases("postgresql")
    with copies.copy() as database, django_db_blocker.unblock(), lib.used(database):
        ledger_world.make()
        assert any(write_together(database, anchored, take_turns=False)), "nobody noticed"
        assert audit.verify_database().faults == (), "what was written is a chain all the same"


def test_the_anchor_follows_each_commit_and_no_transaction_that_failed(database, anchored):
    world = ledger_world.make()
    with transaction.atomic():
        note("trail.bekijken", "trail", by=world.coordinator)
        note("trail.bekijken", "trail", by=world.coordinator)
        assert not anchored.exists()
    assert anchor.read(anchored).last == 2
    with pytest.raises(RuntimeError), transaction.atomic():
        note("trail.bekijken", "trail", by=world.coordinator)
        raise RuntimeError
    assert anchor.read(anchored).last == 2
    assert audit.verify_database().faults == ()


def test_an_anchor_that_cannot_be_written_stops_nobody_and_is_seen(database, settings, tmp_path, caplog):
    settings.AUDIT_ANCHOR = tmp_path / "absent" / "audit.anchor"
    anchor._written.clear()
    world = ledger_world.make()
    note("trail.bekijken", "trail", by=world.coordinator)
    assert AuditLine.objects.count() == 1
    assert "anchor_head" in caplog.text
    assert audit.verify_database().faults[0].kind == FaultKind.NO_ANCHOR


def test_the_command_says_so_and_ends_with_1(database, anchored, capsys, monkeypatch):
    from zorgspiegel.cli import main
    from zorgspiegel.config import prepare

    monkeypatch.setattr(prepare, "setup", lambda: None)
    world = ledger_world.make()
    for _ in range(3):
        note("trail.bekijken", "trail", by=world.coordinator)

    def ask(*words):
        with pytest.raises(SystemExit) as ended:
            main(["verify-audit", *words])
        return ended.value.code or 0, capsys.readouterr().out

    assert ask() == (0, "3 lines, 3 anchors, 0 faults\n")
    tamper.take_the_locks_off()
    AuditLine.objects.filter(nr=2).update(outcome="mislukt")
    code, text = ask()
    assert code == 1
    assert "line 2: edited. Line 2 is not what was written." in text
    code, text = ask("--json")
    assert (code, json.loads(text)["faults"][0]["nr"]) == (1, 2)


def test_the_chain_starts_with_a_line_that_follows_nothing(trail):
    assert AuditLine.objects.get(nr=1).previous == chain.FIRST


def test_every_line_of_a_request_carries_its_number(trail):
    from zorgspiegel.ledger.circumstances import request_circumstances

    def view(request):
        return [note("trail.bekijken", "trail", by=trail.coordinator) for _ in range(2)]

    visit = request_circumstances(view)
    first, second = visit(SimpleNamespace()), visit(SimpleNamespace())
    assert first[0].verzoek == first[1].verzoek != second[0].verzoek
    assert {line.waarvandaan for line in first + second} == {"web"}
    assert note("trail.bekijken", "trail", by=trail.coordinator).verzoek == "", "nothing is left behind"

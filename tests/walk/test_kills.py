"""Processes die at every named point, and again while others recover: nothing is lost, nothing is doubled.

Deaths that fired are counted, never those that were planned. And the harness is harnessed: with a protection
left out, it must see the damage.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib import databases as lib
from tests.lib.databases import Copies
from tests.lib.kill_harness import FINAL_WITHIN, Death, Harness, each_once

ROOT = Path(__file__).resolve().parents[2] / "zorgspiegel"
FIRED: dict[str, set[str]] = {}
"""Per database, the points at which a process was really killed in this run."""
FEWEST_PER_DATABASE = 50


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = lib.quick_folder("kills")
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module", params=lib.VENDORS)
def harness(request, databases, folder) -> Harness:
    databases(request.param)
    cluster = databases(request.param)._cluster
    place = folder / request.param
    place.mkdir()
    made = Harness(databases(request.param) if cluster else Copies(place), place)
    made.vendor = request.param
    return made


def test_a_death_at_every_point_and_another_in_the_recovery(harness):
    outcomes = harness.many(each_once(harness.points()))
    assert [outcome for outcome in outcomes if outcome.problems] == []
    fired = [death for outcome in outcomes for death in outcome.fired]
    planned = [death for outcome in outcomes for death in outcome.planned]
    assert sorted(map(str, fired)) == sorted(map(str, planned)), "a death that did not fire proves nothing"
    assert len(fired) >= FEWEST_PER_DATABASE
    assert max(outcome.seconds for outcome in outcomes) < FINAL_WITHIN
    FIRED[harness.vendor] = {death.point for death in fired}


def test_several_workers_at_once_of_which_one_dies(harness):
    outcome = harness.together(seed=501, workers=3)
    assert outcome.problems == ()


@pytest.mark.parametrize("point", ["step.after_work", "lease.after_commit", "mail.after_send"])
def test_a_worker_that_was_thought_dead_comes_back_and_changes_nothing(harness, point):
    assert harness.stale(502, point).problems == ()


# The harness must be able to see damage.


def test_without_the_fence_it_sees_what_is_doubled(harness):
    assert harness.stale(503, "walk.before_mark").problems == ()
    without = harness.stale(503, "walk.before_mark", weakness="no fence")
    assert any("doubled in the trail: proef.merken" in problem for problem in without.problems), without


def test_without_a_key_in_mails_it_sees_mails_that_came_twice(harness):
    outcome = harness.trial(504, [Death("worker", "mail.after_send")], weakness="no key in mails")
    assert any("came twice" in problem for problem in outcome.problems), outcome


def test_with_an_effect_in_a_transaction_of_its_own_it_sees_doubles(harness):
    outcome = harness.trial(
        505, [Death("worker", "step.before_effect", 6)], weakness="effect in a transaction of its own"
    )
    assert any("doubled" in problem for problem in outcome.problems), outcome


def test_with_leases_that_never_end_it_sees_what_is_stuck(harness):
    outcome = harness.trial(
        506, [Death("worker", "step.before_work")], weakness="leases never end", patience=2
    )
    assert any("not final" in problem for problem in outcome.problems), outcome


def test_with_a_receipt_before_it_is_durable_it_sees_a_delivery_that_is_lost(harness):
    outcome = harness.trial(
        507, [Death("sender", "blob.before_rename")], weakness="receipt before it is durable"
    )
    assert any("receipt" in problem for problem in outcome.problems), outcome


# Every durable act has its kill points, and every kill point had its death.

DELIVERY_PATH = [
    "store/durable.py",
    "store/blobs.py",
    "store/shredding.py",
    "ledger/anchor.py",
    "ledger/chain.py",
    "ledger/outbox.py",
    "ledger/steps/leases.py",
    "ledger/steps/walks.py",
    "ledger/delivery_actions.py",
]


def called(tree: ast.AST) -> list[str]:
    """Names of what is called, in order of place: `os.fsync`, `kill_point`, `transaction.atomic`."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [ast.unparse(call.func) for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]


def unguarded(source: str) -> list[str]:
    """Functions with a durable act that has no kill point before it, or none after it.

    A function that is one transaction (`@transaction.atomic`) is not asked: dying leaves nothing of it.
    """
    guilty = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = called(function)
        acts = [n for n, name in enumerate(names) if name in {"os.fsync", "os.replace", "os.link"}]
        acts += [n for n, name in enumerate(names) if name == "transaction.atomic"]
        for act in acts:
            is_commit = names[act] == "transaction.atomic"  # its end is the durable act, so both come after
            before = "kill_point" in (names[act:] if is_commit else names[:act])
            after = names[act:].count("kill_point") >= (2 if is_commit else 1)
            if not (before and after) and function.name != "sync_folder":
                guilty.append(f"{function.name}: {names[act]}")
    return guilty


@pytest.mark.parametrize("module", DELIVERY_PATH)
def test_every_durable_act_has_a_kill_point_before_and_after_it(module):
    source = (ROOT / module).read_text(encoding="utf-8")
    assert unguarded(source) == []


def test_a_durable_act_without_a_kill_point_is_seen():
    source = (ROOT / "store/blobs.py").read_text(encoding="utf-8")
    for point in ("blob.before_fsync", "blob.before_flush", "blob.after_flush"):
        assert unguarded(source.replace(f'kill_point("{point}")', "pass")) != [], point


def test_every_kill_point_stands_at_one_place_and_had_its_death():
    places = [
        call.args[0].value
        for path in sorted(ROOT.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "kill_point"
    ]
    assert len(places) >= 30
    assert len(set(places)) == len(places), "a name stands at two places"
    if not FIRED:
        pytest.skip("the deaths did not run: run the whole module")
    for vendor, fired in FIRED.items():
        missed = sorted(set(places) - fired)
        assert missed == [], f"no death on {vendor}; have tests/lib/kill_walk.py pass there"

"""Leases, fences, retries: the promises of the step engine, one by one, with a clock that we move."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import transaction

from tests.lib.ledger_world import NOW
from zorgspiegel.ledger.models import Organisation
from zorgspiegel.ledger.steps import leases, walks
from zorgspiegel.ledger.steps.leases import LostLeaseError, Policy
from zorgspiegel.ledger.steps.models import Step, WorkState
from zorgspiegel.ledger.steps.walks import OperatorError, Walk
from zorgspiegel.pipeline.worker import Chore, Worker
from zorgspiegel.terms.errors import SourceError

POLICY = Policy(lease=timedelta(seconds=15), attempts=6, first_wait=timedelta(seconds=5))


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


@pytest.fixture
def clock(in_one_transaction):
    return Clock()


def make_worker(clock, **steps) -> Worker:
    walk = Walk("wandeling", steps or {"een": lambda job: walks.nothing})
    return Worker({"wandeling": walk}, clock=clock, policy=POLICY, name="test")


def ask(clock, subject="x"):
    return walks.begin("wandeling", subject, now=clock.now)


def states(subject="x"):
    return dict(Step.objects.filter(subject=subject).order_by("pk").values_list("name", "state"))


def test_a_walk_goes_in_its_order_and_each_step_once(clock):
    done = []

    def step(name):
        return lambda job: lambda: done.append((name, job.subject, job.attempt))

    ask(clock)
    ask(clock)
    worker = make_worker(clock, een=step("een"), twee=step("twee"))
    assert worker.run(once=True) == 3
    assert done == [("een", "x", 1), ("twee", "x", 1)]
    assert set(states().values()) == {WorkState.DONE}
    assert worker.run(once=True) == 0
    ask(clock)
    assert worker.run(once=True) == 0, "asking for what is done is no new walk"


def test_what_is_asked_in_a_transaction_that_fails_was_never_asked(clock):
    with pytest.raises(RuntimeError), transaction.atomic():
        ask(clock)
        raise RuntimeError
    assert Step.objects.count() == 0


def test_an_effect_that_fails_leaves_nothing_of_itself(clock):
    def half(job):
        def effect():
            Organisation.objects.create(naam="half", soort="beheerder")
            if job.attempt == 1:
                raise OSError

        return effect

    ask(clock)
    worker = make_worker(clock, een=half)
    worker.run(once=True)
    assert Organisation.objects.count() == 0
    clock.move(seconds=5)
    worker.run(once=True)
    assert Organisation.objects.count() == 1
    assert states()["een"] == WorkState.DONE


def test_waiting_doubles_and_after_six_attempts_it_is_for_the_operator(clock):
    attempts = []

    def fail(job):
        attempts.append(clock.now - NOW)
        raise ConnectionError("the value 123456782 of a person")

    ask(clock)
    worker = make_worker(clock, een=fail)
    for _ in range(400):
        worker.run(once=True)
        clock.move(seconds=1)
    assert [moment.seconds for moment in attempts] == [0, 5, 15, 35, 75, 155]
    step = Step.objects.get(name="een")
    assert step.state == WorkState.DEAD
    assert "failed (attempt 6): ConnectionError in test_steps.py, line" in step.message
    assert f"zorgspiegel worker --retry {step.pk}" in step.message
    assert "123456782" not in step.message


def test_our_own_messages_are_quoted(clock):
    def fail(job):
        raise SourceError("There is no file x.csv. Check the path.")

    ask(clock)
    make_worker(clock, een=fail).run(once=True)
    assert Step.objects.get(name="een").message.endswith("There is no file x.csv. Check the path.")


@pytest.mark.parametrize("error", [OperatorError("Put the key back."), AssertionError("this cannot be")])
def test_what_nobody_can_solve_by_trying_again_is_for_the_operator_at_once(clock, error):
    def fail(job):
        raise error

    ask(clock)
    ask(clock, "y")
    worker = make_worker(clock, een=fail)
    worker.run(once=True)
    assert Step.objects.filter(name="een", state=WorkState.DEAD).count() == 2, (
        "one never keeps the other waiting"
    )


def test_after_mending_the_operator_has_it_tried_again(clock):
    is_mended = []

    def step(job):
        if not is_mended:
            raise OperatorError("Put the key back.")
        return walks.nothing

    ask(clock)
    worker = make_worker(clock, een=step)
    worker.run(once=True)
    is_mended.append(True)
    dead = Step.objects.get(name="een")
    assert walks.retry(dead, now=clock.now)
    assert not walks.retry(dead, now=clock.now)
    worker.run(once=True)
    assert states()["een"] == WorkState.DONE


def take(clock):
    return leases.take(Step, worker="a", now=clock.now, policy=POLICY)


def test_work_is_held_by_one_until_its_lease_ends(clock):
    ask(clock)
    first = take(clock)
    assert take(clock) is None
    clock.move(seconds=14)
    assert leases.renew(first, now=clock.now, policy=POLICY)
    clock.move(seconds=14)
    assert take(clock) is None
    clock.move(seconds=1)
    second = take(clock)
    assert second.fence == first.fence + 1
    assert not leases.renew(first, now=clock.now, policy=POLICY)
    with pytest.raises(LostLeaseError):
        leases.finish(first, now=clock.now)
    leases.finish(second, now=clock.now)


def test_without_the_fence_who_lost_its_lease_could_still_record(clock, monkeypatch):
    ask(clock)
    first = take(clock)
    clock.move(seconds=15)
    take(clock)
    monkeypatch.setattr(leases, "_ours", lambda work: Step.objects.filter(pk=work.pk))
    leases.finish(first, now=clock.now)
    assert Step.objects.get().state == WorkState.DONE


def test_who_lost_its_lease_records_nothing(clock):
    def slow(job):
        clock.move(seconds=15)
        assert take(clock) is not None
        return lambda: Organisation.objects.create(naam="te laat", soort="beheerder")

    ask(clock)
    worker = make_worker(clock, een=slow)
    worker.one()
    assert worker.one()
    assert Organisation.objects.count() == 0
    assert states()["een"] == WorkState.LEASED


def test_a_step_that_kills_its_process_again_and_again_is_left_alone(clock):
    ask(clock)
    for _ in range(POLICY.attempts):
        assert take(clock) is not None
        clock.move(seconds=15)
    assert take(clock) is None
    step = Step.objects.get()
    assert step.state == WorkState.DEAD
    assert "stopped 6 times" in step.message


def test_a_clock_that_was_set_back_does_not_keep_the_work_of_the_dead(clock):
    ask(clock)
    clock.move(hours=3)
    assert take(clock) is not None
    clock.move(hours=-2)
    assert take(clock) is not None


def test_being_asked_to_stop_is_no_failure(clock):
    def stopped(job):
        raise KeyboardInterrupt

    ask(clock)
    worker = make_worker(clock, een=stopped)
    worker.one()
    with pytest.raises(KeyboardInterrupt):
        worker.one()
    step = Step.objects.get(name="een")
    assert (step.state, step.attempts) == (WorkState.WAITING, 0)


def test_what_was_cancelled_is_not_done_and_who_is_doing_it_records_nothing(clock):
    def step(job):
        assert walks.cancel("wandeling", "x") == 1
        return lambda: Organisation.objects.create(naam="vervallen", soort="beheerder")

    ask(clock)
    make_worker(clock, een=step).run(once=True)
    assert Organisation.objects.count() == 0
    assert states() == {"begin": WorkState.DONE, "een": WorkState.CANCELLED}


def test_a_step_of_a_newer_version_waits_for_a_newer_worker(clock):
    ask(clock)
    walks.begin("nieuwe-wandeling", "y", now=clock.now)
    Step.objects.create(walk="wandeling", subject="z", name="nieuwe-stap", not_before=clock.now)
    make_worker(clock).run(once=True)
    waiting = Step.objects.filter(state=WorkState.WAITING).values_list("subject", flat=True)
    assert sorted(waiting) == ["y", "z"]


def test_asking_for_an_earlier_moment_brings_it_forward(clock):
    walks.begin("wandeling", "x", now=clock.now + timedelta(days=7))
    worker = make_worker(clock)
    assert worker.run(once=True) == 0
    ask(clock)
    assert worker.run(once=True) == 2


def test_a_chore_that_fails_keeps_nothing_waiting(clock, caplog):
    done = []

    def fail(now):
        raise OSError("a value")

    ask(clock)
    worker = make_worker(clock)
    worker.chores = (
        Chore("broken", timedelta(minutes=1), fail),
        Chore("fine", timedelta(minutes=1), done.append),
    )
    with caplog.at_level(logging.ERROR, "zorgspiegel.worker"):
        assert worker.run(once=True) == 2
        clock.move(minutes=1)
        worker.run(once=True)
    assert len(done) == 2
    assert caplog.messages == ["broken: OSError"] * 2


def test_the_operator_sees_in_the_log_what_failed(clock, caplog):
    def fail(job):
        raise OperatorError("Put the key back.")

    ask(clock)
    with caplog.at_level(logging.INFO, "zorgspiegel.worker"):
        make_worker(clock, een=fail).run(once=True)
    assert caplog.messages[-1].startswith("step dead: Step een of wandeling x failed")

"""Walks: named steps in an order. A step does its slow work first, and returns its effect: what to record.

    def check(job: Job) -> Effect:
        outcome = slow_work(job.subject)          # may happen more than once; writes files under fixed names
        return lambda: record(outcome)            # happens once, in the transaction that ends the step

Slow work may be repeated, by another process, even at the same time: it reads what never changes and writes
the same files again. The effect is rows, moves, mails and audit lines; it happens exactly once.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from zorgspiegel.ledger.steps import leases
from zorgspiegel.ledger.steps.leases import LostLeaseError, Policy
from zorgspiegel.ledger.steps.models import Step, WorkState
from zorgspiegel.terms.errors import ZorgspiegelError
from zorgspiegel.terms.kill_points import kill_point

BEGIN = "begin"
"""The step with which each walk begins. It does nothing; who asks for a walk need not know its steps."""
Effect = Callable[[], None]


def nothing() -> None:
    """The effect of a step that has nothing to record."""


@dataclass(frozen=True)
class Job:
    """What a step knows. attempt: 1 the first time; more when it failed, or its process died.

    is_lost: asks whether somebody else has taken over; long work looks now and then, and stops.
    """

    walk: str
    subject: str
    step: str
    attempt: int
    now: datetime
    is_lost: Callable[[], bool] = field(default=lambda: False)


@dataclass(frozen=True)
class Walk:
    """Steps in order, by name. A name is never given to another step: rows of older versions hold it."""

    name: str
    steps: Mapping[str, Callable[[Job], Effect]]

    def after(self, step: str) -> str | None:
        """The step that follows; None after the last."""
        names = [BEGIN, *self.steps]
        return dict(pairwise(names)).get(step)


class OperatorError(ZorgspiegelError):
    """Trying again is of no use: somebody must do something first. The message says what."""


def begin(walk: str, subject: str, *, now: datetime) -> Step:
    """Ask for a walk, in the transaction that gives the reason for it. Asking twice is asking once."""
    row, is_new = Step.objects.get_or_create(
        walk=walk, subject=subject, name=BEGIN, defaults={"not_before": now, "made_at": now}
    )
    if not is_new:  # asked for at a later moment before: the earlier one counts
        later = Step.objects.filter(pk=row.pk, state=WorkState.WAITING, not_before__gt=now)
        later.update(not_before=now)
    return row


def cancel(walk: str, subject: str) -> int:
    """Let what is not done yet lapse, such as after a withdrawal. Who is doing it now will record nothing."""
    rows = Step.objects.filter(walk=walk, subject=subject).exclude(state=WorkState.DONE)
    return rows.update(state=WorkState.CANCELLED, leased_by="", leased_until=None)


def retry(step: Step, *, now: datetime) -> bool:
    """After the operator mended the cause: try again. False when it does not wait for the operator."""
    rows = Step.objects.filter(pk=step.pk, state=WorkState.DEAD)
    return rows.update(state=WorkState.WAITING, attempts=0, not_before=now, message="") == 1


def take(walks: Mapping[str, Walk], *, worker: str, now: datetime, policy: Policy) -> Step | None:
    """A step that this version knows. Those of a newer version wait for a newer worker."""
    known = Q(pk__in=[])
    for walk in walks.values():
        known |= Q(walk=walk.name, name__in=[BEGIN, *walk.steps])
    return leases.take(Step, worker=worker, now=now, policy=policy, among=known)


def run(
    step: Step, walk: Walk, *, clock: Callable[[], datetime], policy: Policy, is_lost: Callable[[], bool]
) -> str:
    """Do one step that was taken. What became of it: done, lost, later, or dead."""
    job = Job(walk.name, step.subject, step.name, step.attempts, clock(), is_lost)
    try:
        kill_point("step.before_work")
        effect = nothing if step.name == BEGIN else walk.steps[step.name](job)
        kill_point("step.after_work")
        _record(step, walk, effect, now=clock())
    except LostLeaseError:
        return "lost"
    except Exception as error:
        is_hopeless = isinstance(error, OperatorError | AssertionError)
        message = describe(step, error)
        is_dead = leases.give_back(
            step, now=clock(), policy=policy, message=message, for_operator=is_hopeless
        )
        return "dead" if is_dead else "later"
    except BaseException:  # asked to stop: no failure of this step
        leases.put_back(step)
        raise
    return "done"


def _record(step: Step, walk: Walk, effect: Effect, *, now: datetime) -> None:
    with transaction.atomic():
        leases.finish(step, now=now)
        kill_point("step.before_effect")
        effect()
        kill_point("step.after_effect")
        if follows := walk.after(step.name):
            Step.objects.get_or_create(
                walk=walk.name,
                subject=step.subject,
                name=follows,
                defaults={"not_before": now, "made_at": now},
            )
        kill_point("step.before_commit")
    kill_point("step.after_commit")


def describe(step: Step, error: Exception) -> str:
    """For the operator: what, where, what to do. Only our own messages are quoted: others may hold values."""
    what = f"Step {step.name} of {step.walk} {step.subject} failed (attempt {step.attempts})"
    if isinstance(error, ZorgspiegelError):
        return f"{what}: {error}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    ours = [frame for frame in frames if "zorgspiegel" in frame.filename] or frames
    where = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else "the step engine"
    whose = (
        "a mistake of ours: report it" if isinstance(error, AssertionError) else "see the log of the worker"
    )
    return f"{what}: {type(error).__name__} in {where}; {whose}. Then: zorgspiegel worker --retry {step.pk}"

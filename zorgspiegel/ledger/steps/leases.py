"""Taking work, keeping it, and giving it back. All that several processes must agree on is here.

A lease ends by itself: who takes work and dies, loses it within `Policy.lease`. Taking raises the fence;
recording asks for it. Times are of the machine's clock. When that is set back, a dead process would keep its
lease until the old time; so a lease that ends later than anybody could write now has ended too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Q

from zorgspiegel.ledger.steps.models import Work, WorkState
from zorgspiegel.terms.kill_points import kill_point

W = TypeVar("W", bound=Work)


class LostLeaseError(Exception):
    """Somebody else has taken this work over: record nothing."""


@dataclass(frozen=True)
class Policy:
    """How patient we are.

    lease:    how long work is ours without a sign of life. attempts: after so many it is for the operator;
    None: never.
    """

    lease: timedelta = timedelta(seconds=15)
    attempts: int | None = 6
    first_wait: timedelta = timedelta(seconds=5)
    longest_wait: timedelta = timedelta(minutes=15)

    def wait_after(self, attempts: int) -> timedelta:
        """How long to wait before the next attempt: twice as long each time."""
        return min(self.first_wait * 2 ** min(attempts - 1, 20), self.longest_wait)


def take(model: type[W], *, worker: str, now: datetime, policy: Policy, among: Q | None = None) -> W | None:
    """Take the piece of work that waits longest; None when nothing is due.

    Work whose process died too often is not taken but left to the operator: it would stop us as well.
    """
    due = _due(now, policy) & (among or Q())
    if not model._default_manager.filter(due).exists():
        return None
    with transaction.atomic():
        # On SQLite the transaction itself is the lock (IMMEDIATE), and there is nothing to skip.
        rows = model._default_manager.select_for_update(skip_locked=True).filter(due)
        for work in rows.order_by("not_before", "pk")[:20]:
            if policy.attempts is not None and work.attempts >= policy.attempts:
                _bury(
                    work, f"The process stopped {work.attempts} times while doing this; it did not say why."
                )
                continue
            work.state, work.leased_by, work.leased_until = WorkState.LEASED, worker, now + policy.lease
            work.fence += 1
            work.attempts += 1
            work.save(update_fields=["state", "leased_by", "leased_until", "fence", "attempts"])
            kill_point("lease.before_commit")
            break
        else:
            work = None
    kill_point("lease.after_commit")
    return work


def renew(work: Work, *, now: datetime, policy: Policy) -> bool:
    """A sign of life. False when somebody else has taken over."""
    return _ours(work).update(leased_until=now + policy.lease) == 1


def finish(work: Work, *, now: datetime) -> None:
    """Record that it is done. Call it first in the transaction that records the effect: it locks the row.

    Raises LostLeaseError when somebody else has taken over; the transaction must then be rolled back.
    """
    done = {"state": WorkState.DONE, "done_at": now, "leased_by": "", "leased_until": None, "message": ""}
    if _ours(work).update(**done) != 1:
        raise LostLeaseError


def give_back(work: Work, *, now: datetime, policy: Policy, message: str, for_operator: bool = False) -> bool:
    """It failed: try again later, or leave it to the operator. True when it was left to the operator."""
    is_dead = for_operator or (policy.attempts is not None and work.attempts >= policy.attempts)
    with transaction.atomic():
        _ours(work).update(
            state=WorkState.DEAD if is_dead else WorkState.WAITING,
            not_before=now + policy.wait_after(work.attempts),
            leased_by="",
            leased_until=None,
            message=message,
        )
        kill_point("give_back.before_commit")
    kill_point("give_back.after_commit")
    return is_dead


def put_back(work: Work) -> None:
    """Stop without having failed, such as when the worker is asked to stop: anybody may take it at once."""
    _ours(work).update(state=WorkState.WAITING, attempts=work.attempts - 1, leased_by="", leased_until=None)


def _due(now: datetime, policy: Policy) -> Q:
    waits = Q(state=WorkState.WAITING, not_before__lte=now)
    left = Q(state=WorkState.LEASED) & (Q(leased_until__lte=now) | Q(leased_until__gt=now + 2 * policy.lease))
    return waits | left


def _ours(work: Work):  # type: ignore[no-untyped-def]
    manager = type(work)._default_manager
    return manager.filter(pk=work.pk, state=WorkState.LEASED, fence=work.fence)


def _bury(work: Work, message: str) -> None:
    work.state, work.message, work.leased_until = WorkState.DEAD, message, None
    work.fence += 1
    work.save(update_fields=["state", "message", "leased_until", "fence"])

"""The process that walks: takes a step or a mail that is due, does it, and takes the next.

Any number of workers may run, on any number of machines. One that is killed at any moment loses nothing: its
lease ends, and another one goes on (`ledger.steps`). A database that is away makes a worker wait, not stop.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from zorgspiegel.ledger import outbox
from zorgspiegel.ledger.chain import Circumstances, acting
from zorgspiegel.ledger.steps import leases, walks
from zorgspiegel.ledger.steps.leases import Policy
from zorgspiegel.ledger.steps.models import Step, Work
from zorgspiegel.ledger.steps.walks import Walk
from zorgspiegel.terms.errors import ZorgspiegelError

LOG = logging.getLogger("zorgspiegel.worker")
SIGNS_OF_LIFE_PER_LEASE = 3
DEFAULT = Policy()


@dataclass(frozen=True)
class Chore:
    """Something small that is done now and then. Must be safe to do twice, and at the same time."""

    name: str
    every: timedelta
    act: Callable[[datetime], object]


def own_name() -> str:
    """Host and process, for the operator who wonders who holds a lease."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


@dataclass
class Worker:
    """Takes work until it is asked to stop.

    walks: by name; steps of other walks are left to other workers. pause: how long to wait when nothing is
    due.
    """

    walks: Mapping[str, Walk]
    chores: Sequence[Chore] = ()
    name: str = field(default_factory=own_name)
    clock: Callable[[], datetime] = timezone.now
    policy: Policy = DEFAULT
    mail_policy: Policy = outbox.POLICY
    pause: timedelta = timedelta(seconds=1)
    _stop: threading.Event = field(default_factory=threading.Event)
    _done_at: dict[str, datetime] = field(default_factory=dict)

    def run(self, *, once: bool = False) -> int:
        """Work until `stop`, or with `once` until nothing is due. How many steps and mails were taken."""
        taken = 0
        with acting(Circumstances(rol="systeem", waarvandaan="worker")):
            while not self._stop.is_set():
                try:
                    close_old_connections()
                    self._do_chores()
                    did_something = self.one()
                except DatabaseError as error:
                    # The text of a database error can hold values: its kind must do.
                    LOG.warning("the database does not answer (%s); trying again", type(error).__name__)
                    connection.close()
                    did_something = False
                    if once:
                        raise
                taken += did_something
                if not did_something:
                    if once:
                        break
                    self._stop.wait(self.pause.total_seconds())
        return taken

    def stop(self) -> None:
        """Finish what is being done, and then stop. May be called from a signal or another thread."""
        self._stop.set()

    def one(self) -> bool:
        """Do one step, or else send one mail. False when nothing is due."""
        step = walks.take(self.walks, worker=self.name, now=self.clock(), policy=self.policy)
        if step is not None:
            with _alive(step, self.clock, self.policy) as is_lost:
                walk = self.walks[step.walk]
                became = walks.run(step, walk, clock=self.clock, policy=self.policy, is_lost=is_lost)
            _tell(step, became)
            return True
        mail = outbox.take(worker=self.name, now=self.clock(), policy=self.mail_policy)
        if mail is not None:
            with _alive(mail, self.clock, self.mail_policy):
                became = outbox.send(mail, clock=self.clock, policy=self.mail_policy)
            _tell(mail, became)
            return True
        return False

    def _do_chores(self) -> None:
        now = self.clock()
        for chore in self.chores:
            last = self._done_at.get(chore.name)
            if last is None or not last <= now < last + chore.every:
                self._done_at[chore.name] = now
                try:
                    chore.act(now)
                except DatabaseError:
                    raise
                except Exception as error:  # a chore that fails must not keep the steps waiting
                    LOG.error("%s: %s", chore.name, describe(error))


@contextmanager
def _alive(work: Work, clock: Callable[[], datetime], policy: Policy) -> Iterator[Callable[[], bool]]:
    """Give signs of life while the work lasts. Gives a function that says whether the lease was lost."""
    is_over, is_lost = threading.Event(), threading.Event()
    seconds = policy.lease.total_seconds() / SIGNS_OF_LIFE_PER_LEASE

    def beat() -> None:
        try:
            while not is_over.wait(seconds):
                try:
                    if not leases.renew(work, now=clock(), policy=policy):
                        is_lost.set()
                        return
                except DatabaseError:  # the lease runs out if this stays; recording then refuses
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="signs of life", daemon=True)
    thread.start()
    try:
        yield is_lost.is_set
    finally:
        is_over.set()
        thread.join()


def describe(error: Exception) -> str:
    """Our own messages as they are; of others only the kind, since their text may hold values."""
    return str(error) if isinstance(error, ZorgspiegelError) else type(error).__name__


def _tell(work: Work, became: str) -> None:
    kind = "step" if isinstance(work, Step) else "mail"
    if became in {"later", "dead"}:
        message = type(work)._default_manager.values_list("message", flat=True).get(pk=work.pk)
        LOG.log(logging.ERROR if became == "dead" else logging.WARNING, "%s %s: %s", kind, became, message)
    else:
        LOG.info("%s %s %s", kind, work.pk, became)

"""The chain of the trail: each line carries the digest of the one before it. None can be changed unseen.

Lines are numbered 1, 2, 3 without gaps. One line is written at a time: on SQLite because a transaction holds
the database, on PostgreSQL because a lock is held from writing the line until the commit. So write it as the
last act of a transaction. The database itself refuses a line that does not follow the last one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections, models, router, transaction

from zorgspiegel.ledger.anchor import anchor_head
from zorgspiegel.terms.kill_points import kill_point

FIRST = "0" * 64
"""What the first line has for the digest of the line before it."""
_TURN = 0x7A6F7267
"""Number of the lock on PostgreSQL that gives one writer its turn."""
_FIELDS = (
    "nr", "at", "by_id", "organisation_id", "what", "which", "outcome",
    "rol", "doel", "waarvandaan", "verzoek",
)  # fmt: skip


@dataclass(frozen=True)
class Circumstances:
    """What a line tells besides the act: in which role, for which purpose, from where, in which request."""

    rol: str = ""
    doel: str = ""
    waarvandaan: str = ""
    verzoek: str = ""


_circumstances: ContextVar[Circumstances | None] = ContextVar("circumstances", default=None)


@contextmanager
def acting(circumstances: Circumstances) -> Iterator[None]:
    """Every line that is written inside carries these circumstances."""
    token = _circumstances.set(circumstances)
    try:
        yield
    finally:
        _circumstances.reset(token)


class ChainedLine(models.Model):
    """What the chain adds to a line of the trail. Saving a new line numbers and seals it."""

    nr = models.PositiveBigIntegerField(unique=True, editable=False)
    previous = models.CharField(max_length=64, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    rol = models.CharField(max_length=40, blank=True)
    doel = models.CharField(max_length=60, blank=True)
    waarvandaan = models.CharField(max_length=60, blank=True)
    verzoek = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the line after the last one. A line that exists cannot be saved again."""
        assert self._state.adding, "a line of the trail is only ever added"
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        for name, value in vars(_circumstances.get() or Circumstances()).items():
            setattr(self, name, getattr(self, name) or value)
        with transaction.atomic(using=using):
            _take_turn(using)
            self._follow(using)
            super().save(*args, **{**kwargs, "force_insert": True})
            transaction.on_commit(anchor_head, using=using, robust=True)
            kill_point("trail.before_commit")
        kill_point("trail.after_commit")

    def _follow(self, using: str) -> None:
        lines = type(self)._default_manager.using(using).order_by("-nr")
        last = lines.values_list("nr", "digest").first() or (0, FIRST)
        self.nr, self.previous = last[0] + 1, last[1]
        self.digest = digest_of(self)


def digest_of(line: Any) -> str:
    """SHA-256 over the former line's digest and everything that this line says."""
    values = [getattr(line, name) for name in _FIELDS]
    plain = [_moment(value) if isinstance(value, datetime) else value for value in values]
    text = json.dumps([line.previous, *plain], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _take_turn(using: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])

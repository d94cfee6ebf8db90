"""The anchor: a file outside the database that remembers how far the trail had come, and with which digest.

A chain alone does not show that its last lines were cut off, or that all of it was made anew. The anchor
does. So the file belongs where who can write the database cannot write: on another host, or on a medium that
only appends. Each line is `number digest moment`; a line that was half written when a process died is no
line.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from zorgspiegel.terms.kill_points import kill_point

_LINE = re.compile(r"(\d+) ([0-9a-f]{64}) (\S+)")
_written: dict[Path, int] = {}
"""Per file, up to which line this process knows it to be written."""


@dataclass(frozen=True)
class Anchors:
    """What a file remembers: per line number its digest, and how many lines of the file could not be read."""

    digests: dict[int, set[str]]
    unreadable: int

    @property
    def last(self) -> int:
        """How far the trail had come at least."""
        return max(self.digests, default=0)


def anchor_head() -> None:
    """Remember the last line of the trail. After each commit that added lines, and when a worker starts."""
    path = settings.AUDIT_ANCHOR
    lines = apps.get_model("ledger", "AuditLine")._default_manager.order_by("-nr")
    last = lines.values_list("nr", "digest").first()
    if last is None or _written.get(path, 0) >= last[0]:
        return
    append(path, nr=last[0], digest=last[1], at=timezone.now())
    _written[path] = last[0]


def append(path: Path, *, nr: int, digest: str, at: datetime) -> None:
    """Add one line, durably. Processes may do so at the same time: the order of the lines means nothing."""
    kill_point("anchor.before_write")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # In front, so that what a dying process left half written never takes the next line with it.
        os.write(handle, f"\n{nr} {digest} {at.isoformat()}".encode())
        kill_point("anchor.before_fsync")
        os.fsync(handle)
    finally:
        os.close(handle)
    kill_point("anchor.after_fsync")


def read(path: Path) -> Anchors | None:
    """Everything that the file remembers; None when there is no file."""
    digests: dict[int, set[str]] = {}
    unreadable = 0
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            for line in filter(None, map(str.strip, file)):
                if match := _LINE.fullmatch(line):
                    digests.setdefault(int(match[1]), set()).add(match[2])
                else:
                    unreadable += 1
    except FileNotFoundError:
        return None
    return Anchors(digests, unreadable)

"""Words inside this room: a fault that can be counted, and a record kind with its cells read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis.expr.types as ir

from zorgspiegel.terms.findings import Severity


@dataclass(frozen=True)
class Fault:
    """Something that the check counts, and what to say when the count is not zero."""

    code: str
    severity: Severity
    field: str | None
    what: str
    why: str
    mend: str
    datalek: bool = False


@dataclass(frozen=True)
class Measure:
    """A fault with the column of the measurements in which its count stands, and how to find its rows.

    rows: gives a table with the one column rijnummer, of all rows with the fault; None for faults of the
          file.
    """

    name: str
    fault: Fault
    rows: Callable[[], ir.Table] | None

"""What comes out of a check: for the sender findings, for the next room typed tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis

from zorgspiegel.terms.findings import Finding, Severity
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import CodeList


@dataclass(frozen=True)
class CheckContext:
    """What a check must know besides the file. What is None is not checked, and the outcome says so.

    period:       the period that the delivery is about.
    sender:       code of the sender's account (gemeentecode of four digits, UZOVI, AGB).
    delivered_on: the day of delivery; the rooms have no clock.
    codelists:    every list that the standard names.
    areas:        shape AREAS; for wijkcodes in the division of their year.
    previous:     typed tables of the previous delivery by record kind, as a check gave them.
    seen_digests: SHA-256 of files that this sender delivered before.
    """

    period: Period | None = None
    sender: str | None = None
    delivered_on: date | None = None
    codelists: Mapping[str, CodeList] = field(default_factory=dict)
    areas: ibis.Table | None = None
    previous: Mapping[str, ibis.Table] | None = None
    seen_digests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rows:
    """Counts of rows in the file: read = kept + rejected."""

    read: int
    kept: int
    rejected: int


@dataclass(frozen=True)
class Outcome:
    """The verdict on one delivery.

    tables:      one typed table per record kind, by its name; only rows that count. Columns as in the
                 standard, and rijnummer first. Use them only when `accepted`.
    not_checked: rule codes that need something that was not given, with the reason in Dutch.
    datalek:     data about persons in a file that may not hold any. The caller must delete the file and
                 report it.
    """

    standard: str
    version: str
    accepted: bool
    rows: Rows
    findings: tuple[Finding, ...]
    tables: Mapping[str, ibis.Table]
    sha256: str
    file_name: str = ""
    period: Period | None = None
    sender: str | None = None
    not_checked: Mapping[str, str] = field(default_factory=dict)
    datalek: bool = False

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def as_json(self) -> dict[str, Any]:
        """Plain data: the promised keys first, then ours. The tables are not in it."""
        return {
            "standard": self.standard,
            "accepted": self.accepted,
            "rows": {"read": self.rows.read, "kept": self.rows.kept, "rejected": self.rows.rejected},
            "findings": [_finding(finding) for finding in self.findings],
            "sha256": self.sha256,
            "version": self.version,
            "file_name": self.file_name,
            "period": str(self.period) if self.period else None,
            "sender": self.sender,
            "datalek": self.datalek,
            "not_checked": dict(self.not_checked),
        }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "count": finding.count,
        "rows": list(finding.rows),
        "message": finding.message,
        "what": finding.what,
        "why": finding.why,
        "mend": finding.mend,
    }

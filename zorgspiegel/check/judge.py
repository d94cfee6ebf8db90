"""From numbers to a verdict: which findings, how many rows count, accepted or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from zorgspiegel.check import texts
from zorgspiegel.check.examine import READ, REJECTED, Examination
from zorgspiegel.check.model import Measure
from zorgspiegel.terms.findings import ROWS_SHOWN, Finding, Severity
from zorgspiegel.terms.outcome import CheckContext, Outcome, Rows
from zorgspiegel.terms.standards import Fault, Standard

_ORDER = {Severity.B: 0, Severity.R: 1, Severity.S: 2}


def judge(
    standard: Standard,
    examination: Examination | None,
    *,
    counts: Mapping[str, int] | None = None,
    examples: Mapping[str, Sequence[int]] | None = None,
    file_findings: Iterable[Finding] = (),
    context: CheckContext,
    sha256: str,
    file_name: str = "",
    datalek: bool = False,
) -> Outcome:
    """The outcome of a check that was run.

    counts:        the one row of `examination.counts`.
    examples:      row numbers per measure, from `examination.examples(counts)`.
    file_findings: what `receive` found about the file itself. Without an examination (the file could not be
                   opened) they are all there is.
    """
    findings = list(file_findings)
    read = rejected = 0
    if examination is not None:
        assert counts is not None, "an examination needs its counts"
        read, rejected = counts[READ], counts[REJECTED]
        findings += examination.findings
        broken = [measure for measure in examination.measures if counts[measure.name]]
        findings += [_finding(measure, counts, examples or {}) for measure in broken]
        datalek = datalek or any(measure.fault.datalek for measure in broken)
        datalek = datalek or any(f.code == standard.code(Fault.PERSONS) for f in examination.findings)
        findings += _whole(standard, read, rejected, findings)
    findings.sort(key=lambda finding: (_ORDER[finding.severity], finding.code, finding.field or ""))
    return Outcome(
        standard=standard.id,
        version=standard.version,
        accepted=not any(finding.severity is Severity.B for finding in findings),
        rows=Rows(read, read - rejected, rejected),
        findings=tuple(_once(findings)),
        tables=examination.tables if examination else {},
        sha256=sha256,
        file_name=file_name,
        period=context.period,
        sender=context.sender,
        not_checked=dict(examination.not_checked) if examination else {},
        datalek=datalek,
    )


def _finding(measure: Measure, counts: Mapping[str, int], examples: Mapping[str, Sequence[int]]) -> Finding:
    fault = measure.fault
    rows = tuple(sorted(examples.get(measure.name, ()))[:ROWS_SHOWN])
    return Finding(
        fault.code, fault.severity, fault.field, counts[measure.name], rows, fault.what, fault.why, fault.mend
    )


def _whole(standard: Standard, read: int, rejected: int, findings: Sequence[Finding]) -> Iterable[Finding]:
    """Faults that follow from the others: nothing to read, or too much of it rejected."""
    code, severity = standard.code(Fault.EMPTY_FILE), standard.severity(Fault.EMPTY_FILE)
    if read == 0 and not any(finding.code == code for finding in findings):
        yield Finding(code, severity, None, 1, (), *texts.NO_ROWS)
    if rejected * 100 > read * standard.max_rejected_percent:
        code, severity = standard.code(Fault.TOO_MANY_REJECTED), standard.severity(Fault.TOO_MANY_REJECTED)
        yield Finding(
            code, severity, None, rejected, (), *texts.too_many_rejected(standard.max_rejected_percent)
        )


def _once(findings: Sequence[Finding]) -> Iterable[Finding]:
    """Two tests may say the same about the same column (one value, and a pattern of values): tell it once."""
    best: dict[tuple[str, str | None, str], Finding] = {}
    for finding in findings:
        place = finding.code, finding.field, finding.what
        if place not in best or finding.count > best[place].count:
            best[place] = finding
    return best.values()

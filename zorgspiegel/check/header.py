"""Column names in the first line next to those of the standard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zorgspiegel.check import texts
from zorgspiegel.check.persons import is_forbidden_name
from zorgspiegel.terms.findings import Finding
from zorgspiegel.terms.standards import Fault, Standard


def header_findings(standard: Standard, header: Sequence[str]) -> Iterator[Finding]:
    """Everything that is wrong with the first line; nothing for a standard without one."""
    if not standard.file.header:
        return
    wanted = [field.name for field in standard.resources[0].fields]
    lower = {name.lower(): name for name in wanted}
    given = [name.strip().lower() for name in header]
    for name in wanted:
        if name.lower() not in given:
            yield _finding(standard, Fault.HEADER, name, texts.missing_column(name))
        elif given.count(name.lower()) > 1:
            yield _finding(standard, Fault.HEADER, name, texts.double_column(name))
    for position, name in enumerate(given, start=1):
        if name not in lower and is_forbidden_name(name):
            fault = Fault.PERSONS if standard.regime == "aggregaat" else Fault.FORBIDDEN_COLUMN
            text = texts.PERSONS if standard.regime == "aggregaat" else texts.FORBIDDEN_COLUMN
            yield _finding(standard, fault, None, text)
        elif name not in lower:
            yield _finding(standard, Fault.HEADER, None, texts.unknown_column(position))
    known = [lower[name] for name in given if name in lower]
    if known != wanted and sorted(known) == sorted(wanted):
        yield _finding(standard, Fault.HEADER, None, texts.ORDER)


def _finding(standard: Standard, fault: Fault, field: str | None, text: tuple[str, str, str]) -> Finding:
    return Finding(standard.code(fault), standard.severity(fault), field, 1, (), *text)

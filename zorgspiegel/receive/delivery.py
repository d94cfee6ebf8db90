"""Recognise a delivery: whose it is, about which period, and what is wrong with the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from zorgspiegel.receive.troubles import TEXTS, Told
from zorgspiegel.terms.deliveries import FileFacts, Problem
from zorgspiegel.terms.findings import Finding
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import Fault, Standard


@dataclass(frozen=True)
class Recognition:
    """What the file and its name say.

    context:  the context of the check, completed with period and sender out of the name where they were not
              given.
    findings: faults of the file; with one of severity B its cells may still be checked, so that all is told
              at once.
    """

    context: CheckContext
    findings: tuple[Finding, ...]


def recognise(facts: FileFacts, standard: Standard, *, context: CheckContext) -> Recognition:
    """Recognise sender and period of an opened file, and say what is wrong with it as a file. Opens
    nothing."""
    named = _read_name(facts, standard)
    found = list(_name_findings(facts, standard, named, context))
    found += [_trouble(problem, standard, facts) for problem in facts.problems]
    if facts.sha256 in context.seen_digests:
        found.append(_finding(standard, Fault.SAME_FILE, _SAME_FILE))
    period = context.period or _period(named)
    sender = context.sender or (named or {}).get("gemeente") or (named or {}).get("afzender")
    return Recognition(replace(context, period=period, sender=sender), tuple(found))


def _read_name(facts: FileFacts, standard: Standard) -> dict[str, str] | None:
    """The named parts of the file name (of the file inside a ZIP); None when the name is not as agreed."""
    if standard.file.name is None:
        return {}
    stem = re.sub(r"\.[A-Za-z]+$", "", facts.inner_name or facts.name)
    match = re.fullmatch(standard.file.name, stem)
    return {key: value for key, value in match.groupdict().items() if value} if match else None


def _period(named: dict[str, str] | None) -> Period | None:
    if not named or "jaar" not in named:
        return None
    return Period(int(named["jaar"]), int(named["halfjaar"]) if "halfjaar" in named else None)


def _name_findings(
    facts: FileFacts, standard: Standard, named: dict[str, str] | None, context: CheckContext
) -> Iterator[Finding]:
    extension = (facts.inner_name or facts.name).rpartition(".")[2].lower()
    if extension not in standard.file.forms:
        allowed = " of ".join("." + form.upper() for form in standard.file.forms)
        yield _finding(standard, Fault.EXTENSION, _extension(allowed))
    if named is None:
        yield _finding(standard, Fault.NAME, _name(standard.file.name_example or ""))
        return
    period = _period(named)
    if period and context.period and not _same_period(period, context.period):
        yield _finding(standard, Fault.PERIOD, _PERIOD)
    sender = named.get("gemeente")
    if sender and context.sender and sender != context.sender:
        yield _finding(standard, Fault.SENDER, _SENDER)


def _same_period(named: Period, expected: Period) -> bool:
    return named == expected or (named.half is None and named.year == expected.year)


def _trouble(problem: Problem, standard: Standard, facts: FileFacts) -> Finding:
    told: Told = TEXTS[problem.trouble]
    numbers = {"megabytes": standard.file.max_mb, "separator": facts.separator or "", **problem.numbers}
    what, why, mend = (text.format_map(_Known(numbers)) for text in (told.what, told.why, told.mend))
    severity = told.severity or standard.severity(told.fault)
    return Finding(standard.code(told.fault), severity, None, problem.count, problem.rows, what, why, mend)


class _Known(dict[str, object]):
    """A number that was not noted stays out of the sentence, instead of breaking it."""

    def __missing__(self, key: str) -> str:
        return "een ander aantal"


def _finding(standard: Standard, fault: Fault, text: tuple[str, str, str]) -> Finding:
    return Finding(standard.code(fault), standard.severity(fault), None, 1, (), *text)


def _extension(allowed: str) -> tuple[str, str, str]:
    return (
        f"Het bestand heeft niet de extensie {allowed}.",
        "Alleen dit soort bestanden hoort bij deze aanlevering.",
        f"Sla het bestand op als {allowed} en lever opnieuw aan.",
    )


def _name(example: str) -> tuple[str, str, str]:
    return (
        "De bestandsnaam voldoet niet aan de naamgeving.",
        "Aan de naam zien we van wie het bestand is en over welke periode het gaat.",
        f"Geef het bestand een naam zoals {example} en lever opnieuw aan.",
    )


_PERIOD = (
    "De periode in de bestandsnaam is niet de periode waarvoor u aanlevert.",
    "Het bestand kan bij een andere aanlevering horen.",
    "Controleer of u het goede bestand hebt gekozen, of verbeter de bestandsnaam.",
)
_SENDER = (
    "De gemeentecode in de bestandsnaam hoort niet bij de gemeente die aanlevert.",
    "Gegevens van een andere gemeente mogen we van u niet ontvangen.",
    "Controleer of u het goede bestand hebt gekozen. Hebt u een verkeerd bestand verstuurd, meld dit dan.",
)
_SAME_FILE = (
    "Precies hetzelfde bestand is al eerder aangeleverd.",
    "Nog een keer aanleveren verandert niets.",
    "Lever alleen opnieuw aan als u iets hebt verbeterd.",
)

"""Every rule of every standard can fail; the check then says what the slow twin says, no more, no less."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from tests.lib.made_rows import breaking, context_of, good_rows, numbered, previous_tables, run_check
from tests.lib.plain_check import plain_check
from zorgspiegel.store.standards import load_standard, standard_names
from zorgspiegel.terms.findings import Severity
from zorgspiegel.terms.outcome import Outcome
from zorgspiegel.terms.standards import Fault, Standard

CASES = [
    pytest.param(name, number, id=f"{name}-{rule.code}-{number}")
    for name in standard_names()
    for number, rule in enumerate(load_standard(name).rules)
    if "known_wijk" not in (rule.must or "")  # needs areas: test_context.py
]
NOT_THE_TWINS = {Fault.PERSONS, Fault.STRUCTURE, Fault.COLUMNS, Fault.TOO_MANY_REJECTED, Fault.EMPTY_FILE}


def rows_per_fault(outcome: Outcome, standard: Standard) -> dict[tuple[str, str | None], list[int]]:
    """What was found, except what the twin does not know: the build of the file, persons in totals."""
    left_out = {standard.code(fault) for fault in NOT_THE_TWINS}
    found = defaultdict(set)
    for finding in outcome.findings:
        if finding.code not in left_out:
            found[finding.code, finding.field].update(finding.rows)
    return {place: sorted(rows) for place, rows in found.items()}


@pytest.mark.parametrize("name", standard_names())
def test_the_example_of_a_standard_is_accepted(name):
    standard = load_standard(name)
    outcome = run_check(good_rows(standard), standard, context_of(standard))
    assert outcome.accepted
    assert outcome.findings == ()


@pytest.mark.parametrize(("name", "number"), CASES)
def test_each_rule_can_fail_and_agrees_with_its_twin(name, number):
    standard = load_standard(name)
    rule, context = standard.rules[number], context_of(standard)
    rows, previous = breaking(standard, rule, context)
    if previous is not None:
        context = replace(context, previous=previous_tables(previous, standard))
    outcome = run_check(rows, standard, context)
    expected = plain_check(numbered(rows), standard, context, numbered(previous) if previous else None)
    found = rows_per_fault(outcome, standard)
    assert (rule.code, rule.field) in found
    assert found == expected
    rejected = {row for finding in outcome.of(Severity.R) for row in finding.rows}
    assert outcome.rows.rejected == len(rejected)
    told = [finding for finding in outcome.findings if finding.what == rule.what]
    assert told, "the sentence of this very rule"
    assert told[0].message.endswith(f"({rule.code})")

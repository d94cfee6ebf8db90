"""Frictionless and our check agree, row by row, on what both can say: types, required, patterns, lists, keys.

Where ours is the stricter, on purpose: Python reads ` 5`, `+5` and `1_000` as numbers and 2025111 as a date;
ours takes only plain digits. Lengths of numbers and dates are no part of Table Schema.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from frictionless import Resource as FrictionlessResource
from frictionless import Schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.lib.made_rows import Rows, context_of, good_rows, others, run_check
from tests.lib.plain_check import cell_fault
from zorgspiegel.store.standard_files.package import descriptor
from zorgspiegel.store.standards import load_standard, standard_names
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.standards import Fault, FieldDef, Resource, Standard

SHARED = {Fault.REQUIRED, Fault.CHARACTERS, Fault.RANGE, Fault.CODE_LIST, Fault.DATE, Fault.LENGTH}
PLAIN = {"integer": "-?[0-9]+", "number": "-?[0-9]+(,[0-9]+)?", "date": "[0-9]{8}"}


def is_ours_alone(field: FieldDef, text: str) -> bool:
    """A value that only our check refuses, by the rule above."""
    if text == "":
        return False
    if field.partial:
        return True
    if field.type == "string":
        return False
    limits = field.constraints
    too_long = limits.maxLength is not None and len(text) > limits.maxLength
    too_short = limits.minLength is not None and len(text) < limits.minLength
    return too_long or too_short or not re.fullmatch(PLAIN[field.type], text)


def frictionless_rows(resource: Resource, schema: dict[str, Any], rows: list[dict[str, str]]) -> set[int]:
    """Rows (1 = first) that Frictionless finds a fault in."""
    data = [
        [field.name for field in resource.fields],
        *[[row[field.name] for field in resource.fields] for row in rows],
    ]
    report = FrictionlessResource(data=data, schema=Schema.from_descriptor(schema)).validate()
    return {row - 1 for (row,) in report.flatten(["rowNumber"])}


def our_rows(
    standard: Standard, resource: Resource, rows: list[dict[str, str]], context: CheckContext
) -> set[int]:
    """Rows that our check finds a fault of a cell or a key in."""
    made: Rows = good_rows(standard) | {resource.name: rows}
    before = 0
    for other in standard.resources:
        if other.name == resource.name:
            break
        before += len(made[other.name])
    outcome = run_check(made, standard, context)
    codes = {standard.code(fault, field) for fault in SHARED for field in resource.fields}
    codes.add(standard.code(Fault.UNIQUE))
    rules = {rule.what for rule in standard.rules}
    found = {row for f in outcome.findings if f.code in codes and f.what not in rules for row in f.rows}
    return {row - before for row in found if before < row <= before + len(rows)}


@pytest.mark.parametrize("name", standard_names())
def test_frictionless_and_our_check_agree_row_by_row(name):
    standard = load_standard(name)
    context = context_of(standard)
    package = descriptor(standard, context.codelists, period=context.period)
    resource = max(standard.resources, key=lambda resource: len(resource.table.primaryKey))
    schema = package["resources"][standard.resources.index(resource)]["schema"]
    schema = schema | {"fields": [{k: v for k, v in f.items() if k != "example"} for f in schema["fields"]]}

    def value(field: FieldDef) -> st.SearchStrategy[str]:
        right = st.just(field.example or "")
        return st.one_of(right, right, right, st.sampled_from(sorted(set(others(field, context)))))

    row = st.fixed_dictionaries({field.name: value(field) for field in resource.fields})

    # No shrinking: one try is a whole check of two programs, and a failing row is plain enough to read.
    @settings(
        max_examples=8,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(rows=st.lists(row, min_size=1, max_size=12))
    def agree(rows: list[dict[str, str]]) -> None:
        kind = {resource.fields[0].name: resource.kind} if resource.kind else {}
        rows = [{**one, **kind} for one in rows]
        theirs, ours = frictionless_rows(resource, schema, rows), our_rows(standard, resource, rows, context)
        alone = {
            number
            for number, one in enumerate(rows, start=1)
            if any(
                is_ours_alone(field, one[field.name]) and cell_fault(field, one[field.name], context)
                for field in resource.fields
            )
        }
        assert theirs - alone == ours - alone

    agree()


def test_the_comparison_can_fail():
    """A package that misses a constraint is noticed: the comparison itself is not blind."""
    standard = load_standard("zvw-agg")
    context = context_of(standard)
    (resource,) = standard.resources
    rows = [good_rows(standard)["regel"][0] | {"Geslacht": "7"}]
    schema = descriptor(standard, context.codelists)["resources"][0]["schema"]
    fields = [{k: v for k, v in f.items() if k not in {"example", "constraints"}} for f in schema["fields"]]
    assert our_rows(standard, resource, rows, context) == {1}
    assert frictionless_rows(resource, {"fields": fields}, rows) == set()

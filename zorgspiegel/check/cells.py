"""Faults of one cell. Each cell gets at most one: the first that applies, so that a sender reads no echo."""

from __future__ import annotations

from collections.abc import Iterator

import ibis.expr.types as ir

from zorgspiegel.check import texts
from zorgspiegel.check.model import Fault as Told
from zorgspiegel.check.values import is_empty, is_readable, typed, whole
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.standards import Fault, FieldDef, Standard


def cell_faults(
    standard: Standard, field: FieldDef, text: ir.StringValue, context: CheckContext
) -> Iterator[tuple[Told, ir.BooleanValue]]:
    """Every fault that a cell of this column can have, with the expression that is true where it does."""
    if field.constraints.required:
        yield _told(standard, Fault.REQUIRED, field), is_empty(text)
    still_right = ~is_empty(text)
    for fault, is_right in _tests(field, text, context):
        yield _told(standard, fault, field), still_right & ~is_right
        still_right = still_right & is_right


def _tests(
    field: FieldDef, text: ir.StringValue, context: CheckContext
) -> Iterator[tuple[Fault, ir.BooleanValue]]:
    limits = field.constraints
    least, most = (8, 8) if field.type == "date" else (limits.minLength, limits.maxLength)
    if least is not None or most is not None:
        yield Fault.LENGTH, _between(text.length(), least, most)
    if field.type == "date":
        yield Fault.CHARACTERS, text.re_search(whole("[0-9]{8}"))
        yield Fault.DATE, is_readable(field, text)
    elif field.type in {"integer", "number"}:
        yield Fault.CHARACTERS, is_readable(field, text)
    if limits.pattern is not None:
        yield Fault.CHARACTERS, text.re_search(whole(limits.pattern))
    if limits.minimum is not None or limits.maximum is not None:
        yield Fault.RANGE, _between(typed(field, text), limits.minimum, limits.maximum)
    if limits.enum is not None:
        yield Fault.CODE_LIST, text.isin(limits.enum)
    if field.codelist is not None:
        assert field.codelist in context.codelists, f"code list {field.codelist} was not given to the check"
        yield Fault.CODE_LIST, text.isin(context.codelists[field.codelist].valid(context.period))


def _between(value: ir.NumericValue, least: int | None, most: int | None) -> ir.BooleanValue:
    if least is None:
        return value <= most
    return value >= least if most is None else value.between(least, most)


def _told(standard: Standard, fault: Fault, field: FieldDef) -> Told:
    what, why, mend = texts.row_fault(fault, field)
    return Told(standard.code(fault, field), standard.severity(fault, field), field.name, what, why, mend)

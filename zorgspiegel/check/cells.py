"""Faults of one cell. Each cell gets at most one: the first that applies, so that a sender reads no echo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir

from zorgspiegel.check import texts
from zorgspiegel.check.model import Fault as Told
from zorgspiegel.check.values import is_empty, is_readable, whole
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.standards import Fault, FieldDef, Standard

FILLED = "gevuld "
TEST = "toets "
"""Prefixes of the columns that `tested` adds: is the cell filled, and does it pass its n-th test."""


@dataclass(frozen=True)
class Tested:
    """A column with the faults that its cells can have; the n-th test is the column `TEST n name`."""

    field: FieldDef
    faults: tuple[Fault, ...]


def tested(
    table: ir.Table, fields: Sequence[FieldDef], text: str, context: CheckContext
) -> tuple[ir.Table, list[Tested]]:
    """The table with a column per test of a cell. As columns, so that each is computed once: the faults below
    name most of them several times. `text` is the prefix of the columns with the values as delivered."""
    columns: dict[str, ir.BooleanValue] = {}
    found = []
    for field in fields:
        delivered = table[text + field.name]
        columns[FILLED + field.name] = ~is_empty(delivered)
        tests = list(_tests(field, delivered, table[field.name], context))
        columns |= {_name(field, number): is_right for number, (_, is_right) in enumerate(tests)}
        found.append(Tested(field, tuple(fault for fault, _ in tests)))
    return table.mutate(**columns), found


def _name(field: FieldDef, number: int) -> str:
    return f"{TEST}{number} {field.name}"


def cell_faults(
    standard: Standard, table: ir.Table, column: Tested
) -> Iterator[tuple[Told, ir.BooleanValue]]:
    """Every fault that a cell of this column can have, with the expression that is true where it does."""
    field, is_filled = column.field, table[FILLED + column.field.name]
    if field.constraints.required:
        yield _told(standard, Fault.REQUIRED, field), ~is_filled
    still_right = is_filled
    for number, fault in enumerate(column.faults):
        is_right = table[_name(field, number)]
        yield _told(standard, fault, field), still_right & ~is_right
        still_right = still_right & is_right


def _tests(
    field: FieldDef, text: ir.StringValue, read: ir.Value, context: CheckContext
) -> Iterator[tuple[Fault, ir.BooleanValue]]:
    limits = field.constraints
    least, most = (8, 8) if field.type == "date" else (limits.minLength, limits.maxLength)
    if least is not None or most is not None:
        yield Fault.LENGTH, _between(text.length(), least, most)
    if field.type == "date":
        yield Fault.CHARACTERS, text.re_search(whole("[0-9]{8}"))
        yield Fault.DATE, is_readable(field, text) if field.partial else read.notnull()
    elif field.type in {"integer", "number"}:
        yield Fault.CHARACTERS, read.notnull()
    if limits.pattern is not None:
        yield Fault.CHARACTERS, text.re_search(whole(limits.pattern))
    if limits.minimum is not None or limits.maximum is not None:
        yield Fault.RANGE, _between(read, limits.minimum, limits.maximum)
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

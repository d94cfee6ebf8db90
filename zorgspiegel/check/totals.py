"""Whole-table numbers that rules ask for: sums of a record kind, of another kind, or of the previous
delivery."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.check.expressions import (
    PREVIOUS,
    NotGiven,
    Scope,
    aggregates,
    compile_aggregate,
    compile_expression,
    key,
    resolve,
)
from zorgspiegel.check.kinds import Kind
from zorgspiegel.terms.standards import Resource, Standard

ONE = "een rij"


class Totals:
    """Collects the aggregates that rules name, and gives them as a table of one row."""

    def __init__(
        self,
        standard: Standard,
        kinds: Mapping[str, Kind],
        previous: Mapping[str, ir.Table] | None,
        delivery: Mapping[str, Any],
    ) -> None:
        self._standard = standard
        self._kinds = kinds
        self._previous = previous
        self._delivery = delivery
        self._wanted: dict[tuple[str, bool], dict[str, ir.Value]] = {}

    def want(self, expression: ast.expr, default: str | None) -> list[str]:
        """Note every aggregate in this expression; their keys. NotGiven when it asks for a delivery that is
        not there."""
        found = []
        for call, is_previous in aggregates(expression):
            kind, plain = resolve(call, tuple(self._kinds), default)
            table, scope = self.source(kind, is_previous=is_previous)
            name = key(call, is_previous)
            self._wanted.setdefault((kind, is_previous), {})[name] = compile_aggregate(plain, table, scope)
            found.append(name)
        return found

    def source(self, kind: str, *, is_previous: bool) -> tuple[ir.Table, Scope]:
        """The table that an aggregate is over, with what names mean in it."""
        if not is_previous:
            return self._kinds[kind].table, replace(self._kinds[kind].scope(), delivery=self._delivery)
        if self._previous is None or kind not in self._previous:
            raise NotGiven(PREVIOUS)
        table, scope = with_derived(self._previous[kind], self._standard.resource(kind))
        return table, replace(scope, delivery=self._delivery)

    def table(self) -> ir.Table | None:
        """One row with a column per aggregate, named by its key; None when nothing was asked."""
        parts = [
            self.source(kind, is_previous=is_previous)[0].aggregate(**values)
            for (kind, is_previous), values in self._wanted.items()
        ]
        return functools.reduce(lambda a, b: a.cross_join(b), parts) if parts else None


def with_derived(table: ir.Table, resource: Resource) -> tuple[ir.Table, Scope]:
    """A typed table of a delivery that was checked before, with the derived names of its record kind."""
    for name, expression in resource.derived.items():
        columns = {column: table[column] for column in table.columns}
        table = table.mutate(**{name: compile_expression(expression, Scope(columns=columns))})
    return table, Scope(columns={column: table[column] for column in table.columns})


def found(table: ir.Table, names: list[str]) -> dict[str, ir.Value]:
    """The values of these aggregates as they stand in a table that has them as columns."""
    return {name: table[name] for name in names}


def one_row() -> ir.Table:
    """A table of one row, to which one-row tables can be joined."""
    return ibis.memtable({ONE: [1]}, schema={ONE: "int64"})

"""The rules of a standard, over one row or over the whole file, as expressions that are true where they are
broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.check.expressions import NotGiven, Scope, compile_expression, parse
from zorgspiegel.check.kinds import Kind
from zorgspiegel.check.model import Fault
from zorgspiegel.check.totals import Totals, found
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.standards import Rule

REASONS = {
    "vorige": "Er is geen vorige aanlevering om mee te vergelijken.",
    "gebieden": "Er is geen lijst met gebieden (wijken) gegeven.",
    "periode_van": "De periode is niet bekend.",
    "periode_tot": "De periode is niet bekend.",
    "vandaag": "De datum van aanleveren is niet bekend.",
    "afzender": "De afzender is niet bekend.",
}
"""Why a rule was not checked, by what was missing."""


def told(rule: Rule) -> Fault:
    """The fault that a broken rule is."""
    return Fault(rule.code, rule.severity, rule.field, rule.what, rule.why, rule.mend, rule.datalek)


def delivery_names(context: CheckContext) -> dict[str, Any]:
    """What `periode_van`, `periode_tot`, `vandaag` and `afzender` mean in this check; what is not known is
    absent."""
    known = {
        "periode_van": context.period.first_day if context.period else None,
        "periode_tot": context.period.last_day if context.period else None,
        "vandaag": context.delivered_on,
        "afzender": context.sender,
    }
    return {name: value for name, value in known.items() if value is not None}


def complete(scope: Scope, context: CheckContext, **changes: Any) -> Scope:
    """A scope with what the delivery knows added to it."""
    areas = _known_wijk(context.areas) if context.areas is not None else None
    return replace(scope, delivery=delivery_names(context), areas=areas, **changes)


def _known_wijk(areas: ir.Table) -> Any:
    wijken = areas.filter(areas.gebied_niveau == "wijk")
    # One key, so that it is a plain "in" on every engine.
    pairs = wijken.select(gebied=wijken.gebiedscode + "@" + wijken.indelingsjaar.cast("string"))

    def is_known(code: ir.Value, year: ir.Value) -> ir.Value:
        # A year of which no wijken are known says nothing about its codes.
        return (code + "@" + year.cast("string")).isin(pairs.gebied) | ~year.isin(wijken.indelingsjaar)

    return is_known


Ready = list[tuple[Rule, list[str]]]
"""Rules that can be checked, each with the names of the whole-table numbers that it needs."""


def checkable(
    kind: Kind, rules: Iterable[Rule], totals: Totals, skipped: dict[str, str]
) -> tuple[ir.Table, Ready]:
    """The kind's table with the whole-table numbers that its row rules need, and the rules that can be
    checked."""
    ready: Ready = []
    for rule in rules:
        try:
            ready.append((rule, totals.want(parse(rule.must or ""), kind.resource.name)))
        except NotGiven as missing:
            skipped[rule.code] = REASONS[str(missing)]
    numbers = totals.table()
    return (kind.table if numbers is None else kind.stages.put(kind.table.cross_join(numbers))), ready


def row_faults(
    kind: Kind, table: ir.Table, ready: Ready, context: CheckContext, skipped: dict[str, str]
) -> list[tuple[Fault, ir.BooleanValue]]:
    """The rules over one row, on a table as `checkable` gave it (with more columns, perhaps)."""
    return [
        (told(rule), broken)
        for rule, names in ready
        for broken in _broken(rule, complete(kind.scope(table), context, found=found(table, names)), skipped)
    ]


def _broken(rule: Rule, scope: Scope, skipped: dict[str, str]) -> Iterator[ir.BooleanValue]:
    assert rule.must is not None, f"rule {rule.code} has no expression"
    try:
        is_broken = ~compile_expression(rule.must, scope)
        if rule.when is not None:
            is_broken = is_broken & compile_expression(rule.when, scope)
        yield is_broken
    except NotGiven as missing:
        skipped[rule.code] = REASONS[str(missing)]


def file_rules(rules: Iterable[Rule], totals: Totals, default: str | None, skipped: dict[str, str]) -> Ready:
    """Rules over the whole file whose numbers can be known, each with the names of those numbers."""
    kept = []
    for rule in rules:
        try:
            kept.append((rule, totals.want(parse(rule.must or ""), rule.resource or default)))
        except NotGiven as missing:
            skipped[rule.code] = REASONS[str(missing)]
    return kept


def file_rule_broken(
    rule: Rule, names: list[str], table: ir.Table, context: CheckContext, skipped: dict[str, str]
) -> ir.IntegerValue | None:
    """1 where the rule over the whole file is broken, else 0; None when it cannot be checked."""
    for broken in _broken(rule, complete(Scope(), context, found=found(table, names)), skipped):
        value = broken if isinstance(broken, ir.Value) else ibis.literal(bool(broken))
        return value.fill_null(False).cast("int64")
    return None

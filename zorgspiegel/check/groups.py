"""Rules over rows that belong together: keys that may occur once, values that must agree, comparison per
group."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from zorgspiegel.check import texts
from zorgspiegel.check.expressions import (
    NotGiven,
    Scope,
    aggregates,
    compile_aggregate,
    compile_expression,
    key,
    parse,
    resolve,
)
from zorgspiegel.check.kinds import TEXT, Kind, Stages
from zorgspiegel.check.model import Fault
from zorgspiegel.check.rules import REASONS, complete, told
from zorgspiegel.check.totals import Totals
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.standards import Fault as FaultKind
from zorgspiegel.terms.standards import Rule, Standard

COUNT = "aantal"
_HASH, _SIZE, _FIRST, _LEAST, _MOST = "sleutel", "aantal in groep", "eerste", "kleinste", "grootste"


@dataclass(frozen=True)
class GroupFault:
    """A fault of rows together. count: a table of one row, `aantal`; rows: the one column rijnummer."""

    fault: Fault
    count: ir.Table
    rows: ir.Table


def group_faults(
    standard: Standard,
    kind: Kind,
    rules: Sequence[Rule],
    *,
    totals: Totals,
    context: CheckContext,
    skipped: dict[str, str],
) -> list[GroupFault]:
    """Faults of the primary key and of every rule with `unique`, `same` or scope group, for one record
    kind."""
    found = []
    primary = kind.resource.table.primaryKey
    if primary and not any(rule.unique == primary for rule in rules):
        code, severity = standard.code(FaultKind.UNIQUE), standard.severity(FaultKind.UNIQUE)
        what, why, mend = texts.unique_fault(primary)
        found.append(
            _repeated(
                kind.stages,
                kind.table,
                [TEXT + name for name in primary],
                Fault(code, severity, None, what, why, mend),
            )
        )
    for rule in rules:
        try:
            found.append(_group_fault(kind, rule, totals, context))
        except NotGiven as missing:
            skipped[rule.code] = REASONS[str(missing)]
    return found


def _group_fault(kind: Kind, rule: Rule, totals: Totals, context: CheckContext) -> GroupFault:
    table = kind.table
    if rule.when is not None:
        table = table.filter(compile_expression(rule.when, complete(kind.scope(), context)))
    if rule.unique is not None:
        names = [f.name for f in kind.resource.fields] if rule.unique == "row" else list(rule.unique)
        return _repeated(kind.stages, table, [TEXT + name for name in names], told(rule))
    if rule.same:
        return _disagreeing(kind.stages, table, list(rule.by), list(rule.same), told(rule))
    return _broken_groups(kind, table, rule, totals, context)


def _hash(table: ir.Table, columns: Sequence[str]) -> ir.IntegerValue:
    # The separator keeps ('ab', 'c') and ('a', 'bc') apart; chr(31) cannot stand in a delivered cell.
    parts = [table[column].cast("string").fill_null("") + "\x1f" for column in columns]
    return functools.reduce(lambda a, b: a + b, parts).hash()


def _suspects(stages: Stages, table: ir.Table, columns: Sequence[str]) -> ir.Table:
    """The rows whose hash over these columns occurs more than once. A small number of 64 bits per row is all
    that has to be remembered, where the columns themselves would be too much; the few that remain are
    compared exactly."""
    hashed = stages.put(table.mutate(**{_HASH: _hash(table, columns)}))
    often = hashed.group_by(_HASH).aggregate(**{_SIZE: hashed.count()})
    often = often.filter(often[_SIZE] > 1)
    return stages.put(hashed.filter(hashed[_HASH].isin(often[_HASH])))


def _repeated(stages: Stages, table: ir.Table, columns: list[str], fault: Fault) -> GroupFault:
    suspects = _suspects(stages, table, columns)
    keys = {f"k{number}": suspects[name].fill_null("") for number, name in enumerate(columns)}
    keyed = suspects.select("rijnummer", **keys)
    groups = keyed.group_by(list(keys)).aggregate(**{_SIZE: keyed.count(), _FIRST: keyed.rijnummer.min()})
    groups = groups.filter(groups[_SIZE] > 1)
    rows = keyed.inner_join(groups, list(keys))
    rows = rows.filter(rows.rijnummer > rows[_FIRST]).select("rijnummer")
    return GroupFault(fault, groups.aggregate(**{COUNT: (groups[_SIZE] - 1).sum().fill_null(0)}), rows)


def _disagreeing(stages: Stages, table: ir.Table, by: list[str], same: list[str], fault: Fault) -> GroupFault:
    suspects = _suspects(stages, table, by)
    suspects = suspects.mutate(**{_LEAST: _hash(suspects, same)})
    groups = suspects.group_by(by).aggregate(
        **{_MOST: suspects[_LEAST].max(), _FIRST: suspects[_LEAST].min(), _SIZE: suspects.count()}
    )
    groups = groups.filter(groups[_MOST] != groups[_FIRST], *(groups[name].notnull() for name in by))
    rows = suspects.semi_join(groups.view(), by).select("rijnummer")
    return GroupFault(fault, groups.aggregate(**{COUNT: groups[_SIZE].sum().fill_null(0)}), rows)


def _broken_groups(
    kind: Kind, table: ir.Table, rule: Rule, totals: Totals, context: CheckContext
) -> GroupFault:
    assert rule.must is not None, f"rule {rule.code} has no expression"
    by, tree, name = list(rule.by), parse(rule.must), kind.resource.name
    calls = list(aggregates(tree))
    now = _grouped(
        table, kind.scope(table), by, [call for call, previous in calls if not previous], name, previous=False
    )
    groups = now
    if any(previous for _, previous in calls):
        before, scope = totals.source(name, is_previous=True)
        then = _grouped(
            before, scope, by, [c for c, previous in calls if previous], name, previous=True
        ).drop(_SIZE)
        groups = _either(now, then, by)
    values = {key(call, previous): groups[key(call, previous)] for call, previous in calls}
    scope = complete(Scope(columns={column: groups[column] for column in by}), context, found=values)
    groups = groups.filter(~compile_expression(rule.must, scope))
    size = groups[_SIZE].fill_null(0)
    # A group that is missing now has no rows to point at; it still counts as one fault.
    count = groups.aggregate(**{COUNT: ibis.greatest(size, 1).sum().fill_null(0)})
    rows = table.semi_join(groups.select(*by).view(), by).select("rijnummer")
    return GroupFault(told(rule), count, rows)


def _grouped(
    table: ir.Table, scope: Scope, by: list[str], calls: list[object], kind: str, *, previous: bool
) -> ir.Table:
    values = {}
    for call in calls:
        _, plain = resolve(call, (kind,), kind)  # type: ignore[arg-type]
        values[key(call, previous)] = compile_aggregate(plain, table, scope)  # type: ignore[arg-type]
    grouped = table.group_by(by).aggregate(**{_SIZE: table.count()}, **values)
    # A row without a key belongs to no group; and empty keys of two deliveries would never meet in a join.
    return grouped.filter(*(grouped[name].notnull() for name in by))


def _either(now: ir.Table, then: ir.Table, by: list[str]) -> ir.Table:
    """Groups of both deliveries; sums and counts of a side where the group does not occur are 0."""
    joined = now.outer_join(then, by)
    keys = {name: ibis.coalesce(joined[name], joined[f"{name}_right"]) for name in by}
    rest = {
        name: joined[name].fill_null(0) if joined[name].type().is_numeric() else joined[name]
        for name in (*now.columns, *then.columns)
        if name not in by
    }
    return joined.select(**keys, **rest)

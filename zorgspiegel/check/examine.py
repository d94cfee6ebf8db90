"""The check of one delivery, as expressions: what to count, and the typed tables. Nothing is executed
here."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from zorgspiegel.check import persons, structure, texts
from zorgspiegel.check.cells import cell_faults, tested
from zorgspiegel.check.groups import COUNT, GroupFault, group_faults
from zorgspiegel.check.header import header_findings
from zorgspiegel.check.kinds import TEXT, Kind, Stages, kinds
from zorgspiegel.check.model import Fault, Measure
from zorgspiegel.check.rules import checkable, delivery_names, file_rule_broken, file_rules, row_faults, told
from zorgspiegel.check.totals import Totals
from zorgspiegel.terms.deliveries import DELIVERED_TEXT
from zorgspiegel.terms.findings import ROWS_SHOWN, Finding, Severity
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.standards import Fault as FaultKind
from zorgspiegel.terms.standards import FieldDef, Standard

READ, REJECTED = "gelezen", "afgekeurd"
FEW = 20_000
"""Up to so many faults of a record kind are fetched in one go: planning a query per fault takes longer."""


@dataclass(frozen=True)
class Examination:
    """A check that is ready to run.

    views:       name and expression of each step; an engine makes them, in this order, before the rest.
    counts:      one row: gelezen, afgekeurd, and one whole number per measure (how many rows have that
                 fault).
    measures:    what those numbers mean.
    tables:      typed table per record kind, only rows that count.
    flagged:     per record kind its table with a column per fault, and which measure each column is.
    findings:    what is already known without running anything (the header).
    not_checked: rule codes that could not be checked, with the reason in Dutch.
    """

    standard: Standard
    views: tuple[tuple[str, ir.Table], ...]
    counts: ir.Table
    measures: tuple[Measure, ...]
    tables: Mapping[str, ir.Table]
    flagged: tuple[tuple[ir.Table, Mapping[str, str]], ...]
    findings: tuple[Finding, ...]
    not_checked: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def examples(self, counts: Mapping[str, int]) -> list[ir.Table]:
        """Tables with rijnummer and, per measure that counted something, a column true in its rows.

        With few faulty rows one table per record kind holds them all; with many, each measure has a table of
        its own with its first 20 rows only. Together they hold at least the first 20 rows of every measure.
        """
        broken = {measure.name: measure for measure in self.measures if measure.rows and counts[measure.name]}
        tables = []
        for flagged, columns in self.flagged:
            mine = {name: flagged[column] for name, column in columns.items() if name in broken}
            if mine and sum(counts[name] for name in mine) <= FEW:
                tables.append(flagged.filter(ibis.or_(*mine.values())).select("rijnummer", **mine))
                broken = {name: measure for name, measure in broken.items() if name not in mine}
        for name, measure in broken.items():
            assert measure.rows is not None, "only measures with rows are asked for them"
            first = measure.rows().order_by("rijnummer").limit(ROWS_SHOWN)
            tables.append(first.mutate(**{name: ibis.literal(True)}))
        return tables


@door(text=DELIVERED_TEXT)
def check(
    text: ir.Table, standard: Standard, *, header: Sequence[str] = (), context: CheckContext
) -> Examination:
    """Make the check of a delivered text table against its standard. Run `counts`, then `examples`, then
    `judge`.

    text:   one row per line of the file; shape DELIVERED_TEXT.
    header: the column names of the first line, for a standard that has one.
    """
    return _Builder(text, standard, tuple(header), context).build()


class _Builder:
    """Collects measures, each with the one-row table in which its number is counted."""

    def __init__(
        self, text: ir.Table, standard: Standard, header: tuple[str, ...], context: CheckContext
    ) -> None:
        self.text = text
        self.standard = standard
        self.header = header
        self.context = context
        self.stages = Stages(text)
        self.kinds = kinds(text, standard, header, self.stages)
        self.measures: list[Measure] = []
        self.parts: list[ir.Table] = []
        self.rejected: list[str] = []
        self.skipped: dict[str, str] = {}
        self.tables: dict[str, ir.Table] = {}
        self.flagged: list[tuple[ir.Table, Mapping[str, str]]] = []

    def build(self) -> Examination:
        self._lines()
        for kind in self.kinds.values():
            self._kind(kind)
        counts = self._whole_file(functools.reduce(lambda a, b: a.cross_join(b), self.parts))
        findings = tuple(header_findings(self.standard, self.header))
        return Examination(
            self.standard,
            tuple(self.stages.views),
            counts,
            tuple(self.measures),
            self.tables,
            tuple(self.flagged),
            findings,
            self.skipped,
        )

    def _measure(self, fault: Fault, rows: Callable[[], ir.Table] | None) -> str:
        name = f"m{len(self.measures)}"
        self.measures.append(Measure(name, fault, rows))
        return name

    def _lines(self) -> None:
        # "*" is no name of a record kind: the numbers of all lines do not mix with those of a kind.
        faults = list(structure.line_faults(self.standard, self.text))
        self._count_rows(self.text, faults, "*", structure.numbers)

    def _count_rows(
        self,
        table: ir.Table,
        faults: Sequence[tuple[Fault, ir.BooleanValue]],
        name: str,
        extra: Callable[[ir.Table], dict[str, ir.Value]],
    ) -> ir.Table:
        """Count each fault, and the rows with at least one R; gives the table with those flags.

        `extra` gives more numbers to take from the table in the same pass.
        """
        flags = {f"f{number}": condition.fill_null(False) for number, (_, condition) in enumerate(faults)}
        flagged = self.stages.put(table.mutate(**flags))
        heavy = [
            flagged[f"f{number}"] for number, (fault, _) in enumerate(faults) if fault.severity is Severity.R
        ]
        flagged = self.stages.put(
            flagged.mutate(**{REJECTED: ibis.or_(*heavy) if heavy else ibis.literal(False)})
        )
        columns = {
            self._measure(fault, functools.partial(_flagged_rows, flagged, f"f{number}")): f"f{number}"
            for number, (fault, _) in enumerate(faults)
        }
        self.flagged.append((flagged, columns))
        counts = {name: flagged.count(where=flagged[column]) for name, column in columns.items()}
        self.rejected.append(f"{REJECTED} {name}")
        counts[f"{REJECTED} {name}"] = flagged.count(where=flagged[REJECTED])
        self.parts.append(flagged.aggregate(**counts, **extra(flagged)))
        return flagged

    def _kind(self, kind: Kind) -> None:
        resource, standard, context = kind.resource, self.standard, self.context
        own = [
            rule for rule in standard.rules if (rule.resource or standard.resources[0].name) == resource.name
        ]
        plain = [rule for rule in own if rule.scope == "row" and rule.must is not None]
        totals = Totals(standard, self.kinds, context.previous, delivery_names(context))
        table, ready = checkable(kind, plain, totals, self.skipped)
        if standard.regime == "aggregaat":
            table = self.stages.put(persons.prepared(table, resource.fields, TEXT))
        table, columns = tested(table, self._present(kind), TEXT, context)
        table = self.stages.put(table)
        faults = list(structure.width_faults(standard, kind, table))
        faults += [pair for column in columns for pair in cell_faults(standard, table, column)]
        faults += structure.sender_faults(standard, kind, table, context.sender)
        faults += row_faults(kind, table, ready, context, self.skipped)
        if standard.regime == "aggregaat":
            faults += self._persons(kind, table)

        def extra(flagged: ir.Table) -> dict[str, ir.Value]:
            dense = self._dense_persons(kind, flagged) if standard.regime == "aggregaat" else {}
            return structure.numbers(flagged, resource.name) | dense

        flagged = self._count_rows(table, faults, resource.name, extra)
        grouped = [
            rule for rule in own if (rule.scope != "file" and rule.must is None) or rule.scope == "group"
        ]
        bad = self._groups(
            group_faults(standard, kind, grouped, totals=totals, context=context, skipped=self.skipped),
            flagged,
            resource.name,
        )
        kept = flagged.filter(~flagged[REJECTED])
        kept = kept if bad is None else kept.anti_join(bad, "rijnummer")
        self.tables[resource.name] = kept.select("rijnummer", *(field.name for field in resource.fields))

    def _present(self, kind: Kind) -> list[FieldDef]:
        """The columns to look at: one that is missing is one finding about the header, not one per row."""
        names = {name.strip().lower() for name in self.header}
        return [
            field
            for field in kind.resource.fields
            if not self.standard.file.header or field.name.lower() in names
        ]

    def _persons(self, kind: Kind, table: ir.Table) -> list[tuple[Fault, ir.BooleanValue]]:
        """Values of which one is enough."""
        tests = {f.name: persons.one_is_enough(f, table, TEXT) for f in kind.resource.fields}
        return [(self._person_fault(name), test) for name, test in tests.items() if test is not None]

    def _dense_persons(self, kind: Kind, table: ir.Table) -> dict[str, ir.Value]:
        """Numbers for the columns where it takes a pattern of values: how many pass, or 0 when there is no
        pattern."""
        numbers = {}
        for field in kind.resource.fields:
            if pair := persons.dense(field, table):
                form, passes = (table.count(where=condition) for condition in pair)
                is_dense = (form >= persons.ENOUGH) & (passes >= form * persons.DENSE)
                rows = functools.partial(_condition_rows, table, pair[1])
                numbers[self._measure(self._person_fault(field.name), rows)] = is_dense.ifelse(passes, 0)
        return numbers

    def _person_fault(self, field: str) -> Fault:
        code, severity = self.standard.code(FaultKind.PERSONS), self.standard.severity(FaultKind.PERSONS)
        return Fault(code, severity, field, *texts.PERSONS, datalek=True)

    def _groups(self, faults: Sequence[GroupFault], flagged: ir.Table, name: str) -> ir.Table | None:
        bad: list[ir.Table] = []
        for group in faults:
            measure = self._measure(group.fault, functools.partial(_same, group.rows))
            self.parts.append(group.count.select(**{measure: group.count[COUNT]}))
            if group.fault.severity is Severity.R:
                bad.append(group.rows)
        if not bad:
            return None
        rows = functools.reduce(lambda a, b: a.union(b), bad)
        more = flagged.filter(~flagged[REJECTED]).semi_join(rows, "rijnummer")
        column = f"{REJECTED} {name} samen"
        self.rejected.append(column)
        self.parts.append(more.aggregate(**{column: more.count()}))
        return rows

    def _whole_file(self, row: ir.Table) -> ir.Table:
        """Rules over the whole file, computed on the one row that holds all numbers."""
        totals = Totals(self.standard, self.kinds, self.context.previous, delivery_names(self.context))
        rules = [rule for rule in self.standard.rules if rule.scope == "file"]
        kept = file_rules(rules, totals, self.standard.resources[0].name, self.skipped)
        numbers = totals.table()
        row = row if numbers is None else row.cross_join(numbers)
        values = {measure.name: row[measure.name] for measure in self.measures}
        for rule, names in kept:
            broken = file_rule_broken(rule, names, row, self.context, self.skipped)
            if broken is not None:
                values[self._measure(told(rule), None)] = broken
        for kind in self.kinds.values():
            for fault, broken in structure.kind_faults(self.standard, kind, row):
                values[self._measure(fault, None)] = broken.fill_null(False).cast("int64")
        rejected = functools.reduce(lambda a, b: a + b, [row[name] for name in self.rejected])
        return row.select(**{READ: row[structure.SIZE], REJECTED: rejected}, **values)


def _flagged_rows(flagged: ir.Table, flag: str) -> ir.Table:
    return flagged.filter(flagged[flag]).select("rijnummer")


def _condition_rows(table: ir.Table, condition: ir.BooleanValue) -> ir.Table:
    return table.filter(condition).select("rijnummer")


def _same(rows: ir.Table) -> ir.Table:
    return rows.distinct()

"""Invented deliveries made from the standards: a right one, and for each rule one that breaks it."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from tests.lib.plain_check import Row, Unknown, World
from zorgspiegel.pipeline.checking import prepare
from zorgspiegel.store.standards import load_codelists, load_standard
from zorgspiegel.terms.outcome import CheckContext, Outcome
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import FieldDef, Rule, Standard

Rows = dict[str, list[Row]]
TODAY = date(2026, 4, 12)
OTHERS: dict[str, tuple[str, ...]] = {
    "integer": ("0", "1", "3", "40", "99999", "-1", "2024", "2099"),
    "number": ("0", "3,5", "60,0", "999,9"),
    "date": ("18500101", "20140101", "20241231", "20250101", "20250630", "20990101"),
    "string": ("0308", "WK036301", "WK030799", "123456789", "999999999", "202401", "2024H2", "XX", "3812"),
}


def context_of(standard: Standard, **more: Any) -> CheckContext:
    """The context of a delivery that is named as the standard's example, with all its code lists."""
    assert standard.file.name and standard.file.name_example, f"{standard.id} has a file name"
    match = re.fullmatch(standard.file.name, standard.file.name_example.rpartition(".")[0])
    assert match, f"the example name of {standard.id} is as its own rule says"
    parts = match.groupdict()
    period = Period(int(parts["jaar"]), int(parts["halfjaar"]) if parts.get("halfjaar") else None)
    return CheckContext(period=period, delivered_on=TODAY, codelists=load_codelists(standard), **more)


def good_rows(standard: Standard) -> Rows:
    """The example row of every record kind that must be there (and of the one that repeats)."""
    wanted = [r for r in standard.resources if not standard.has_kinds or r.least or r.name == "detail"]
    rows: Rows = {resource.name: [] for resource in standard.resources}
    for resource in wanted:
        rows[resource.name] = [{field.name: field.example or "" for field in resource.fields}]
    return rows


def numbered(rows: Rows) -> dict[str, list[tuple[int, Row]]]:
    """With the row number that each row gets in the file: kinds one after another."""
    counter = itertools.count(1)
    return {name: [(next(counter), row) for row in some] for name, some in rows.items()}


def text_table(rows: Rows, standard: Standard) -> pa.Table:
    """As the opener delivers it: all text, by position."""
    width = max(len(resource.fields) for resource in standard.resources)
    lines = []
    for resource in standard.resources:
        for number, row in numbered(rows)[resource.name]:
            cells = [row[field.name] for field in resource.fields]
            padded = {f"kolom_{place + 1}": (cells[place : place + 1] or [None])[0] for place in range(width)}
            lines.append({"rijnummer": number, "aantal_velden": len(cells), **padded})
    types = [("rijnummer", pa.int64()), ("aantal_velden", pa.int64())]
    types += [(f"kolom_{place + 1}", pa.string()) for place in range(width)]
    return pa.Table.from_pylist(lines, schema=pa.schema(types))


@functools.cache
def engine() -> Any:
    """One small DuckDB for all these checks."""
    return ibis.duckdb.connect(threads=1)


def put(name: str, data: pa.Table) -> ibis.Table:
    """A table of this name in the engine, with these data."""
    engine().con.register("nieuw", data)
    engine().con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM nieuw')
    engine().con.unregister("nieuw")
    return engine().table(name)


def run_check(rows: Rows, standard: Standard, context: CheckContext) -> Outcome:
    """The real check of these rows, without a file around them."""
    from zorgspiegel.check import judge

    width = max(len(resource.fields) for resource in standard.resources)
    header = tuple(field.name for field in standard.resources[0].fields) if standard.file.header else ()
    put("aangeleverd", text_table(rows, standard))
    prepared = prepare(standard, header, context, width=width)
    counts, examples = prepared.run(engine())
    return judge(
        standard, prepared.examination, counts=counts, examples=examples, context=context, sha256="0" * 64
    )


def previous_tables(rows: Rows, standard: Standard) -> Mapping[str, ibis.Table]:
    """These rows as the typed tables of an earlier delivery, in the same engine."""
    from tests.lib.plain_check import value
    from zorgspiegel.check.values import TYPES

    tables = {}
    for resource in standard.resources:
        types = {f.name: "string" if f.partial else TYPES[f.type] for f in resource.fields}
        schema = ibis.schema({"rijnummer": "int64", **types})
        records = [
            {"rijnummer": number, **{f.name: value(f, row[f.name]) for f in resource.fields}}
            for number, row in numbered(rows)[resource.name]
        ]
        typed = pa.Table.from_pylist(_decimals(records), schema=schema.to_pyarrow())
        tables[resource.name] = put(f"vorige_{resource.name}", typed)
    return tables


def _decimals(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from decimal import Decimal

    return [{k: Decimal(str(v)) if isinstance(v, float) else v for k, v in r.items()} for r in records]


def others(field: FieldDef, context: CheckContext) -> Iterator[str]:
    """Other values that this column could have, right and wrong ones."""
    yield ""
    if field.constraints.enum:
        yield from field.constraints.enum
    if field.codelist:
        yield from context.codelists[field.codelist].valid(None)[:30]
        yield from context.codelists[field.codelist].valid(None)[-3:]
    yield from OTHERS[field.type]


def breaking(standard: Standard, rule: Rule, context: CheckContext) -> tuple[Rows, Rows | None]:
    """(rows, previous rows) that break this rule, found by trying. Fails when nothing does: then it never
    can."""
    good = good_rows(standard)
    name = rule.resource or standard.resources[0].name
    needs_previous = "vorige(" in (rule.must or "")
    for rows in _variants(standard, good, name, context, _about(standard, rule, name)):
        for previous in [good] if needs_previous else [None]:
            world = World(standard, context, numbered(rows), numbered(previous) if previous else None)
            try:
                if world.broken(rule) is not None:
                    return rows, previous
            except (Unknown, KeyError):
                continue
    raise AssertionError(f"no delivery breaks {standard.id} {rule.code}: {rule.must}")


def _about(standard: Standard, rule: Rule, name: str) -> set[str]:
    """Columns of this record kind that the rule looks at, also by way of a derived name."""
    text = " ".join([rule.must or "", rule.when or "", *rule.by, *rule.same])
    words = set(re.findall("[A-Za-z_0-9]+", text))
    for derived, expression in standard.resource(name).derived.items():
        if derived in words:
            words |= set(re.findall("[A-Za-z_0-9]+", expression))
    return words


def _variants(
    standard: Standard, good: Rows, name: str, context: CheckContext, about: set[str]
) -> Iterator[Rows]:
    if not good[name]:
        good = good | {name: [{f.name: f.example or "" for f in standard.resource(name).fields}]}
    yield good | {name: [*good[name], *good[name]]}
    for edits in _edits(standard, name, context, about):
        changed = [{**row, **edits} for row in good[name]]
        yield good | {name: changed}
        yield good | {name: [*good[name], *changed]}
    for other in good:
        if other != name:
            for edits in _edits(standard, other, context, about, most=1):
                yield good | {other: [{**row, **edits} for row in good[other]]}


def _edits(
    standard: Standard, name: str, context: CheckContext, about: set[str], *, most: int = 2
) -> Iterable[dict[str, str]]:
    fields = [field for field in standard.resource(name).fields if field.name in about]
    for field in fields:
        for text in others(field, context):
            yield {field.name: text}
    if most < 2:
        return
    for one, two in itertools.combinations(fields, 2):
        for first, second in itertools.product(others(one, context), others(two, context)):
            yield {one.name: first, two.name: second}


__all__ = ["breaking", "context_of", "good_rows", "load_standard", "numbered", "previous_tables", "run_check"]

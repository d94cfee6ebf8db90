"""Expressions about areas that several readers need."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.reading import Context
from zorgspiegel.receive.values import year_of
from zorgspiegel.terms.areas import LEVEL_OF_PREFIX, PATTERNS


def level(code: ir.StringValue) -> ir.StringValue:
    """The level of a well-formed code; null when it is not one."""
    branches = [
        (code.re_search(f"^({PATTERNS[name].pattern})$"), name)
        for name in dict.fromkeys(LEVEL_OF_PREFIX.values())
    ]
    return ibis.cases(*branches, else_=ibis.null("string"))


def parent(code: ir.StringValue) -> ir.StringValue:
    """What the code itself says of the area above it; null for a gemeente, whose code does not say it."""
    return ibis.cases(
        (code.startswith("WK"), ibis.literal("GM") + code.substr(2, 4)),
        (code.startswith("BU"), ibis.literal("WK") + code.substr(2, 6)),
        (code.startswith("GM") | code.startswith("NL"), ibis.null("string")),
        else_="NL01",
    )


def row_year(text: ir.Table, context: Context) -> ir.IntegerValue:
    """The year that a row itself says, else that of the operator or the file's name."""
    given = ibis.literal(context.year, "int64")
    column = context.matched.columns.get("periode")
    return year_of(text[column]).coalesce(given) if column else given


def first_present(table: ir.Table, *, key: str, keep: list[str]) -> ir.Table:
    """One row per key: the smallest of the values that there are. So that a join cannot make rows."""
    there = table.filter(table[key].notnull())
    return there.group_by(key).aggregate(**{name: there[name].min() for name in keep})

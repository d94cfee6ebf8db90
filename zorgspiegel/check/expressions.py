"""The small language in which a standard writes its rules: Python's expression syntax, our few functions.

`Eind_daadwerkelijk >= Start_daadwerkelijk` · `BSN == '999999999' or elfproef(BSN)` ·
`max(sluit.SomBedrag) == sum(detail.Bedrag)` · `vorige(count()) == 0 or count() > 0`

Names are columns (typed), the record kind's derived names, or names of the delivery (`periode_van`,
`periode_tot`, `vandaag`, `afzender`). `soort.Kolom` inside an aggregate names a column of another record
kind. Nothing else is
allowed: no attribute of objects, no lambda, no comprehension; a rule can do nothing but compare.

Empty follows SQL: comparing with an empty or unreadable value gives unknown, and unknown breaks no rule.
`X is None` asks whether the cell is empty; an unreadable cell is not empty.
"""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.check.values import earliest, is_elfproef
from zorgspiegel.terms.errors import DefinitionError
from zorgspiegel.terms.pseudonym import is_valid_pseudonym

AGGREGATES = frozenset({"count", "share", "sum", "distinct", "min", "max", "quantile"})
PREVIOUS = "vorige"
DELIVERY_NAMES = frozenset({"periode_van", "periode_tot", "vandaag", "afzender"})


@functools.cache
def parse(text: str) -> ast.expr:
    """The syntax tree of an expression; DefinitionError when it is not one."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise DefinitionError(f"Rule expression {text!r}: {error.msg} at position {error.offset}.") from error


def names(node: ast.AST) -> set[str]:
    """Names that stand in an expression, without the names of functions."""
    called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in called}


def aggregates(node: ast.AST, *, previous: bool = False) -> Iterator[tuple[ast.Call, bool]]:
    """Every aggregate in the expression, and whether it is over the previous delivery."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == PREVIOUS:
            for argument in node.args:
                yield from aggregates(argument, previous=True)
            return
        if node.func.id in AGGREGATES:
            yield node, previous
            return
    for child in ast.iter_child_nodes(node):
        yield from aggregates(child, previous=previous)


def key(node: ast.Call, previous: bool) -> str:
    """A name under which the value of this aggregate can be looked up."""
    return f"{'vorige ' if previous else ''}{ast.unparse(node)}"


@dataclass(frozen=True)
class Scope:
    """What names mean at the place where an expression is read.

    columns:  column or derived name -> typed value.
    texts:    column name -> the text as delivered, for `is None`.
    delivery: period, today, sender; a name that is absent makes the rule one that cannot be checked.
    found:    aggregates that were computed before, by `key`.
    areas:    (wijkcode, year) -> is it a wijk of that year; None when no areas were given.
    """

    columns: Mapping[str, ir.Value] = field(default_factory=dict)
    texts: Mapping[str, ir.StringValue] = field(default_factory=dict)
    delivery: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, ir.Value] = field(default_factory=dict)
    areas: Callable[[ir.Value, ir.Value], ir.Value] | None = None


class NotGiven(Exception):  # noqa: N818 - not an error: the rule is skipped, and the outcome says why
    """The expression needs something that this check was not given; the argument names it."""


def compile_expression(text: str, scope: Scope) -> ir.Value:
    """The Ibis value of an expression. DefinitionError for what the language does not know; NotGiven as
    above."""
    return _Compiler(scope, text).value(parse(text))


def compile_aggregate(
    node: ast.Call, table: ir.Table, scope: Scope, *, where: ir.Value | None = None
) -> ir.Value:
    """One aggregate over a table whose names are in `scope` (kind prefixes are already resolved)."""
    assert isinstance(node.func, ast.Name), "aggregates() gives calls of plain names only"
    inner = _Compiler(scope, ast.unparse(node))
    return _reduce(node.func.id, [inner.value(argument) for argument in node.args], table, where)


def resolve(node: ast.Call, kinds: Collection[str], default: str | None) -> tuple[str, ast.Call]:
    """Which record kind an aggregate is over, and the same aggregate with plain column names.

    `sum(detail.Bedrag)` -> detail, `sum(Bedrag)`; `count(detail)` -> detail, `count()`. DefinitionError when
    it names no kind and the rule has none, or names two.
    """
    used = {
        n.value.id for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    }
    plain = _WithoutKinds().visit(copy.deepcopy(node))
    if len(plain.args) == 1 and isinstance(plain.args[0], ast.Name) and plain.args[0].id in kinds:
        used.add(plain.args.pop().id)
    kind = used.pop() if len(used) == 1 else default
    if used or kind is None or kind not in kinds:
        raise DefinitionError(
            f"Rule expression {ast.unparse(node)!r}: say which record kind: {', '.join(kinds)}."
        )
    return kind, plain


class _WithoutKinds(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return ast.copy_location(ast.Name(id=node.attr, ctx=ast.Load()), node)


def _reduce(name: str, arguments: list[Any], table: ir.Table, where: ir.Value | None) -> ir.Value:
    if name == "count":
        condition = arguments[0] if arguments else None
        both = condition if where is None else where if condition is None else condition & where
        return table.count(where=both)
    if name == "share":
        hits = arguments[0].cast("int64").fill_null(0)
        return hits.mean(where=where)
    value = arguments[0]
    if name == "sum":
        return value.sum(where=where).fill_null(0)
    if name == "distinct":
        return value.nunique(where=where)
    if name == "quantile":
        return value.cast("float64").quantile(float(arguments[1]), where=where)
    return value.min(where=where) if name == "min" else value.max(where=where)


class _Compiler:
    """Walks the tree; one method per kind of node, everything else is refused."""

    def __init__(self, scope: Scope, text: str) -> None:
        self.scope = scope
        self.text = text

    def value(self, node: ast.AST) -> Any:
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise self._wrong(f"{type(node).__name__} is not part of the language")
        return handler(node)

    def _wrong(self, why: str) -> DefinitionError:
        return DefinitionError(f"Rule expression {self.text!r}: {why}.")

    def _constant(self, node: ast.Constant) -> Any:
        if node.value is None or isinstance(node.value, str | int | float):
            return node.value
        raise self._wrong("only texts, numbers and None can be written")

    def _name(self, node: ast.Name) -> Any:
        if node.id in self.scope.columns:
            return self.scope.columns[node.id]
        if node.id in self.scope.delivery:
            return ibis.literal(self.scope.delivery[node.id])
        if node.id in DELIVERY_NAMES:
            raise NotGiven(node.id)
        known = ", ".join(sorted({*self.scope.columns, *DELIVERY_NAMES}))
        raise self._wrong(f"{node.id!r} is not known here; known are {known}")

    def _boolop(self, node: ast.BoolOp) -> Any:
        parts = [self.value(part) for part in node.values]
        join = (lambda a, b: a & b) if isinstance(node.op, ast.And) else (lambda a, b: a | b)
        return functools.reduce(join, parts)

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return ~value
        if isinstance(node.op, ast.USub):
            return -value
        raise self._wrong("only not and - can stand before a value")

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            # Spark (ANSI) stops at division by zero and DuckDB does not: zero becomes unknown on both.
            divisor = right.nullif(0) if isinstance(right, ir.Value) else right
            return (left.cast("float64") if isinstance(left, ir.Value) else left) / divisor
        raise self._wrong("only + - * / can be used to reckon")

    def _compare(self, node: ast.Compare) -> Any:
        result, left = None, node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            part = self._one_comparison(operator, left, right)
            result = part if result is None else result & part
            left = right
        return result

    def _one_comparison(self, operator: ast.cmpop, left: ast.expr, right: ast.expr) -> Any:
        if isinstance(operator, ast.Is | ast.IsNot):
            empty = self._is_empty(left, right)
            return empty if isinstance(operator, ast.Is) else ~empty
        if isinstance(operator, ast.In | ast.NotIn):
            if not isinstance(right, ast.Tuple | ast.List):
                raise self._wrong("after in comes a list, such as ('01', '02')")
            found = self.value(left).isin([self.value(item) for item in right.elts])
            return found if isinstance(operator, ast.In) else ~found
        compare = _COMPARISONS[type(operator)]
        return compare(self.value(left), self.value(right))

    def _is_empty(self, left: ast.expr, right: ast.expr) -> Any:
        if not (isinstance(right, ast.Constant) and right.value is None):
            raise self._wrong("is and is not only go with None")
        if isinstance(left, ast.Name) and left.id in self.scope.texts:
            text = self.scope.texts[left.id]
            return text.isnull() | (text == "")
        return self.value(left).isnull()

    def _ifexp(self, node: ast.IfExp) -> Any:
        return self.value(node.test).ifelse(self.value(node.body), self.value(node.orelse))

    def _call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self._wrong("only plain functions can be called")
        name = node.func.id
        if name == PREVIOUS:
            return self._found(node.args[0], previous=True)
        if name in AGGREGATES:
            return self._found(node, previous=False)
        if name == "known_wijk":
            return self._known_wijk(node)
        if name not in _FUNCTIONS:
            known = ", ".join(sorted({*_FUNCTIONS, *AGGREGATES, PREVIOUS, "known_wijk"}))
            raise self._wrong(f"function {name!r} is not known; known are {known}")
        return _FUNCTIONS[name](*(self.value(argument) for argument in node.args))

    def _found(self, node: ast.expr, *, previous: bool) -> Any:
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in AGGREGATES
        ):
            raise self._wrong("vorige() goes around one aggregate")
        name = key(node, previous)
        if name in self.scope.found:
            return self.scope.found[name]
        raise NotGiven(PREVIOUS) if previous else self._wrong(f"{name} cannot be used in a rule over one row")

    def _known_wijk(self, node: ast.Call) -> Any:
        if self.scope.areas is None:
            raise NotGiven("gebieden")
        return self.scope.areas(self.value(node.args[0]), self.value(node.args[1]))


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}


def _date(year: Any, month: int, day: int) -> Any:
    if isinstance(year, int):
        return ibis.literal(date(year, month, day))
    # Only years of four digits: engines differ in how they read the others.
    text = year.between(1000, 9999).ifelse(year.cast("string"), ibis.null("string"))
    return (text + f"-{month:02d}-{day:02d}").try_cast("date")


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "elfproef": is_elfproef,
    "pseudonym": is_valid_pseudonym,
    "earliest": earliest,
    "length": lambda text: text.length(),
    "substr": lambda text, start, size: text.substr(start, size),
    "starts_with": lambda text, start: text.startswith(start),
    "matches": lambda text, pattern: text.re_search(f"^(?:{pattern})$"),
    "text": lambda value: value.cast("string"),
    "number": lambda text: text.try_cast("int64"),
    "coalesce": ibis.coalesce,
    "abs": lambda value: value.abs(),
    "year": lambda day: day.year(),
    "month": lambda day: day.month(),
    "date": _date,
}

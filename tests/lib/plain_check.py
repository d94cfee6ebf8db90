"""The check, once more: slow and obvious, row by row in plain Python. Shares no code with the real one but
the standards themselves. It knows text only; it knows nothing of files.

`plain_check` gives, per (code, field), the sorted row numbers with that fault; faults of the file have no
rows.
"""

from __future__ import annotations

import ast
import functools
import math
import re
from collections import defaultdict
from datetime import date
from typing import Any

from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.standards import Fault, FieldDef, Resource, Rule, Standard

Row = dict[str, str]
Found = dict[tuple[str, str | None], list[int]]


class Unknown(Exception):  # noqa: N818 - not an error: the rule is skipped
    """The rule asks for something that was not given."""


@functools.cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def elfproef(text: str) -> bool | None:
    """Straight from the definition: weights 9 to 2 and -1, the sum divisible by 11, not all zero."""
    if text is None or not re.fullmatch("[0-9]{9}", text):
        return None
    weights = [9, 8, 7, 6, 5, 4, 3, 2, -1]
    return (
        sum(int(digit) * weight for digit, weight in zip(text, weights, strict=True)) % 11 == 0
        and int(text) > 0
    )


def day(text: str) -> date | None:
    """The day of JJJJMMDD, or None."""
    if not re.fullmatch("[0-9]{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def first_possible(text: str) -> date | None:
    """The first day that a date with 00 parts can be."""
    if re.fullmatch("[0-9]{4}0000", text):
        return day(text[:4] + "0101")
    return day(text[:6] + "01") if text.endswith("00") else day(text)


def value(field: FieldDef, text: str) -> Any:
    """The cell as a Python value; None when it is empty or cannot be read."""
    if text == "":
        return None
    if field.type == "integer":
        return int(text) if re.fullmatch("-?[0-9]{1,18}", text) else None
    if field.type == "number":
        return float(text.replace(",", ".")) if re.fullmatch("-?[0-9]{1,13}(,[0-9]{1,4})?", text) else None
    if field.type == "date" and not field.partial:
        return day(text)
    return text


def cell_fault(field: FieldDef, text: str, context: CheckContext) -> Fault | None:
    """The first fault of a cell."""
    limits = field.constraints
    if text == "":
        return Fault.REQUIRED if limits.required else None
    least, most = (8, 8) if field.type == "date" else (limits.minLength, limits.maxLength)
    if (least is not None and len(text) < least) or (most is not None and len(text) > most):
        return Fault.LENGTH
    if field.type == "date":
        if not re.fullmatch("[0-9]{8}", text):
            return Fault.CHARACTERS
        if (first_possible(text) if field.partial else day(text)) is None:
            return Fault.DATE
    if field.type in {"integer", "number"} and value(field, text) is None:
        return Fault.CHARACTERS
    if limits.pattern is not None and not re.fullmatch(limits.pattern, text):
        return Fault.CHARACTERS
    read = value(field, text)
    if limits.minimum is not None and read < limits.minimum:
        return Fault.RANGE
    if limits.maximum is not None and read > limits.maximum:
        return Fault.RANGE
    if limits.enum is not None and text not in limits.enum:
        return Fault.CODE_LIST
    if field.codelist is not None and text not in context.codelists[field.codelist].valid(context.period):
        return Fault.CODE_LIST
    return None


def plain_check(
    rows: dict[str, list[tuple[int, Row]]],
    standard: Standard,
    context: CheckContext,
    previous: dict[str, list[tuple[int, Row]]] | None = None,
) -> Found:
    """Faults of cells, keys and rules. `rows`: per record kind its (row number, texts)."""
    found: Found = defaultdict(list)
    for resource in standard.resources:
        for number, row in rows[resource.name]:
            for field in resource.fields:
                fault = cell_fault(field, row[field.name], context)
                if fault:
                    found[standard.code(fault, field), field.name].append(number)
        key = resource.table.primaryKey
        if key and not any(rule.unique == key for rule in standard.rules):
            _note(found, standard.code(Fault.UNIQUE), None, _repeats(rows[resource.name], list(key)))
    world = World(standard, context, rows, previous)
    for rule in standard.rules:
        try:
            numbers = world.broken(rule)
        except Unknown:
            continue
        if numbers is not None:
            found[rule.code, rule.field] += numbers
    return {place: sorted(set(numbers)) for place, numbers in found.items()}


def _note(found: Found, code: str, field: str | None, numbers: list[int]) -> None:
    if numbers:
        found[code, field] += numbers


def _repeats(rows: list[tuple[int, Row]], names: list[str]) -> list[int]:
    seen: set[tuple[str, ...]] = set()
    repeated = []
    for number, row in rows:
        key = tuple(row[name] for name in names)
        if key in seen:
            repeated.append(number)
        seen.add(key)
    return repeated


class World:
    """The rows of a delivery, and what rules ask of them."""

    def __init__(self, standard: Standard, context: CheckContext, rows: Any, previous: Any) -> None:
        self.standard, self.context, self.rows, self.previous = standard, context, rows, previous
        self.wijken: set[tuple[str, int]] | None = None

    def broken(self, rule: Rule) -> list[int] | None:
        """Row numbers where the rule is broken; [] for a file rule that is broken; None when it holds."""
        name = rule.resource or self.standard.resources[0].name
        resource = self.standard.resource(name)
        here = [
            (n, r)
            for n, r in self.rows[name]
            if rule.when is None or self.row(rule.when, resource, r) is True
        ]
        if rule.unique is not None:
            names = [f.name for f in resource.fields] if rule.unique == "row" else list(rule.unique)
            return _repeats(here, names) or None
        if rule.scope == "file":
            assert rule.must is not None
            return (
                []
                if self.whole(rule.must, rule.resource or self.standard.resources[0].name) is False
                else None
            )
        if rule.scope == "group":
            return self.groups(rule, resource, here)
        assert rule.must is not None
        bad = [n for n, r in here if self.row(rule.must, resource, r) is False]
        return bad or None

    def groups(self, rule: Rule, resource: Resource, here: list[tuple[int, Row]]) -> list[int] | None:
        now = self._split(rule, resource, here)
        if rule.same:
            bad = [g for g in now.values() if len({self._values(resource, r, rule.same) for _, r in g}) > 1]
            return [n for group in bad for n, _ in group] or None
        assert rule.must is not None
        before: dict[Any, list[tuple[int, Row]]] = {}
        if "vorige(" in rule.must:
            if self.previous is None:
                raise Unknown
            before = self._split(rule, resource, self.previous[resource.name])
        numbers, is_broken = [], False
        for key in {*now, *before}:
            scope = _Group(self, resource, now.get(key, []), before.get(key, []))
            if _evaluate(_tree(rule.must), scope) is False:
                is_broken = True
                numbers += [n for n, _ in now.get(key, [])]
        return numbers if is_broken else None

    def _split(
        self, rule: Rule, resource: Resource, rows: list[tuple[int, Row]]
    ) -> dict[Any, list[tuple[int, Row]]]:
        groups: dict[Any, list[tuple[int, Row]]] = defaultdict(list)
        for number, row in rows:
            key = self._values(resource, row, rule.by)
            if None not in key:
                groups[key].append((number, row))
        return groups

    def _values(self, resource: Resource, row: Row, names: tuple[str, ...]) -> tuple[Any, ...]:
        return tuple(self.row(name, resource, row) for name in names)

    def row(self, expression: str, resource: Resource, row: Row) -> Any:
        return _evaluate(_tree(expression.strip()), _RowScope(self, resource, row))

    def whole(self, expression: str, default: str) -> Any:
        resource = self.standard.resource(default)
        return _evaluate(_tree(expression.strip()), _Group(self, resource, self.rows[default], None))

    def delivery(self, name: str) -> Any:
        period = self.context.period
        known = {
            "periode_van": period and period.first_day,
            "periode_tot": period and period.last_day,
            "vandaag": self.context.delivered_on,
            "afzender": self.context.sender,
        }
        if known.get(name) is None:
            raise Unknown
        return known[name]


class _RowScope:
    """Names inside one row."""

    def __init__(self, world: World, resource: Resource, row: Row) -> None:
        self.world, self.resource, self.cells = world, resource, row

    def name(self, name: str) -> Any:
        for field in self.resource.fields:
            if field.name == name:
                return value(field, self.cells[name])
        if name in self.resource.derived:
            return _evaluate(_tree(self.resource.derived[name]), self)
        return self.world.delivery(name)

    def is_empty(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id in self.cells:
            return self.cells[node.id] == ""
        return _evaluate(node, self) is None

    def aggregate(self, node: ast.Call, previous: bool) -> Any:
        return _Group(self.world, self.resource, self.world.rows[self.resource.name], None).aggregate(
            node, previous
        )


class _Group:
    """Names over rows together: only inside aggregates."""

    def __init__(self, world: World, resource: Resource, rows: Any, before: Any) -> None:
        self.world, self.resource, self.rows, self.before = world, resource, rows, before

    def name(self, name: str) -> Any:
        return self.world.delivery(name)

    def is_empty(self, node: ast.expr) -> bool:
        return _evaluate(node, self) is None

    def aggregate(self, node: ast.Call, previous: bool) -> Any:
        kinds = {r.name for r in self.world.standard.resources}
        named = [
            n.value.id
            for n in ast.walk(node)
            if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
        ]
        arguments = list(node.args)
        if arguments and isinstance(arguments[0], ast.Name) and arguments[0].id in kinds:
            named.append(arguments.pop(0).id)
        resource = self.world.standard.resource(named[0]) if named else self.resource
        if previous:
            if self.world.previous is None:
                raise Unknown
            rows = self.before if self.before is not None else self.world.previous[resource.name]
        else:
            rows = self.rows if resource is self.resource else self.world.rows[resource.name]
        scopes = [_RowScope(self.world, resource, row) for _, row in rows]
        assert isinstance(node.func, ast.Name)
        return _reduce(node.func.id, arguments, scopes)


def _reduce(name: str, arguments: list[ast.expr], scopes: list[_RowScope]) -> Any:
    if name == "count":
        return len([s for s in scopes if not arguments or _evaluate(arguments[0], s) is True])
    values = [_evaluate(arguments[0], scope) for scope in scopes]
    filled = [v for v in values if v is not None]
    if name == "share":
        return sum(v is True for v in values) / len(values) if values else None
    if name == "sum":
        return sum(filled)
    if name == "distinct":
        return len(set(filled))
    if name in {"min", "max"}:
        return (min if name == "min" else max)(filled) if filled else None
    assert name == "quantile"
    place = (len(filled) - 1) * _evaluate(arguments[1], scopes[0] if scopes else None)
    ordered = sorted(filled)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _evaluate(node: ast.expr, scope: Any) -> Any:
    match node:
        case ast.Constant(value=constant):
            return constant
        case ast.Name(id=name):
            return scope.name(name)
        case ast.Attribute(attr=name):
            return scope.name(name)
        case ast.BoolOp(op=op, values=parts):
            # All parts first: in a table engine too, a part that cannot be known makes the rule one to skip.
            values = [_evaluate(part, scope) for part in parts]
            decisive = isinstance(op, ast.Or)
            if any(v is decisive for v in values):
                return decisive
            return None if any(v is None for v in values) else not decisive
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _evaluate(operand, scope)
            return None if inner is None else not inner
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _evaluate(operand, scope)
            return None if inner is None else -inner
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _evaluate(body if _evaluate(test, scope) is True else orelse, scope)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, _evaluate(left, scope), _evaluate(right, scope))
        case ast.Compare():
            return _comparison(node, scope)
        case ast.Call(func=ast.Name(id="vorige"), args=[ast.Call() as inner]):
            return scope.aggregate(inner, True)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            if name in {"count", "share", "sum", "distinct", "min", "max", "quantile"}:
                return scope.aggregate(node, False)
            return _call(name, [_evaluate(argument, scope) for argument in arguments], scope)
    raise AssertionError(ast.dump(node))


def _arithmetic(op: ast.operator, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(op, ast.Div):
        return None if right == 0 else left / right
    if isinstance(op, ast.Add):
        return left + right
    return left - right if isinstance(op, ast.Sub) else left * right


def _comparison(node: ast.Compare, scope: Any) -> Any:
    (op,), (right,) = node.ops, node.comparators
    if isinstance(op, ast.Is | ast.IsNot):
        return scope.is_empty(node.left) is isinstance(op, ast.Is)
    left = _evaluate(node.left, scope)
    if isinstance(op, ast.In | ast.NotIn):
        assert isinstance(right, ast.Tuple | ast.List)
        if left is None:
            return None
        return (left in [_evaluate(item, scope) for item in right.elts]) is isinstance(op, ast.In)
    other = _evaluate(right, scope)
    if left is None or other is None:
        return None
    tests = {
        ast.Eq: left == other,
        ast.NotEq: left != other,
    }
    if type(op) in tests:
        return tests[type(op)]
    return {
        ast.Lt: left < other,
        ast.LtE: left <= other,
        ast.Gt: left > other,
        ast.GtE: left >= other,
    }[type(op)]


def _call(name: str, values: list[Any], scope: Any) -> Any:
    if name == "coalesce":
        return next((v for v in values if v is not None), None)
    if name == "known_wijk":
        known = scope.world.wijken
        if known is None:
            raise Unknown
        return (
            None if None in values else tuple(values) in known or values[1] not in {year for _, year in known}
        )
    first = values[0]
    if first is None:
        return None
    if name == "elfproef":
        return elfproef(first)
    if name == "pseudonym":
        from zorgspiegel.terms.pseudonym import is_pseudonym

        return is_pseudonym(first)
    if name == "substr":
        return first[values[1] : values[1] + values[2]]
    if name == "date":
        return date(*values) if 1000 <= values[0] <= 9999 else None
    simple = {
        "earliest": first_possible,
        "length": len,
        "abs": abs,
        "text": str,
        "number": lambda text: int(text) if re.fullmatch("-?[0-9]+", text) else None,
        "year": lambda d: d.year,
        "month": lambda d: d.month,
    }
    return simple[name](first)


__all__ = ["Found", "Unknown", "cell_fault", "elfproef", "first_possible", "plain_check", "value"]

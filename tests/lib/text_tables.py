"""Tables as text, for tests that an expert can read: columns between bars, a blank is null.

    wijk     | aantal_personen
    WK036301 | 25
    WK036302 |

The types come from the declared shape. A column that no shape declares is a whole number, a decimal or a date
when all of its filled cells look like one, and text otherwise; codes with a leading zero stay text.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from zorgspiegel.terms.shapes import Shape

_WHOLE = re.compile(r"-?(0|[1-9]\d*)")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse(text: str, shape: Shape | None = None, *, rest: Mapping[str, Any] | None = None) -> ibis.Table:
    """The in-memory table that this text draws.

    `rest` gives one value for all rows of columns that the text leaves out; with a shape, the columns that
    neither the text nor `rest` names are null. Raises ValueError when a line has too many or too few
    cells, or when a column is not in the shape.
    """
    names, lines = _split(text)
    cells = {name: [line[i] for line in lines] for i, name in enumerate(names)}
    types = {name: _type(name, cells[name], shape) for name in names}
    columns: dict[str, Any] = {
        name: pa.array([_value(cell, types[name]) for cell in cells[name]], types[name]) for name in names
    }
    for name, value in (rest or {}).items():
        if name not in cells:
            columns[name] = pa.array([value] * len(lines), _shape_type(name, shape))
    if shape is not None:
        if unknown := [name for name in columns if name not in shape.names and not shape.may_have_more]:
            raise ValueError(f"{shape.name} has no column {', '.join(unknown)}")
        for name in set(shape.names) - set(columns):
            columns[name] = pa.nulls(len(lines), _shape_type(name, shape))
        order = [*shape.names, *(name for name in columns if name not in shape.names)]
        columns = {name: columns[name] for name in order}
    return ibis.memtable(pa.table(columns))


def same_rows(
    actual: Sequence[Mapping[str, Any]], expected: ibis.Table, *, ordered: bool = False
) -> str | None:
    """None when the rows agree in the columns that `expected` names; else both drawn, with the difference.

    Rows are compared as a bag: the same row twice is not the same as once. `ordered` compares the order too.
    """
    names = list(expected.columns)
    if actual and (missing := [name for name in names if name not in actual[0]]):
        return f"the result has no column {', '.join(missing)}; it has {', '.join(actual[0])}"
    found = [tuple(row[name] for name in names) for row in actual]
    wanted = [tuple(row[name] for name in names) for row in expected.to_pyarrow().to_pylist()]
    if found == wanted if ordered else Counter(found) == Counter(wanted):
        return None
    too_many, missing_rows = Counter(found) - Counter(wanted), Counter(wanted) - Counter(found)
    marked = [("+", row) for row in too_many.elements()] + [("-", row) for row in missing_rows.elements()]
    if not marked:
        return f"the rows are right but their order is not:\n{draw(names, found)}"
    return (
        f"the result:\n{draw(names, found)}\n"
        f"differs (+ not expected, - missing):\n"
        f"{draw(['', *names], [(mark, *row) for mark, row in marked])}"
    )


def draw(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as aligned text, in their order."""
    table = [list(names), *([_text(value) for value in row] for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(names))]
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in table
    )


def _split(text: str) -> tuple[list[str], list[list[str]]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValueError("a table needs at least a line with column names")
    names, rows = lines[0], lines[1:]
    if faulty := [number for number, row in enumerate(rows, 1) if len(row) != len(names)]:
        raise ValueError(f"row {faulty[0]} has not {len(names)} cells: is a bar missing?")
    return names, rows


def _type(name: str, cells: Sequence[str], shape: Shape | None) -> pa.DataType:
    if shape is not None and name in shape.names:
        return _shape_type(name, shape)
    filled = [cell for cell in cells if cell]
    for pattern, kind in ((_WHOLE, pa.int64()), (_DATE, pa.date32())):
        if filled and all(pattern.fullmatch(cell) for cell in filled):
            return kind
    if filled and all(_DECIMAL.fullmatch(cell) or _WHOLE.fullmatch(cell) for cell in filled):
        return pa.decimal128(18, max(len(cell.partition(".")[2]) for cell in filled))
    return pa.string()


def _shape_type(name: str, shape: Shape | None) -> pa.DataType | None:
    return shape.schema.to_pyarrow().field(name).type if shape is not None and name in shape.names else None


def _value(cell: str, kind: pa.DataType) -> Any:
    if cell == "":
        return None
    if pa.types.is_integer(kind):
        return int(cell)
    if pa.types.is_decimal(kind):
        return Decimal(cell)
    if pa.types.is_floating(kind):
        return float(cell)
    if pa.types.is_boolean(kind):
        return {"true": True, "false": False}[cell]
    if pa.types.is_date(kind):
        return datetime.date.fromisoformat(cell)
    if pa.types.is_list(kind):
        return [_value(part.strip(), kind.value_type) for part in cell.split(",")]
    return "" if cell == '""' else cell


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)

"""The `spec` fixture: given a small table, when this happens, then that table comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ibis
import pytest

from tests.lib import text_tables
from zorgspiegel.terms.shapes import Column, Shape

Text = str | Mapping[str, str]
Shapes = Shape | Mapping[str, Shape] | None


def check(
    *,
    given: Text,
    when: Callable[..., ibis.Table],
    then: str,
    shape: Shapes = None,
    gives: Shape | None = None,
    rest: Mapping[str, Any] | None = None,
    ordered: bool = False,
) -> None:
    """Fail, with both tables drawn, when `when(given)` is not `then`.

    given:   one text table, or several by name: then `when` gets them as keyword arguments.
    when:    the promise at work, from Ibis tables to one Ibis table.
    then:    the rows that must come out, in any order (unless `ordered`); only its columns are compared.
    shape:   the shape of the given table (or, by name, of each): it gives the types, and the columns that the
             text leaves out are null, or have the one value that `rest` gives.
    gives:   the shape from which `then` takes its types; without it the result's own types are used.
    """
    if isinstance(given, str):
        assert shape is None or isinstance(shape, Shape), "one given table has one shape"
        result = when(text_tables.parse(given, shape, rest=rest))
    else:
        shapes = shape if isinstance(shape, Mapping) else dict.fromkeys(given, shape)
        result = when(**{name: _parse(text, shapes.get(name), rest) for name, text in given.items()})
    expected = text_tables.parse(then, gives or _shape_of(result))
    expected = expected.select(*[name.strip() for name in then.strip().splitlines()[0].split("|")])
    fault = text_tables.same_rows(result.to_pyarrow().to_pylist(), expected, ordered=ordered)
    if fault:
        pytest.fail(fault, pytrace=False)


def _parse(text: str, shape: Shape | None, rest: Mapping[str, Any] | None) -> ibis.Table:
    known = {name: value for name, value in (rest or {}).items() if shape is None or name in shape.names}
    return text_tables.parse(text, shape, rest=known)


def _shape_of(table: ibis.Table) -> Shape:
    return Shape("result", tuple(Column(name, str(kind), "") for name, kind in table.schema().items()), True)


@pytest.fixture
def spec() -> Callable[..., None]:
    """See `check`: `spec(given=..., when=..., then=...)`."""
    return check

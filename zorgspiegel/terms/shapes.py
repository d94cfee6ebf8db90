"""Table shapes, and the doors that check them at run time, always.

Types of Python cannot see columns. So each door names the shape of what comes in and what goes out, and
`@door` compares the schema of the actual expression with it. Comparing schemas touches no data: it costs
microseconds, also on a table of a billion rows.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from zorgspiegel.terms.errors import ShapeError

if TYPE_CHECKING:
    import ibis
    import ibis.expr.datatypes as dt

# Ibis is imported where a table is looked at, not at the top: the child process that opens a delivered file
# needs the shapes only, and would spend half of its time on importing Ibis.

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Column:
    """One column: its name, its Ibis type, and what it means (with its unit)."""

    name: str
    type: str
    meaning: str

    def accepts(self, actual: dt.DataType) -> bool:
        """Same type; nullability is not compared, since engines report it differently."""
        import ibis.expr.datatypes as dt

        wanted = dt.dtype(self.type)
        if wanted.is_decimal() and actual.is_decimal():
            return bool(actual.scale == wanted.scale)
        if wanted.is_integer() and actual.is_integer():
            return True
        return bool(wanted.copy(nullable=True) == actual.copy(nullable=True))


@dataclass(frozen=True)
class Shape:
    """The columns that a table has. `may_have_more` is for tables that carry a source's own columns along."""

    name: str
    columns: tuple[Column, ...]
    may_have_more: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> ibis.Schema:
        """The Ibis schema, in order."""
        import ibis

        return ibis.schema({column.name: column.type for column in self.columns})

    def faults(self, table: ibis.Table) -> list[str]:
        """What is wrong with the schema of this table, one sentence each; empty when nothing is."""
        actual: Mapping[str, dt.DataType] = dict(table.schema().items())
        found = [f"column {c.name} is missing" for c in self.columns if c.name not in actual]
        found += [
            f"column {c.name} is {actual[c.name]}, not {c.type}"
            for c in self.columns
            if c.name in actual and not c.accepts(actual[c.name])
        ]
        if not self.may_have_more:
            found += [f"column {name} is not known here" for name in actual if name not in self.names]
        return found

    def check(self, table: ibis.Table, *, where: str) -> None:
        """Raise ShapeError when the table does not have this shape; `where` names the door."""
        if faults := self.faults(table):
            raise ShapeError(
                f"{where}: the table is not a {self.name}: {'; '.join(faults)}. "
                f"It must have exactly: {', '.join(self.names)}."
            )


def door(*, gives: Shape | None = None, **takes: Shape) -> Callable[[F], F]:
    """Mark the door of a room: `@door(cells=CELLS, gives=...)` checks argument `cells` and the result.

    A parameter that is None is not checked (an optional table that was not given).
    """

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        unknown = set(takes) - set(signature.parameters)
        assert not unknown, f"{function.__qualname__} has no parameter {sorted(unknown)}"
        where = f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            for name, shape in takes.items():
                table = bound.arguments.get(name)
                if table is not None:
                    shape.check(table, where=f"{where}({name})")
            result = function(*args, **kwargs)
            if gives is not None:
                gives.check(result, where=f"{where} result")
            return result

        return checked  # type: ignore[return-value]

    return decorate

"""Ibis on Spark, with Arrow in both directions.

The backend of Ibis goes through pandas. There a whole number beside a null becomes a float (and loses digits
above 2⁵³), and a null text becomes NaN. Spark 4 speaks Arrow itself, which keeps every type exactly.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.pyspark import Backend


class ArrowBackend(Backend):
    """Ibis' Spark backend, in which tables enter and leave as Arrow."""

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        table = op.data.to_pyarrow(op.schema)
        self._session.createDataFrame(table).createOrReplaceTempView(op.name)

    def to_pyarrow(self, expr: Any, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """The result of an expression as an Arrow table, column or scalar."""
        self._run_pre_execute_hooks(expr)
        table = expr.as_table()
        sql = self.compile(table, params=params, limit=limit, **kwargs)
        result = self._session.sql(sql).toArrow()
        return expr.__pyarrow_result__(result.cast(_nullable(table.schema().to_pyarrow())))


def _nullable(schema: pa.Schema) -> pa.Schema:
    """Spark says "not null" of some columns where Ibis does not know; the data are the same."""
    return pa.schema([field.with_nullable(True) for field in schema])

"""Rolling up one dimension at a time: every code counts in itself, in its groups and in the total.

Rolling up per dimension, each time over what the last one left, keeps the work near the number of cells that
come out; all combinations at once would multiply every fact by all its totals first. Amounts are whole cents
on the way: as exact as a decimal, and faster on both engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import ibis
import ibis.expr.types as ir

EUR = "decimal(18, 2)"


def as_parts(facts: ir.Table, *, ranked: bool) -> ir.Table:
    """Facts become parts that can be rolled up: cent, aantal_bijdragers, and ontbreekt (0).

    ranked: each fact is one contributor, so the two largest contributions go along. They are compared by
    size, whatever their sign: a correction of -500 dominates a sum as 500 does.
    """
    cent = (facts.kosten_eur.cast(EUR) * 100).cast("int64")
    counts = facts.kosten_eur.notnull() & (facts.kosten_eur != 0)
    parts = facts.mutate(
        cent=cent,
        aantal_bijdragers=counts.ifelse(1, 0).cast("int64"),
        ontbreekt=ibis.literal(0).cast("int64"),
    ).drop("kosten_eur")
    if not ranked:
        return parts
    return parts.mutate(
        grootste_cent=(parts.aantal_bijdragers == 1).ifelse(parts.cent.abs(), ibis.null("int64")),
        tweede_cent=ibis.null("int64"),
    )


def total(parts: ir.Table, key: Sequence[str], *, same_persons: bool = False) -> ir.Table:
    """Parts with the same key become one. `same_persons`: they are all about the same persons."""
    ranked = "grootste_cent" in parts.columns
    if ranked:
        by_size = ibis.desc("grootste_cent", nulls_first=False)
        parts = parts.mutate(rang=ibis.row_number().over(group_by=list(key), order_by=by_size))
    persons = parts.aantal_personen.max() if same_persons else parts.aantal_personen.sum()
    return parts.group_by(list(key)).aggregate(
        aantal_personen=persons.cast("int64"),
        cent=parts.cent.sum().cast("int64"),
        aantal_bijdragers=parts.aantal_bijdragers.sum().cast("int64"),
        ontbreekt=parts.ontbreekt.max().cast("int64"),
        **(_two_largest(parts) if ranked else {}),
    )


def _two_largest(parts: ir.Table) -> dict[str, ir.Value]:
    """The second of all is the largest of the runner-up part (by its first) and of all the parts' seconds."""
    runner_up = (parts.rang == 1).ifelse(parts.grootste_cent, ibis.null("int64")).max()
    second = parts.tweede_cent.max()
    return {
        "grootste_cent": parts.grootste_cent.max(),
        "tweede_cent": ibis.greatest(runner_up.coalesce(second), second.coalesce(runner_up)),
    }


def spread(parts: ir.Table, column: str, counts_in: Sequence[tuple[str, str]]) -> ir.Table:
    """Each part once for every code of `column` in which it counts; `counts_in` has (code, sum) pairs."""
    pairs = ibis.memtable(
        [{"deel": part, "som": whole} for part, whole in counts_in],
        schema={"deel": "string", "som": "string"},
    )
    joined = parts.join(pairs, parts[column] == pairs.deel)
    return joined.drop(column, "deel").rename({column: "som"})


def in_eur(cent: ir.IntegerValue) -> ir.DecimalValue:
    """Whole cents as euro, exactly; up to 10¹⁶ cents, beyond which the engine raises an error."""
    return (cent.cast(EUR) * ibis.literal(Decimal("0.01"), EUR)).cast(EUR)

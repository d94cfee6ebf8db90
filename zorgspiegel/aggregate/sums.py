"""Rolling up one dimension at a time: every code counts in itself, in its groups and in the total.

Rolling up per dimension, each time over what the last one left, keeps the work near the number of cells that
come out; all combinations at once would multiply every fact by all its totals first.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

MEASURES = ("aantal_personen", "kosten_eur", "aantal_bijdragers", "grootste_eur", "tweede_eur", "ontbreekt")
"""What is carried along. ontbreekt is 1 when persons that should be in the count are not known."""

WIDE = "decimal(38, 2)"
"""Amounts are exact and have room to grow while they are summed."""


def as_parts(facts: ir.Table) -> ir.Table:
    """Facts with one amount each become parts that can be rolled up: each amount is one contribution.

    Contributions are compared by size, whatever their sign: a correction of -500 dominates a sum as 500 does.
    """
    amount = facts.kosten_eur.cast(WIDE)
    counts = facts.kosten_eur.notnull() & (facts.kosten_eur != 0)
    return facts.mutate(
        kosten_eur=amount,
        aantal_bijdragers=counts.ifelse(1, 0).cast("int64"),
        grootste_eur=counts.ifelse(amount.abs(), ibis.null(WIDE)).cast(WIDE),
        tweede_eur=ibis.null(WIDE),
        ontbreekt=ibis.literal(0).cast("int64"),
    )


def total(parts: ir.Table, key: Sequence[str], *, same_persons: bool = False) -> ir.Table:
    """Parts with the same key become one. `same_persons`: they are all about the same persons."""
    ranked = parts.mutate(
        rang=ibis.row_number().over(group_by=key, order_by=ibis.desc("grootste_eur", nulls_first=False))
    )
    runner_up = (ranked.rang == 1).ifelse(ranked.grootste_eur, ibis.null(WIDE)).max()
    second = ranked.tweede_eur.max()
    persons = ranked.aantal_personen.max() if same_persons else ranked.aantal_personen.sum()
    return ranked.group_by(list(key)).aggregate(
        aantal_personen=persons.cast("int64"),
        kosten_eur=ranked.kosten_eur.sum().cast(WIDE),
        aantal_bijdragers=ranked.aantal_bijdragers.sum().cast("int64"),
        grootste_eur=ranked.grootste_eur.max().cast(WIDE),
        tweede_eur=ibis.greatest(runner_up.coalesce(second), second.coalesce(runner_up)).cast(WIDE),
        ontbreekt=ranked.ontbreekt.max().cast("int64"),
    )


def spread(parts: ir.Table, column: str, counts_in: Sequence[tuple[str, str]]) -> ir.Table:
    """Each part once for every code of `column` in which it counts; `counts_in` has (code, sum) pairs."""
    pairs = ibis.memtable(
        [{"deel": part, "som": whole} for part, whole in counts_in],
        schema={"deel": "string", "som": "string"},
    )
    joined = parts.join(pairs, parts[column] == pairs.deel)
    return joined.drop(column, "deel").rename({column: "som"})

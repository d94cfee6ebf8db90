"""Persons and costs per area, period and dimension: from deliveries to facts, and from facts to cells."""

from zorgspiegel.aggregate.cells import aggregate
from zorgspiegel.aggregate.deliveries import facts_from
from zorgspiegel.aggregate.response import (
    of_complete_areas,
    response,
    sums_of_complete_areas,
    with_totals,
)
from zorgspiegel.aggregate.tree import hierarchy
from zorgspiegel.aggregate.unplaced import unplaced

__all__ = [
    "aggregate",
    "facts_from",
    "hierarchy",
    "of_complete_areas",
    "response",
    "sums_of_complete_areas",
    "unplaced",
    "with_totals",
]

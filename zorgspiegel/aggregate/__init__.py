"""Persons and costs per area, period and dimension: from deliveries to facts, and from facts to cells."""

from zorgspiegel.aggregate.cells import aggregate
from zorgspiegel.aggregate.deliveries import facts_from
from zorgspiegel.aggregate.tree import hierarchy
from zorgspiegel.aggregate.unplaced import unplaced

__all__ = ["aggregate", "facts_from", "hierarchy", "unplaced"]

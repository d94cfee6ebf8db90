"""GMSD records to voorzieningen, in the two steps of CBS.

Doors: `merge`, an expression for any engine, with `merge_sorted`, the same for sorted batches.
"""

from zorgspiegel.merge.steps import merge
from zorgspiegel.merge.streamed import merge_sorted

__all__ = ["merge", "merge_sorted"]

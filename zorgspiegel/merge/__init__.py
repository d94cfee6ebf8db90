"""GMSD records to voorzieningen, in the two steps of CBS, and the report of what became one and why.

`merge` is an expression for any engine; `merge_sorted` is the same for sorted batches, out of core.
"""

from zorgspiegel.merge.attributes import with_attributes
from zorgspiegel.merge.report import nummers_in_meer_vormen, samenvoegrapport, samenvoegtelling, vertel
from zorgspiegel.merge.steps import GROUP, merge
from zorgspiegel.merge.streamed import merge_sorted

__all__ = [
    "GROUP",
    "merge",
    "merge_sorted",
    "nummers_in_meer_vormen",
    "samenvoegrapport",
    "samenvoegtelling",
    "vertel",
    "with_attributes",
]

"""Records to voorzieningen, in the two steps of CBS, as one expression."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from zorgspiegel.merge.grouped import voorzieningen_of
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import MERGE_REASONS, RECORDS, VOORZIENINGEN

GROUP = ("gemeente", "persoon", "type", "leveringsvorm")
"""Records that differ in one of these never merge. A leveringsvorm that is unknown is equal only to
itself.
"""

OPEN = date(9999, 12, 31)
"""Stands for no end while merging; that day itself, as files write it, means the same."""


@door(records=RECORDS, gives=VOORZIENINGEN)
def merge(records: ir.Table, *, merge_partial_overlap: bool = False) -> ir.Table:
    """Merge records that are about the same voorziening.

    Step 1: the same toewijzingsnummer within gemeente, persoon, type and leveringsvorm, whatever lies
    between. Step 2: records of one gemeente, persoon, type and leveringsvorm with equal dates, or of which
    one starts 0 to 3 days after the end of the other, or lies wholly within the other; components become
    their hull, until nothing changes. Overlapping in part is no reason, unless `merge_partial_overlap`.

    In:     one row per record (shape RECORDS), rijnummer unique; the order does not matter.
    Out:    one row per voorziening, no set order: VOORZIENINGEN plus `samenvoegingen_<reden>` for each
            reason. Every merge is counted once, so records = voorzieningen + all samenvoegingen.
            Open ends stay open; nothing is cut off at the end of a period.
    Source: CBS, Gemeentelijke Monitor Sociaal Domein, "Samenvoegen records"; decision 0035.
    """
    groups = records.group_by(list(GROUP)).agg(
        # These lists keep step: both engines fill them row by row, and none of the four ever holds a null
        # (which would be left out). One list of structs says the same and takes twice the time.
        records=records.rijnummer.cast("int64").collect(),
        begins=records.begin.collect(),
        ends=records.eind.fill_null(OPEN).collect(),
        numbers=records.toewijzingsnummer.fill_null("").collect(),
    )
    overlap = ibis.literal(merge_partial_overlap)
    found = groups.select(
        *GROUP,
        item=voorzieningen_of(groups.records, groups.begins, groups.ends, groups.numbers, overlap).unnest(),
    )
    counts = {f"samenvoegingen_{reason}": found.item[f"samenvoegingen_{reason}"] for reason in MERGE_REASONS}
    return found.select(
        *GROUP,
        begin=found.item.begin,
        eind=found.item.eind.nullif(OPEN),
        bronrecords=found.item.bronrecords,
        redenen=_reasons(counts),
        **counts,
    )


def _reasons(counts: dict[str, ir.IntegerValue]) -> ir.ArrayValue:
    """The reasons that occur, in the order of the alphabet."""
    names = [
        (count > 0).ifelse(ibis.literal(reason), ibis.null("string"))
        for reason, count in sorted(zip(MERGE_REASONS, counts.values(), strict=True))
    ]
    return ibis.array(names).filter(lambda name: name.notnull())

"""What else was delivered with the records, and which of it a voorziening keeps (DOMAIN 4.5 point 10)."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.shapes import Column, Shape, door
from zorgspiegel.terms.tables import RECORDS, VOORZIENINGEN

DELIVERED = Shape(
    "records with attributes",
    (*RECORDS.columns, Column("aanmaakdatum", "date", "day on which the file of the record was made")),
    may_have_more=True,
)
_COST = "kosten_eur"


@door(voorzieningen=VOORZIENINGEN, records=DELIVERED, gives=VOORZIENINGEN)
def with_attributes(voorzieningen: ir.Table, records: ir.Table) -> ir.Table:
    """The voorzieningen with the other columns of their records.

    All come from one record, the newest: the latest aanmaakdatum, then the highest rijnummer. So a wijk and a
    productcode that stand together did so in a record. Costs (kosten_eur) are summed over all records; null
    when none has any.
    """
    kept = [name for name in records.columns if name not in {*RECORDS.names, _COST}]
    parts = voorzieningen.select(
        _eerste=voorzieningen.bronrecords[0], _rij=voorzieningen.bronrecords.unnest()
    )
    joined = parts.join(records, parts._rij == records.rijnummer)
    of_one = ibis.window(group_by="_eerste")
    newest_first = [joined.aanmaakdatum.desc(), joined.rijnummer.desc()]
    ranked = joined.mutate(
        _rang=ibis.row_number().over(ibis.window(group_by="_eerste", order_by=newest_first)),
        **({_COST: joined[_COST].sum().over(of_one)} if _COST in records.columns else {}),
    )
    newest = ranked.filter(ranked._rang == 0)
    newest = newest.select("_eerste", *kept, *([_COST] if _COST in records.columns else []))
    # By name: an expression over `voorzieningen` would be taken for the column that `newest` made out of it.
    named = voorzieningen.mutate(_eerste=voorzieningen.bronrecords[0])
    return named.join(newest, "_eerste").drop("_eerste")

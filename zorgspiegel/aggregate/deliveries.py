"""From the checked records of an aggregate delivery to facts, as the indicator declares it."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.aggregate.sums import EUR, in_eur
from zorgspiegel.terms.indicators import Indicator, Mapped, RecordFacts
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import FACTS


@door(gives=FACTS)
def facts_from(
    records: Mapping[str, ibis.Table],
    *,
    indicator: Indicator,
    periode: str,
    indelingsjaar: int,
    herkomst: str,
) -> ibis.Table:
    """Facts of one accepted delivery.

    records:       typed tables per record kind, as `check` gives them; kinds that the declaration does not
                   name, and declared kinds that the delivery does not have, give no facts.
    indelingsjaar: the division year that the delivery says its wijkcodes are of.
    A code that the declaration does not translate stays as it is; `aggregate` counts it as 'onbekend'.
    """
    assert indicator.feiten is not None, f"{indicator.id} does not say from which standard its facts come"
    known = {name: how for name, how in indicator.feiten.records.items() if name in records}
    assert known, f"the delivery has none of the record kinds of {indicator.id}: is it another standard?"
    together = ibis.union(*(_facts(records[name], how) for name, how in known.items()))
    return together.mutate(
        indicator=ibis.literal(indicator.id),
        periode=ibis.literal(periode),
        indelingsjaar=ibis.literal(indelingsjaar, "int64"),
        herkomst=ibis.literal(herkomst),
    ).select(*FACTS.names)


def _facts(record: ir.Table, how: RecordFacts) -> ir.Table:
    return record.select(
        gebiedscode=_text(record, how.gebied),
        categorie=_text(record, how.categorie),
        leeftijd=_text(record, how.leeftijd),
        geslacht=_text(record, how.geslacht),
        aantal_personen=_number(record, how.aantal_personen).cast("int64"),
        kosten_eur=_amount(record, how.kosten_eur),
    )


def _text(record: ir.Table, origin: Mapped) -> ir.StringValue:
    if origin.kolom is None:
        return ibis.literal(origin.waarde, "string")
    code = record[origin.kolom].cast("string")
    return code.cases(*origin.waarden.items(), else_=code) if origin.waarden else code


def _number(record: ir.Table, origin: Mapped) -> ir.Value:
    assert origin.kolom is not None, "a number of persons is read from a column"
    return record[origin.kolom]


def _amount(record: ir.Table, origin: Mapped | None) -> ir.Value:
    if origin is None:
        return ibis.null(EUR)
    assert origin.kolom is not None, "an amount is read from a column"
    amount = record[origin.kolom]
    if origin.eenheid == "eurocent":
        return in_eur(amount)
    return amount.cast(EUR)

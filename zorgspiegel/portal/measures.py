"""From published cells to what is shown of them. Divides published numbers; never adds cells up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from zorgspiegel.portal.numbers import UNITS, UNKNOWN, Answer, rounded
from zorgspiegel.publish import derive
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.topics import Measure

NEEDS_INWONERS = frozenset({Measure.PER_1000, Measure.KOSTEN_PER_INWONER})


@dataclass(frozen=True)
class Cell:
    """One published cell, as far as a figure needs it. Absent from the release is not the same as hidden."""

    aantal_personen: int | None
    kosten_eur: Decimal | None
    status: CellStatus


def answer(cell: Cell | None, measure: Measure, *, inwoners: int | None = None) -> Answer:
    """What the cell says in this measure. No cell means that the release does not know it.

    A division by nobody has no answer: "n.v.t.", not zero. `inwoners` is needed for the measures per
    inhabitant; None there gives "onbekend".
    """
    if cell is None:
        return UNKNOWN
    decimals = UNITS[measure].decimals
    persons = derive.figure(cell.aantal_personen, cell.status)
    euros = derive.figure(cell.kosten_eur, cell.status)
    people = derive.figure(inwoners)
    match measure:
        case Measure.AANTAL:
            found = persons
        case Measure.KOSTEN:
            found = euros
        case Measure.KOSTEN_PER_PERSOON:
            found = derive.mean(euros, persons, decimals=decimals)
        case Measure.PER_1000:
            found = derive.per_1000(persons, people, decimals=decimals)
        case Measure.KOSTEN_PER_INWONER:
            found = derive.mean(euros, people, decimals=decimals)
    return Answer(None if found.value is None else rounded(found.value, UNITS[measure]), found.status)

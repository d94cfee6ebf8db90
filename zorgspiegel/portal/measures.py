"""From published cells to what is shown of them. Divides published numbers; never adds cells up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from zorgspiegel.portal.numbers import HIDDEN, NOT_APPLICABLE, UNITS, UNKNOWN, Answer, shown
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.topics import Measure

PER = Decimal(1000)
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
    if cell.status is not CellStatus.GETOOND:
        return {CellStatus.GEHEIM: HIDDEN, CellStatus.NIET_VAN_TOEPASSING: NOT_APPLICABLE}.get(
            cell.status, UNKNOWN
        )
    if measure is Measure.AANTAL:
        return _divided(cell.aantal_personen, 1, measure)
    if measure is Measure.KOSTEN:
        return _divided(cell.kosten_eur, 1, measure)
    if measure is Measure.KOSTEN_PER_PERSOON:
        return _divided(cell.kosten_eur, cell.aantal_personen, measure)
    if measure is Measure.PER_1000:
        count = None if cell.aantal_personen is None else PER * cell.aantal_personen
        return _divided(count, inwoners, measure)
    return _divided(cell.kosten_eur, inwoners, measure)


def _divided(above: Decimal | int | None, below: int | None, measure: Measure) -> Answer:
    if above is None or below is None:
        return UNKNOWN
    return shown(Decimal(above) / below, UNITS[measure]) if below else NOT_APPLICABLE

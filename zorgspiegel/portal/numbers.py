"""Numbers as the reader sees them: Dutch, with a decimal comma, rounded once and the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.topics import Measure

WORDS = {
    CellStatus.GEHEIM: "geheim",
    CellStatus.ONBEKEND: "onbekend",
    CellStatus.NIET_VAN_TOEPASSING: "n.v.t.",
}
"""What stands where a number would stand. None of them is zero, and zero is none of them."""


@dataclass(frozen=True)
class Unit:
    """How values of a measure are written: decimals, and a euro sign or not."""

    decimals: int
    is_euro: bool


UNITS = {
    Measure.AANTAL: Unit(0, is_euro=False),
    Measure.KOSTEN: Unit(0, is_euro=True),
    Measure.KOSTEN_PER_PERSOON: Unit(0, is_euro=True),
    Measure.PER_1000: Unit(1, is_euro=False),
    Measure.KOSTEN_PER_INWONER: Unit(2, is_euro=True),
}


@dataclass(frozen=True)
class Answer:
    """What a cell says: a value, already rounded, or the reason why there is none."""

    value: Decimal | None
    status: CellStatus

    def __post_init__(self) -> None:
        assert (self.value is not None) == (self.status is CellStatus.GETOOND), "a value is there when shown"

    @property
    def shown(self) -> bool:
        """Whether there is a value."""
        return self.status is CellStatus.GETOOND


UNKNOWN = Answer(None, CellStatus.ONBEKEND)
NOT_APPLICABLE = Answer(None, CellStatus.NIET_VAN_TOEPASSING)


def rounded(value: Decimal, unit: Unit) -> Decimal:
    """Half goes up, away from zero; Python's own rounding sends half to the even neighbour."""
    return value.quantize(Decimal(1).scaleb(-unit.decimals), rounding=ROUND_HALF_UP)


def dutch(value: Decimal | int, decimals: int = 0) -> str:
    """1234.5 as 1.234,5. A real minus sign, so that it is read as one."""
    text = f"{abs(value):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    return f"−{text}" if value < 0 else text


def text(answer: Answer, unit: Unit) -> str:
    """The answer as it stands in a table or a sentence."""
    if answer.value is None:
        return WORDS[answer.status]
    number = dutch(answer.value, unit.decimals)
    return f"€\N{NO-BREAK SPACE}{number}" if unit.is_euro else number


def percent(value: Decimal, decimals: int = 0) -> str:
    """A share or a difference: 12 of hundred as 12%."""
    return f"{dutch(value, decimals)}%"

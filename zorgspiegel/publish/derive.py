"""Figures that follow from published ones: per 1,000 inhabitants, shares, means, deciles.

They are computed from what is published, never from what is hidden: a rate of an exact count would betray the
rounding, and a rate beside a hidden count would betray the count. So a figure is hidden as soon as any part
of it is, and carries the answer of the part that is worst: geheim before onbekend before niet_van_toepassing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from zorgspiegel.terms.statuses import CellStatus

SMALLEST_DENOMINATOR = 20
"""A percentage of fewer than 20 is mostly chance, and its numerator can be read from it."""

SMALLEST_SPREAD = 20
"""Deciles of fewer shown areas would be the values of single areas."""

_WORST_FIRST = (CellStatus.GEHEIM, CellStatus.ONBEKEND, CellStatus.NIET_VAN_TOEPASSING)


@dataclass(frozen=True)
class Figure:
    """A number or the reason why there is none; never both.

    value:  exact, or rounded half up to the decimals that were asked for; None unless status is getoond.
    status: as in PROTECTED_CELLS.
    """

    value: Decimal | None
    status: CellStatus

    def __post_init__(self) -> None:
        assert (self.value is not None) == (self.status is CellStatus.GETOOND), (
            "shown means there is a number"
        )


def figure(value: int | Decimal | None, status: str = CellStatus.GETOOND) -> Figure:
    """A figure from a published cell: number and status. A shown cell without this number: onbekend."""
    answer = CellStatus(status)
    if answer is CellStatus.GETOOND and value is None:
        answer = CellStatus.ONBEKEND
    return Figure(Decimal(value) if answer is CellStatus.GETOOND and value is not None else None, answer)


def per_1000(count: Figure, inhabitants: Figure, *, decimals: int = 1) -> Figure:
    """Persons per 1,000 inhabitants. niet_van_toepassing where nobody lives."""
    return _ratio(count, inhabitants, times=1000, decimals=decimals, smallest=1)


def percentage(part: Figure, whole: Figure, *, decimals: int = 0) -> Figure:
    """Share in percent; onbekend when the whole is below SMALLEST_DENOMINATOR."""
    return _ratio(part, whole, times=100, decimals=decimals, smallest=SMALLEST_DENOMINATOR)


def mean(amount: Figure, persons: Figure, *, decimals: int = 2) -> Figure:
    """Amount per person, in the unit of the amount. niet_van_toepassing where there are no persons."""
    return _ratio(amount, persons, times=1, decimals=decimals, smallest=1)


def total(parts: Iterable[Figure]) -> Figure:
    """Sum of figures; hidden when any part is. Use a published total where there is one."""
    known = list(parts)
    answer = _worst(known)
    if answer is not CellStatus.GETOOND:
        return Figure(None, answer)
    return Figure(sum((part.value for part in known if part.value is not None), Decimal(0)), answer)


def deciles(figures: Sequence[Figure], *, decimals: int = 1) -> tuple[Figure, ...]:
    """The nine points that cut the shown areas into ten parts, by linear interpolation between neighbours.

    Areas without a number stay out; nine times onbekend when fewer than SMALLEST_SPREAD are left.
    """
    shown = sorted(item.value for item in figures if item.value is not None)
    if len(shown) < SMALLEST_SPREAD:
        return (Figure(None, CellStatus.ONBEKEND),) * 9
    return tuple(Figure(_rounded(_at(shown, tenth), decimals), CellStatus.GETOOND) for tenth in range(1, 10))


def _at(ordered: Sequence[Decimal], tenth: int) -> Decimal:
    whole, part = divmod((len(ordered) - 1) * tenth, 10)
    if not part:
        return ordered[whole]
    return ordered[whole] + (ordered[whole + 1] - ordered[whole]) * part / 10


def _ratio(above: Figure, below: Figure, *, times: int, decimals: int, smallest: int) -> Figure:
    answer = _worst((above, below))
    if above.value is None or below.value is None:
        return Figure(None, answer)
    if below.value < smallest:
        nobody = below.value == 0
        return Figure(None, CellStatus.NIET_VAN_TOEPASSING if nobody else CellStatus.ONBEKEND)
    return Figure(_rounded(above.value * times / below.value, decimals), CellStatus.GETOOND)


def _worst(figures: Iterable[Figure]) -> CellStatus:
    found = {item.status for item in figures}
    return next((answer for answer in _WORST_FIRST if answer in found), CellStatus.GETOOND)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    # Half always up, as statisticians of CBS do; Python's own round() takes the even neighbour.
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)

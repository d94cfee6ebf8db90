"""The door: invented deliveries of any standard that we know how to fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import ibis

from zorgspiegel.synthetic import frames, records
from zorgspiegel.synthetic.people import read
from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.standards import Standard
from zorgspiegel.terms.tables import AREAS, POPULATION

Maker = Callable[..., tuple[str, bytes]]

STANDARDS: dict[str, Maker] = {
    "qsd301": frames.delivery,
    "jeugd-agg": frames.delivery,
    "gmsd-wmo": records.voorzieningen,
    "gmsd-kostenwmo": records.kosten,
}
"""Standard -> what makes the delivery of one gemeente."""


@door(areas=AREAS, population=POPULATION)
def invent(
    standard: Standard,
    *,
    areas: ibis.Table,
    population: ibis.Table,
    period: Period,
    seed: int = 1,
    gemeenten: Sequence[str] | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Deliveries of these gemeenten (four digits or GM code; None = all), one file each: name and content.

    The same arguments give the same bytes, and a gemeente gets the same file whatever others are made.
    Every file says that it is invented. Persons have BSNs of the range that no living person has.
    Raises SettingError for a standard, gemeente or period that cannot be made.
    """
    if standard.id not in STANDARDS:
        raise SettingError(f"There is no invented {standard.id}. There is: {', '.join(STANDARDS)}.")
    if (standard.period == "halfjaar") != (period.half is not None):
        wanted = "2025H1" if standard.period == "halfjaar" else "2025"
        raise SettingError(f"{standard.id} is delivered per {standard.period}: write the period as {wanted}.")
    land = read(areas, population, year=period.year)
    make = STANDARDS[standard.id]
    return (make(standard, one, period=period, seed=seed) for one in land.gemeenten(gemeenten, seed=seed))

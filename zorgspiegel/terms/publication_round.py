"""How final a figure is follows from the round in which it is shown (DOMAIN 3.3, after CBS)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.statuses import PeriodStatus


class Season(IntEnum):
    """The two rounds of a year, in order."""

    VOORJAAR = 0
    NAJAAR = 1


@dataclass(frozen=True, order=True)
class PublicationRound:
    """One round of publication: voorjaar 2024 comes before najaar 2024."""

    year: int
    season: Season

    @classmethod
    def parse(cls, text: str) -> PublicationRound:
        """Read `voorjaar 2024` or `najaar 2024`. Raises ValueError for anything else."""
        match = re.fullmatch(r"(voorjaar|najaar) (\d{4})", text)
        if match is None:
            raise ValueError("a round is written as 'voorjaar 2024' or 'najaar 2024'")
        return cls(int(match[2]), Season[match[1].upper()])

    def __str__(self) -> str:
        return f"{self.season.name.lower()} {self.year}"


def status(period: Period, shown_in: PublicationRound) -> PeriodStatus | None:
    """How final the figures of a period are in a round; None before their first publication.

    The first half-year appears in autumn, improves in spring when the second half joins it, and is final
    in the autumn after. The second half-year and the year appear in spring and are final in autumn.
    """
    final = PublicationRound(period.year + 1, Season.NAJAAR)
    spring = PublicationRound(period.year + 1, Season.VOORJAAR)
    if shown_in >= final:
        return PeriodStatus.DEFINITIEF
    if shown_in == spring:
        return PeriodStatus.NADER_VOORLOPIG if period.half == 1 else PeriodStatus.VOORLOPIG
    if period.half == 1 and shown_in == PublicationRound(period.year, Season.NAJAAR):
        return PeriodStatus.VOORLOPIG
    return None

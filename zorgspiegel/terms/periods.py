"""Periods: a year (2025) or a half-year (2025H1). StatLine's spelling is 2025JJ00 and 2025HJ01."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_PERIOD = re.compile(r"(\d{4})(?:H([12]))?")
_STATLINE = re.compile(r"(\d{4})(JJ00|HJ01|HJ02)")


@dataclass(frozen=True, order=True)
class Period:
    """A year, or one half of it. Raises ValueError when made from a text that is neither."""

    year: int
    half: int | None = None

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read 2025, 2025H1 or StatLine's 2025JJ00 / 2025HJ01."""
        if match := _PERIOD.fullmatch(text):
            return cls(int(match[1]), int(match[2]) if match[2] else None)
        if match := _STATLINE.fullmatch(text):
            return cls(int(match[1]), None if match[2] == "JJ00" else int(match[2][-1]))
        raise ValueError("a period is written as 2025, 2025H1 or 2025H2")

    def __str__(self) -> str:
        return f"{self.year}H{self.half}" if self.half else str(self.year)

    @property
    def first_day(self) -> date:
        """First day of the period."""
        return date(self.year, 7 if self.half == 2 else 1, 1)

    @property
    def last_day(self) -> date:
        """Last day of the period."""
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    @property
    def statline(self) -> str:
        """StatLine's code for it."""
        return f"{self.year}HJ0{self.half}" if self.half else f"{self.year}JJ00"

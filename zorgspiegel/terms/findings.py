"""What is wrong with a delivery, for the sender: data, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ROWS_SHOWN = 20
"""How many row numbers a finding carries at most. The count is always the whole count."""


class Severity(StrEnum):
    """What a finding does to the delivery."""

    B = "B"
    """The file is refused."""
    R = "R"
    """The row does not count; above 5 % of rows the file is refused."""
    S = "S"
    """A signal: look at it; nothing is refused."""


@dataclass(frozen=True)
class Finding:
    """One fault of one kind in one field, over all rows. Dutch texts, language level B1.

    `rows` are the first 20 row numbers, 1 = first line after the header; empty for faults of the whole file.
    The texts never hold a value out of the file.
    """

    code: str
    severity: Severity
    field: str | None
    count: int
    rows: tuple[int, ...]
    what: str
    why: str
    mend: str

    @property
    def message(self) -> str:
        """The three sentences together, the code last."""
        return f"{self.what} {self.why} {self.mend} ({self.code})"

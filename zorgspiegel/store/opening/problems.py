"""Collects what is wrong with a file: a count per kind of trouble and the first rows, never a value."""

from __future__ import annotations

from typing import Any

from zorgspiegel.store.opening.limits import ROWS_SHOWN
from zorgspiegel.terms.deliveries import Trouble


class Stop(Exception):  # noqa: N818 - not an error of ours: reading this file ends here
    """Reading on makes no sense; the trouble was noted."""


class Problems:
    """The troubles found so far, in the order in which they were met."""

    def __init__(self) -> None:
        self._found: dict[Trouble, dict[str, Any]] = {}

    def add(self, trouble: Trouble, row: int | None = None, *, count: int = 1, **numbers: int) -> None:
        """Note a trouble; `numbers` of the first one are kept for the text."""
        entry = self._found.setdefault(
            trouble, {"trouble": trouble.value, "count": 0, "rows": [], "numbers": numbers}
        )
        entry["count"] += count
        if row is not None and len(entry["rows"]) < ROWS_SHOWN:
            entry["rows"].append(row)

    def stop(self, trouble: Trouble, row: int | None = None, **numbers: int) -> Stop:
        """Note a trouble after which reading ends: `raise problems.stop(...)`."""
        self.add(trouble, row, **numbers)
        return Stop(trouble.value)

    def __contains__(self, trouble: Trouble) -> bool:
        return trouble in self._found

    def as_json(self) -> list[dict[str, Any]]:
        """Plain data for the answer of the child."""
        return list(self._found.values())

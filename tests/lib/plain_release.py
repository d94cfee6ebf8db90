"""The slow, obvious twin of `Release.slice`: look at every row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zorgspiegel.terms.release import ORDER_BY_INDICATOR


def pick(rows: list[dict[str, Any]], choices: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that fit every choice, by indicator."""
    found = []
    for row in rows:
        for column, choice in choices.items():
            values = [choice] if isinstance(choice, str | int) else list(choice)
            if row[column] not in values:
                break
        else:
            found.append(row)
    return in_order(found)


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sorted by indicator."""
    return sorted(rows, key=lambda row: [row[column] for column in ORDER_BY_INDICATOR])

"""Finds a gemeente by its name or by a postcode."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zorgspiegel.portal.names import sort_key
from zorgspiegel.portal.releases import Area, Shown

POSTCODE = re.compile(r"([1-9]\d{3})\s?([A-Za-z]{2})?")
MOST = 12
"""Names shown at once; a longer list does not help to choose."""


@dataclass(frozen=True)
class Found:
    """Gemeenten that fit, the best first."""

    areas: tuple[Area, ...]
    by_postcode: bool = False

    @property
    def only(self) -> Area | None:
        """The gemeente that is meant, when there is no doubt."""
        return self.areas[0] if len(self.areas) == 1 else None

    @property
    def ambiguous(self) -> bool:
        """Whether one postcode lies in several gemeenten: then the visitor chooses."""
        return self.by_postcode and len(self.areas) > 1


def search(text: str, shown: Shown) -> Found:
    """Gemeenten for a postcode (4 digits, letters may follow) or a piece of a name, whatever its accents."""
    asked = text.strip()
    if match := POSTCODE.fullmatch(asked):
        codes = shown.postcodes.get(match[1], ())
        return Found(tuple(shown.areas[code] for code in codes if code in shown.areas), by_postcode=True)
    wanted = sort_key(asked)
    if not wanted:
        return Found(())
    named = [(sort_key(area.naam), area) for area in shown.newest_gemeenten]
    exact = [area for name, area in named if name == wanted]
    if exact:
        return Found(tuple(exact))
    starts = [area for name, area in named if name.startswith(wanted)]
    inside = [area for name, area in named if wanted in name and not name.startswith(wanted)]
    return Found((*starts, *inside)[:MOST])

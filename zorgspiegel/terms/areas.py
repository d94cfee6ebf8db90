"""Area codes of CBS: text, trimmed, with a prefix that tells the level. Wijk codes may hold letters."""

from __future__ import annotations

import re

LAND = "NL01"
"""StatLine's code for the Netherlands."""

PATTERNS = {
    "land": re.compile(r"NL01"),
    "landsdeel": re.compile(r"LD\d{2}"),
    "provincie": re.compile(r"PV\d{2}"),
    "corop": re.compile(r"CR\d{2}"),
    "ggdregio": re.compile(r"GG\d{4}"),
    "zorgkantoorregio": re.compile(r"ZK\d{2}"),
    "gemeente": re.compile(r"GM\d{4}"),
    "wijk": re.compile(r"WK\d{4}[0-9A-Z]{2}"),
    "buurt": re.compile(r"BU\d{4}[0-9A-Z]{4}"),
}

LEVEL_OF_PREFIX = {
    "NL": "land",
    "LD": "landsdeel",
    "PV": "provincie",
    "CR": "corop",
    "GG": "ggdregio",
    "ZK": "zorgkantoorregio",
    "GM": "gemeente",
    "WK": "wijk",
    "BU": "buurt",
}


def level_of(gebiedscode: str) -> str | None:
    """The level that a well-formed code belongs to; None when the code is not well-formed."""
    level = LEVEL_OF_PREFIX.get(gebiedscode[:2])
    return level if level and PATTERNS[level].fullmatch(gebiedscode) else None


def gemeente_of(gebiedscode: str) -> str | None:
    """The gemeente (GM0363) in which a gemeente, wijk or buurt lies; None for other levels."""
    return f"GM{gebiedscode[2:6]}" if level_of(gebiedscode) in {"gemeente", "wijk", "buurt"} else None

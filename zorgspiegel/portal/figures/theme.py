"""Colours and type of the figures. Chosen for colour-blind readers; every mark has 3:1 contrast with white.

Own area petrol, region ochre, land grey-blue: they differ in lightness as well as in hue, and each has its
own shape or line. The map runs from light to dark in one hue; a dark border makes the lightest visible.
"""

from __future__ import annotations

from typing import Any

FONT = "Source Sans 3"
INK = "#17252a"
SOFT = "#46585f"
GRID = "#e4e0d8"
BORDER = "#5d6c72"
OWN = "#0b4f56"
REGION = "#b0560f"
LAND = "#6a7786"
MEN, WOMEN = "#3b6ea5", "#b0560f"
RAMP = ("#e2f0ee", "#a9d3d0", "#66aaab", "#2c7c82", "#0b4f56")
HIDDEN_FILL = "#c4bfb5"
"""Stands for 'geheim'; becomes a hatch when the drawing is finished (figures.svg)."""
UNKNOWN_FILL = "#f4f1ea"
FOCUS = "#17252a"

NUMBER_LOCALE = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["€\N{NO-BREAK SPACE}", ""]}


def config() -> dict[str, Any]:
    """Shared configuration of every specification."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelColor": SOFT, "titleColor": SOFT}
    return {
        "font": FONT,
        "background": None,
        "view": {"stroke": None},
        "axis": text
        | {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "gridColor": GRID,
            "domainColor": BORDER,
            "tickColor": BORDER,
            "labelOverlap": True,
            "aria": False,
        },
        "legend": text
        | {
            "labelFontSize": 13.5,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "labelColor": INK,
            "symbolSize": 160,
            "labelLimit": 320,
            "aria": False,
        },
        "text": {"font": FONT, "fontSize": 14, "color": INK},
    }

"""Draws specifications."""

from __future__ import annotations


def warm() -> None:
    """Start the chart engine of this process."""
    import vl_convert

    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})

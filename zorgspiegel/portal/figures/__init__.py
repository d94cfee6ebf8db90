"""Figures: one Vega-Lite specification each, drawn as SVG on the server."""

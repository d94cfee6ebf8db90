"""Draws specifications with vl-convert, and keeps what was drawn on disk.

A drawing is named by the digest of everything that it is made of, so it is never out of date.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

from zorgspiegel.portal.figures import theme

LOOK = 2
"""Goes up when figures.svg or figures.theme changes how drawings look: older drawings are then not found."""

VEGA_LITE = "6.4"


def warm() -> None:
    """Start the chart engine of this process: it takes most of a second, so not while somebody waits."""
    _engine().vegalite_to_svg(
        {
            "mark": "bar",
            "data": {"values": [{"a": 1}]},
            "encoding": {"x": {"field": "a", "type": "quantitative"}},
        },
        vl_version=VEGA_LITE,
        format_locale=theme.NUMBER_LOCALE,
    )


def svg(spec: dict[str, Any], *, digest: str) -> str:
    """The raw drawing of a specification, out of the cache where it was drawn before."""
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False)
    name = hashlib.sha256(f"{LOOK}:{VEGA_LITE}:{text}".encode()).hexdigest()
    return _drawn(text, settings.HOME.cache / "figuren" / digest.removeprefix("sha256:")[:16] / f"{name}.svg")


def png(drawing: str) -> bytes:
    """A finished SVG as a picture, at twice its size so that it stays sharp on paper."""
    return _engine().svg_to_png(drawing, scale=2)


def _drawn(spec: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        drawing = _engine().vegalite_to_svg(
            spec, vl_version=VEGA_LITE, format_locale=theme.NUMBER_LOCALE, allowed_base_urls=[]
        )
    _keep(path, drawing)
    return drawing


def _keep(path: Path, text: str) -> None:
    """Write beside and rename: another worker sees a whole drawing or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)


@functools.cache
def _engine() -> Any:
    """vl-convert with our font, so that words are measured and drawn as the browser draws them."""
    import vl_convert

    folder = _fonts()
    if folder:
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def _call(font: Any, family: str) -> None:
    """Every weight under one family name: the web file calls each weight a family of its own."""
    for record in list(font["name"].names):
        if record.nameID in {1, 16}:
            font["name"].setName(family, record.nameID, record.platformID, record.platEncID, record.langID)


def _fonts() -> Path | None:
    """Our web fonts as TrueType: the engine does not read WOFF2. None before the style sheets are built."""
    from fontTools.ttLib import TTFont

    vendor = Path(__file__).resolve().parent.parent / "static" / "portal" / "vendor"
    sources = sorted(vendor.glob("source-sans-3-*.woff2"))
    folder = settings.HOME.cache / f"letters-{LOOK}"
    for source in sources:
        target = folder / f"{source.stem}.ttf"
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            font = TTFont(source)
            font.flavor = None
            _call(font, theme.FONT)
            handle, temporary = tempfile.mkstemp(dir=folder)
            os.close(handle)
            font.save(temporary)
            Path(temporary).replace(target)
    return folder if sources else None

"""Makes what the chart engine gives fit for our pages: small, labelled, nothing that our policy bars.

The engine writes attributes only, no style elements or scripts; we keep it so and test it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from lxml import etree

from zorgspiegel.portal.figures import theme
from zorgspiegel.portal.figures.parts import BASE

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
_LONG_NUMBER = re.compile(r"-?\d*\.\d{2,}(?:e-?\d+)?")
_DROPPED = (
    "aria-roledescription",
    "aria-hidden",
    "aria-label",
    "role",
    "class",
    "pointer-events",
    "font-family",
)
_DEFAULTS = {"opacity": "1", "stroke-miterlimit": "10", "font-weight": "normal"}
_SPEECHLESS = ("role-axis", "role-legend", "role-title", "mark-text", "mark-rule")


def polished(raw: str, *, prefix: str, label: str) -> str:
    """The drawing for a page: `prefix` makes its ids its own, `label` is what a screen reader calls it."""
    root = _parsed(raw)
    _clean(root)
    _hatch(root, prefix)
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.set("role", "group")
    root.set("aria-label", label)
    root.set("class", "zs-drawing")
    root.set("font-family", f"'{theme.FONT}', sans-serif")
    return _written(root)


def framed(raw: str, *, prefix: str, title: str, subtitle: str, lines: Sequence[str]) -> str:
    """The drawing as a file of its own: title above; source, date and notes below; a white ground."""
    root = _parsed(raw)
    _clean(root)
    _hatch(root, prefix)
    _unlink(root)
    left, top, width, height = (float(part) for part in root.get("viewBox").split())
    margin, line_height = 20.0, 17.0
    under = textwrap.wrap(subtitle, int((width + margin) / 6.4))
    above = 49.0 + 17 * len(under)
    lines = [part for line in lines for part in textwrap.wrap(line, int((width + margin) / 5.6))]
    below = 14 + line_height * len(lines)
    picture = etree.Element(f"{{{SVG}}}g", transform=f"translate({margin - left:g},{above - top:g})")
    picture.extend(list(root))
    full_width, full_height = width + 2 * margin, height + above + below + margin
    root.append(
        etree.Element(f"{{{SVG}}}rect", width=f"{full_width:g}", height=f"{full_height:g}", fill="#fff")
    )
    root.append(_words(title, x=margin, y=30, size=19, weight="600", colour=theme.INK))
    for number, line in enumerate(under):
        root.append(_words(line, x=margin, y=50 + 17 * number, size=13.5, weight="400", colour=theme.SOFT))
    root.append(picture)
    for number, line in enumerate(lines, start=1):
        y = above + height + 14 + line_height * number
        root.append(_words(line, x=margin, y=y, size=11.5, weight="400", colour=theme.SOFT))
    root.set("viewBox", f"0 0 {full_width:g} {full_height:g}")
    root.set("width", f"{full_width:g}")
    root.set("height", f"{full_height:g}")
    root.set("role", "img")
    root.set("aria-label", f"{title}. {subtitle}")
    root.set("font-family", f"'{theme.FONT}', sans-serif")
    return _written(root)


def _parsed(raw: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    return etree.fromstring(raw.encode(), parser)


def _clean(root: etree._Element) -> None:
    """Links get their label and our address; words and lines of the frame are not read aloud one by one."""
    for element in list(root.iter()):
        parent = element.getparent()
        if parent is None:
            continue
        is_empty = element.tag == f"{{{SVG}}}path" and not element.get("d")
        is_ground = "background" in (element.get("class") or "") or element.get("display") == "none"
        if is_empty or is_ground or element.get("opacity") == "0":
            parent.remove(element)
    for link in root.iter(f"{{{SVG}}}a"):
        mark = link[0]
        link.set("href", (link.attrib.pop(XLINK, "")).removeprefix(BASE))
        link.set("aria-label", mark.get("aria-label") or "")
    for element in root.iter():
        speechless = any(word in (element.get("class") or "") for word in _SPEECHLESS)
        has_link = element.find(f".//{{{SVG}}}a") is not None
        for name in _DROPPED:
            if not (name == "aria-label" and element.tag == f"{{{SVG}}}a"):
                element.attrib.pop(name, None)
        if speechless and not has_link:
            element.set("aria-hidden", "true")
        for name, value in element.attrib.items():
            if _DEFAULTS.get(name) == value:
                del element.attrib[name]
            elif name in {"d", "transform", "x", "y", "x2", "y2", "width", "height"}:
                element.set(name, _LONG_NUMBER.sub(_short, value))


def _short(match: re.Match[str]) -> str:
    number = round(float(match[0]), 1) + 0.0  # the sum turns -0.0 into 0.0
    return f"{number:g}" if abs(number) < 100_000 else f"{number:.0f}"


def _hatch(root: etree._Element, prefix: str) -> None:
    """Hidden areas get slanting lines instead of one more grey: to be told apart without seeing colour."""
    name = f"{prefix}-arcering"
    found = [element for element in root.iter() if element.get("fill") == theme.HIDDEN_FILL]
    if not found:
        return
    for element in found:
        element.set("fill", f"url(#{name})")
    pattern = etree.Element(
        f"{{{SVG}}}pattern",
        id=name,
        width="6",
        height="6",
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    pattern.append(etree.Element(f"{{{SVG}}}rect", width="6", height="6", fill="#fff"))
    pattern.append(etree.Element(f"{{{SVG}}}rect", width="2.5", height="6", fill=theme.BORDER))
    definitions = etree.Element(f"{{{SVG}}}defs")
    definitions.append(pattern)
    root.insert(0, definitions)


def _unlink(root: etree._Element) -> None:
    """A file that travels holds no addresses of the closed site."""
    for link in list(root.iter(f"{{{SVG}}}a")):
        group = etree.Element(f"{{{SVG}}}g")
        group.extend(list(link))
        link.getparent().replace(link, group)


def _words(text: str, *, x: float, y: float, size: float, weight: str, colour: str) -> etree._Element:
    element = etree.Element(
        f"{{{SVG}}}text",
        {"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size:g}px", "font-weight": weight, "fill": colour},
    )
    element.text = text
    return element


def _written(root: etree._Element) -> str:
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")

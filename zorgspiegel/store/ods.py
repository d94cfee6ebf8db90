"""Writes OpenDocument spreadsheets, row by row.

Libraries for ODS build the whole document in memory first, which does not do for a million rows. The format
is a zip with one large XML file, so we write that file straight into the zip. Numbers go in digit for digit.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from zorgspiegel.store.spreadsheets import Sheet, Value, parts

MIME_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
NO_CLOCK = (1980, 1, 1, 0, 0, 0)
"""In place of the moment of making: the same rows give the same bytes."""

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{_OASIS}:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "style": "style",
        "table": "table",
        "text": "text",
        "fo": "xsl-fo-compatible",
        "meta": "meta",
        "manifest": "manifest",
    }.items()
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPACES = re.compile(r"^ +| {2,}| +$")
_SPECIAL = re.compile("[\x00-\x1f&<>\ufffe\uffff]|^ |  | $")
"""Any of these, and a text needs work before it can stand in XML. Most texts are codes without."""


def write_ods(target: Path | BinaryIO, sheets: Iterable[Sheet], *, title: str, creator: str) -> None:
    """Write a spreadsheet: numbers as numbers, texts as texts, nothing as a formula or a link.

    A sheet with more rows than a spreadsheet has goes on in a next one. Signs that XML cannot hold become
    the replacement sign.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as package:
        # The standard wants the type first and unpacked, so that programs can see it without unzipping.
        package.writestr(_entry("mimetype", zipfile.ZIP_STORED), MIME_TYPE)
        package.writestr(_entry("META-INF/manifest.xml"), _manifest())
        package.writestr(_entry("meta.xml"), _meta(title, creator))
        with package.open(_entry("content.xml"), "w", force_zip64=True) as content:
            for piece in _content(sheets):
                content.write(piece.encode())


def _entry(name: str, packing: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=NO_CLOCK)
    entry.compress_type = packing
    return entry


def _manifest() -> str:
    files = {"/": MIME_TYPE, "content.xml": "text/xml", "meta.xml": "text/xml"}
    lines = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in files.items()
    )
    root = f'manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0" manifest:version="1.3"'
    return f"{_HEAD}<{root}>{lines}</manifest:manifest>"


def _meta(title: str, creator: str) -> str:
    dublin = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return (
        f'{_HEAD}<office:document-meta {_NAMESPACES} {dublin} office:version="1.3"><office:meta>'
        f"<dc:title>{escape(_valid(title))}</dc:title><meta:initial-creator>{escape(_valid(creator))}</meta:initial-creator>"
        "</office:meta></office:document-meta>"
    )


def _content(sheets: Iterable[Sheet]) -> Iterator[str]:
    yield (
        f'{_HEAD}<office:document-content {_NAMESPACES} office:version="1.3"><office:automatic-styles>'
        '<style:style style:name="kop" style:family="table-cell">'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
    )
    for sheet in sheets:
        for part in parts(sheet):
            yield f"<table:table table:name={quoteattr(_valid(part.title))}>"
            yield f'<table:table-column table:number-columns-repeated="{len(part.columns)}"/>'
            yield f"<table:table-header-rows>{_row(part.columns, style='kop')}</table:table-header-rows>"
            for row in part.rows:
                yield _row(row)
            yield "</table:table>"
    yield "</office:spreadsheet></office:body></office:document-content>"


def _row(values: Iterable[Value], *, style: str = "") -> str:
    named = f' table:style-name="{style}"' if style else ""
    return f"<table:table-row>{''.join(_cell(value, named) for value in values)}</table:table-row>"


def _cell(value: Value, style: str) -> str:
    if value is None:
        return f"<table:table-cell{style}/>"
    if isinstance(value, bool):
        word = "true" if value else "false"
        return f'<table:table-cell{style} office:value-type="boolean" office:boolean-value="{word}"/>'
    if isinstance(value, str):
        lines = "".join(f"<text:p>{_line(line)}</text:p>" for line in value.split("\n"))
        return f'<table:table-cell{style} office:value-type="string">{lines}</table:table-cell>'
    number = format(value, "f") if isinstance(value, Decimal) else repr(value)
    return (
        f'<table:table-cell{style} office:value-type="float" office:value="{number}">'
        f"<text:p>{number}</text:p></table:table-cell>"
    )


def _line(text: str) -> str:
    """Text of one line. Readers of XML throw away spaces that are not counted and tabs that are not named."""
    if not _SPECIAL.search(text):
        return text
    counted = _SPACES.sub(lambda found: f"\x00{len(found[0])}\x01", _valid(text.replace("\r", "")))
    plain = escape(counted).replace("\t", "<text:tab/>")
    return re.sub("\x00(\\d+)\x01", r'<text:s text:c="\1"/>', plain)


def _valid(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

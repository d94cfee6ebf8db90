"""Opens foreign files as all-text tables with row numbers: CSV (also gzipped), GeoJSON and TopoJSON.

Nothing is typed and nothing is mended here. What is no proper file of its kind is refused as a whole, with a
message that names the line and never quotes what stands there.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import ibis.expr.types as ir

from zorgspiegel.store.query import count
from zorgspiegel.terms.errors import SourceError

CHUNK = 1 << 20
LARGEST = 8 << 30
"""Bytes after unpacking. The largest public source file is some hundreds of megabytes."""

SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}


def open_text_table(
    con: Any, path: Path, *, separators: Sequence[str] = (";", ","), name: str = "text"
) -> ir.Table:
    """A file as a TEXT_TABLE on this connection: every column text as it stands, plus `rijnummer` from 1.

    Empty fields are empty text. The table is a copy inside the connection: the file is read once.
    Raises SourceError for a file that is missing, empty, cut off, not UTF-8, no CSV, or ragged.
    """
    if not path.is_file():
        raise SourceError(f"There is no file {path}. Check the path.")
    with plain_copy(path) as plain:
        if path.name.removesuffix(".gz").endswith((".geojson", ".topojson", ".json")):
            from zorgspiegel.store.geography import open_features

            return open_features(con, path, plain=plain, name=name)
        separator, header = _header(plain, path, separators)
        return _load(con, plain, path, separator=separator, header=header, name=name)


@contextmanager
def plain_copy(path: Path) -> Iterator[Path]:
    """The file unpacked, without BOM, proven to be whole and UTF-8, under a name of our own.

    DuckDB reads a gzip that was cut off without a word, so it never sees one: the checksum is checked here.
    """
    with tempfile.TemporaryDirectory(prefix="zorgspiegel-import-") as folder:
        plain = Path(folder) / "plain"
        with plain.open("wb") as target:
            _copy(path, target)
        yield plain


def _copy(path: Path, target: BinaryIO) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    written = 0
    try:
        with _opened(path) as source:
            while chunk := source.read(CHUNK):
                _refuse_odd(path, chunk, first=written == 0)
                decoder.decode(chunk)
                target.write(chunk.removeprefix(codecs.BOM_UTF8) if written == 0 else chunk)
                written += len(chunk)
                if written > LARGEST:
                    raise SourceError(
                        f"{path.name}: more than {LARGEST >> 30} GB after unpacking. Split the file."
                    )
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path.name}: this is not UTF-8 (near byte {written + error.start + 1}). Files saved by Excel "
            f"are often Windows-1252. Convert it: iconv -f WINDOWS-1252 -t UTF-8 {path.name} > utf8.csv, "
            "and import that file."
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(
            f"{path.name}: the gzip file is cut off or damaged. Nothing was imported. Download it again; "
            f"'gzip -t {path.name}' tells whether it is whole."
        ) from error
    if written == 0:
        raise SourceError(f"{path.name}: the file is empty. Download it again.")


def _opened(path: Path) -> Any:
    with path.open("rb") as start:
        is_gzip = start.read(2) == b"\x1f\x8b"
    if path.suffix == ".gz" and not is_gzip:
        raise SourceError(
            f"{path.name}: the name says gzip, the content is not. Rename it, or download it again."
        )
    return gzip.open(path, "rb") if is_gzip else path.open("rb")


def _refuse_odd(path: Path, chunk: bytes, *, first: bool) -> None:
    if first:
        start = chunk[:512].removeprefix(codecs.BOM_UTF8).lstrip().lower()
        if start.startswith((b"<!doctype html", b"<html", b"<?xml", b"<!--")):
            raise SourceError(
                f"{path.name}: this is a web page or XML, not data; most likely the download answered with "
                "an error page or a log-in page. Open it in a browser to see, and download the data again."
            )
        if chunk.startswith(b"PK\x03\x04"):
            raise SourceError(
                f"{path.name}: this is a zip or Excel file. Unpack it, or save the sheet as CSV in UTF-8, "
                "and import that."
            )
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError(
                f"{path.name}: this is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8 {path.name} > "
                "utf8.csv, and import that file."
            )
    if b"\x00" in chunk:
        raise SourceError(
            f"{path.name}: there are NUL bytes in it, so it is not a text file. Download it again."
        )


def _header(plain: Path, path: Path, separators: Sequence[str]) -> tuple[str, list[str]]:
    """The separator and the names of the columns. The declared separator that gives most columns wins."""
    with plain.open(encoding="utf-8", newline="") as file:
        start = file.read(CHUNK)
    rows = {mark: next(csv.reader(io.StringIO(start), delimiter=mark), []) for mark in SEPARATORS}
    counts = {mark: len(row) for mark, row in rows.items()}
    best = max(separators, key=lambda mark: counts[mark])
    other = max(counts, key=lambda mark: counts[mark])
    if counts[best] == 1 and counts[other] > 1:
        wanted = " or ".join(SEPARATORS[mark] for mark in separators)
        raise SourceError(
            f"{path.name}: the columns are separated by a {SEPARATORS[other]}; this source has a {wanted}. "
            "Take the file as its publisher gives it, not one that was saved again by another program."
        )
    header = [field.strip() for field in rows[best]]
    if header and header[0] == "":
        header[0] = "kolom_1"  # R writes row names under an empty header
    _refuse_header(path, header)
    return best, header


def _refuse_header(path: Path, header: list[str]) -> None:
    if not any(header):
        raise SourceError(
            f"{path.name}: the first line is empty. It must be the line with the names of the columns."
        )
    if "" in header:
        raise SourceError(
            f"{path.name}: column {header.index('') + 1} has no name in the first line. Name it."
        )
    lower = [name.casefold() for name in header]
    double = sorted({name for name in header if lower.count(name.casefold()) > 1})
    if double:
        raise SourceError(
            f"{path.name}: the first line has the same column more than once: {', '.join(double)}. It "
            "cannot be known which one counts. Remove one, or download the file again."
        )
    if "rijnummer" in lower:
        raise SourceError(f"{path.name}: a column may not be called rijnummer: that is our own. Rename it.")


def _load(con: Any, plain: Path, path: Path, *, separator: str, header: list[str], name: str) -> ir.Table:
    columns = ", ".join(f"{_quoted(column)}: 'VARCHAR'" for column in header)
    # nullstr is a text that does not occur, so that an empty field stays an empty text.
    options = (
        f"delim={_quoted(separator)}, header=true, columns={{{columns}}}, auto_detect=false, "
        "quote='\"', escape='\"', nullstr='\x01', strict_mode=true, null_padding=false, "
        "ignore_errors=false, max_line_size=16777216"
    )
    query = (
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT row_number() OVER () AS rijnummer, * "
        f"FROM read_csv({_quoted(str(plain))}, {options})"
    )
    try:
        con.raw_sql(query)
    except Exception as error:
        raise SourceError(_unreadable(path, str(error), len(header))) from None
    table = con.table(name)
    if not count(con, table):
        raise SourceError(f"{path.name}: there is a header and not one row. Download it again.")
    return table


def _unreadable(path: Path, message: str, width: int) -> str:
    """Our own words: the message of DuckDB quotes the line."""
    line = next((words.split()[0].rstrip(".") for words in message.split("CSV Error on Line: ")[1:]), None)
    where = f"line {line}" if line else "some line"
    return (
        f"{path.name}: {where} does not have the {width} fields that the first line names, or has quotes "
        "that are not closed. Nothing was imported. Look at that line in a text editor (a separator inside a "
        "text must be quoted), or download the file again."
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

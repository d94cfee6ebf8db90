"""XML by the piece, with expat: no DOCTYPE, no entities, no depth, no end to what it refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Protocol
from xml.parsers import expat

from zorgspiegel.store.opening.problems import Problems
from zorgspiegel.terms.deliveries import Trouble

CHUNK = 1 << 16
MAX_DEPTH = 50


class Listener(Protocol):
    """What is told about a document, in its order. Names come without their namespace prefix."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """A piece of text; one text can come in pieces."""

    def end(self, name: str) -> None:
        """An element ends."""


def read_xml(
    source: IO[bytes], listener: Listener, problems: Problems, *, broken: Trouble, most: int
) -> None:
    """Tell the listener what stands in this document. Stops with `broken` when it is not well-formed, with
    XML_DOCTYPE at a DOCTYPE, and at `most` bytes."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise problems.stop(broken)
        listener.start(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        listener.end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise problems.stop(Trouble.XML_DOCTYPE)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = listener.text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        for chunk in _chunks(source, most, problems, broken):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise problems.stop(broken) from error


def _chunks(source: IO[bytes], most: int, problems: Problems, broken: Trouble) -> Iterator[bytes]:
    size = 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise problems.stop(Trouble.SHEET_LIMITS if broken is Trouble.SHEET_BROKEN else Trouble.TOO_LARGE)
        yield chunk

"""Puts pseudonyms where BSNs stand: in a file before it is sent, or in typed tables after it came in.

In a file only the bytes of the BSN change; separators, quotes, line ends, encoding and all other columns stay
as they are. In a table the person becomes one column `persoon`, and what identifies a person is gone.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from zorgspiegel.store.pseudonym_keys import Pseudonymiser, PseudonymKey, pseudonymiser, purpose_of
from zorgspiegel.store.whole_file import whole_file
from zorgspiegel.terms.errors import RefusedError
from zorgspiegel.terms.findings import ROWS_SHOWN
from zorgspiegel.terms.pseudonym import BSN_UNKNOWN, is_pseudonym
from zorgspiegel.terms.standards import Standard

_ELFPROEF = (9, 8, 7, 6, 5, 4, 3, 2, -1)
INVALID = "000000000"
"""What stands for a BSN that is none: the check refuses that row, and a mistyped BSN never leaves."""

_BOM = b"\xef\xbb\xbf"
_QUOTED = rb'[ \t]*"(?:[^"]|"")*"[ \t]*'


@dataclass
class Replaced:
    """What was done, in numbers; `invalid_rows` are the first 20 rows whose BSN is none."""

    rows: int = 0
    replaced: int = 0
    unknown: int = 0
    empty: int = 0
    invalid: int = 0
    invalid_rows: list[int] = field(default_factory=list)
    key_name: str = ""


def is_bsn(text: str) -> bool:
    """Nine digits that pass the elfproef."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()) or text == "000000000":
        return False
    return sum(map(operator.mul, _ELFPROEF, map(int, text))) % 11 == 0


# --- a file, before it is sent -----------------------------------------------------------------------


def pseudonymise_file(source: Path, target: Path, *, standard: Standard, key: PseudonymKey) -> Replaced:
    """Copy a CSV with a pseudonym for every BSN. The target is whole or not there.

    A BSN that is unknown (999999999) or empty stays so; one that fails the elfproef becomes 000000000.
    Raises RefusedError when the file is no CSV of this standard, is ragged, or has pseudonyms already.
    """
    if source.resolve() == target.resolve():
        raise RefusedError(f"{target} is the file itself. Give another name with -o.")
    if not source.is_file():
        raise RefusedError(f"There is no file {source}. Check the path.")
    with source.open("rb") as incoming, whole_file(target) as outgoing:
        return _Copy(incoming, outgoing, standard, key, source.name).run()


class _Copy:
    """One walk through one file."""

    def __init__(
        self, incoming: BinaryIO, outgoing: BinaryIO, standard: Standard, key: PseudonymKey, name: str
    ):
        self.incoming, self.outgoing, self.key, self.name = incoming, outgoing, key, name
        self.purpose = purpose_of(standard.id)
        self.standard = standard
        self.done = Replaced(key_name=key.name)
        self.makers: dict[str, Pseudonymiser] = {}

    def run(self) -> Replaced:
        records = _records(self.incoming, self.name)
        self._header(next(records, b""))
        for record in records:
            self.outgoing.write(self._row(record))
        return self.done

    def _header(self, line: bytes) -> None:
        names, separator = [f.name for f in self.standard.resources[0].fields], b""
        for candidate in self.standard.file.separators:
            found = [_bare(cell) for cell in _cells(line.removeprefix(_BOM), candidate.encode())]
            if [name.lower() for name in found] == [name.lower() for name in names]:
                separator = candidate.encode()
        if not separator:
            raise RefusedError(
                f"{self.name}: the first line does not have the columns of {self.standard.id}. It must be: "
                f"{self.standard.file.separators[0].join(names)}. `zorgspiegel check` tells what differs."
            )
        self.separator, self.width = separator, len(names)
        self.bsn = next(i for i, f in enumerate(self.standard.resources[0].fields) if f.holds == "bsn")
        self.gemeente = names.index(str(self.standard.sender_field).rsplit(".", maxsplit=1)[-1])
        self.outgoing.write(line)

    def _row(self, record: bytes) -> bytes:
        body = record.rstrip(b"\r\n")
        if not body.strip():
            return record
        self.done.rows += 1
        cells = body.split(self.separator) if b'"' not in body else _cells(body, self.separator)
        if len(cells) != self.width:
            # A shifted row could hold its BSN in a column that we leave alone.
            raise RefusedError(
                f"{self.name}, row {self.done.rows}: {len(cells)} columns, not {self.width}. Mend the row; "
                "nothing was written, since its BSN might stand in another column."
            )
        bsn = _bare(cells[self.bsn])
        if bsn:
            cells[self.bsn] = cells[self.bsn].replace(
                bsn.encode("latin-1"), self._instead(bsn, _bare(cells[self.gemeente])).encode()
            )
        else:
            self.done.empty += 1
        return self.separator.join(cells) + record[len(body) :]

    def _instead(self, bsn: str, gemeente: str) -> str:
        if bsn == BSN_UNKNOWN:
            self.done.unknown += 1
            return bsn
        if not is_bsn(bsn) or not re.fullmatch(r"[0-9]{4}", gemeente):
            return self._no_bsn(bsn)
        self.done.replaced += 1
        if gemeente not in self.makers:
            self.makers[gemeente] = pseudonymiser(self.key, purpose=self.purpose, gemeente=gemeente)
        return self.makers[gemeente].of(f"bsn|{bsn}")

    def _no_bsn(self, text: str) -> str:
        if is_pseudonym(text):
            raise RefusedError(
                f"{self.name}, row {self.done.rows}: a pseudonym stands here already. Take the original file."
            )
        self.done.invalid += 1
        if len(self.done.invalid_rows) < ROWS_SHOWN:
            self.done.invalid_rows.append(self.done.rows)
        return INVALID


def _records(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Lines with their ends; lines within quotes belong together. Refuses what is no text in one-byte
    steps.
    """
    waiting, lines = b"", 0
    for line in file:
        if b"\0" in line or (not lines and line.startswith(b"PK\x03\x04")):
            raise RefusedError(f"{name} is no plain CSV file. Unpack it, or save it as CSV (UTF-8).")
        lines += 1
        waiting += line
        if waiting.count(b'"') % 2 == 0:
            yield waiting
            waiting = b""
        elif len(waiting) > 1 << 20:
            break
    if waiting:
        raise RefusedError(f'{name}, line {lines}: a quote (") is opened and never closed. Mend the file.')


@lru_cache(maxsize=8)
def _cell_pattern(separator: bytes) -> re.Pattern[bytes]:
    plain = b"[^" + re.escape(separator) + b"]*"
    return re.compile(b"(" + _QUOTED + b"|" + plain + b")(?:" + re.escape(separator) + b"|$)")


def _cells(line: bytes, separator: bytes) -> list[bytes]:
    """The cells as they stand, quotes included; joined with the separator they are the line again."""
    body, cells, place = line.rstrip(b"\r\n"), [], 0
    while place <= len(body):
        match = _cell_pattern(separator).match(body, place)
        if match is None:  # text behind a closing quote: no cell, so the count of columns cannot be right
            return []
        cells.append(match[1])
        place = match.end(1) + 1
    return cells


def _bare(cell: bytes) -> str:
    """The value in a cell, without spaces and quotes around it. Latin-1 keeps every byte a character."""
    return cell.decode("latin-1").strip(" \t\r\n").removeprefix('"').removesuffix('"').strip(" \t")


# --- a typed table, after it came in -----------------------------------------------------------------


IDENTIFYING = ("geboortedatum", "geslacht", "postcode")
"""Who somebody is within a gemeente when the BSN is not known (DOMAIN 4.4)."""


def persons(
    gemeente: pa.Array, bsn: pa.Array, *identifying: pa.Array, key: PseudonymKey, purpose: str
) -> pa.Array:
    """The pseudonym per row; null where neither the BSN nor the three together say who it is.

    gemeente:    four digits.
    bsn:         a BSN, 999999999, null, or a pseudonym that the gemeente made: that one gets ours on top.
    identifying: the columns IDENTIFYING, as text; used where the BSN is unknown.
    """
    known = pc.and_(pc.is_valid(bsn), pc.not_equal(bsn.fill_null(""), BSN_UNKNOWN))
    known = pc.and_(known, pc.not_equal(bsn.fill_null(""), ""))
    by_bsn = pc.binary_join_element_wise("bsn", bsn, "|")
    by_rest = pc.binary_join_element_wise("onbekend", *identifying, "|")
    person = pc.binary_join_element_wise(gemeente, pc.if_else(known, by_bsn, by_rest), "|")
    encoded = person.dictionary_encode()
    makers: dict[str, Pseudonymiser] = {}
    made: list[str] = []
    for text in encoded.dictionary.to_pylist():
        code, who = text.split("|", maxsplit=1)
        if code not in makers:
            makers[code] = pseudonymiser(key, purpose=purpose, gemeente=code)
        made.append(makers[code].of(who))
    return pa.array(made, pa.string()).take(encoded.indices)


def pseudonymise_batches(
    batches: Iterable[pa.RecordBatch], *, key: PseudonymKey, purpose: str
) -> Iterator[pa.RecordBatch]:
    """Typed batches with `gemeente`, `bsn` and IDENTIFYING (as text): `persoon` comes, the BSN and postcode
    go.

    Geboortedatum and geslacht stay for counting by age and sex; with the BSN and the postcode gone they name
    nobody by themselves.
    """
    for batch in batches:
        column = {name: batch.column(name) for name in batch.schema.names}
        person = persons(
            column["gemeente"],
            column["bsn"],
            *(column[name] for name in IDENTIFYING),
            key=key,
            purpose=purpose,
        )
        kept = {name: values for name, values in column.items() if name not in {"bsn", "postcode"}}
        yield pa.RecordBatch.from_pydict({"persoon": person, **kept})

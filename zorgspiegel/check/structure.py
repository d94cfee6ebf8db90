"""The build of the file: which record kinds, how many, in which order, each with the right number of
fields."""

from __future__ import annotations

from collections.abc import Iterator

import ibis.expr.types as ir

from zorgspiegel.check import texts
from zorgspiegel.check.kinds import TEXT, Kind
from zorgspiegel.check.model import Fault
from zorgspiegel.check.values import is_empty
from zorgspiegel.terms.deliveries import column
from zorgspiegel.terms.standards import Fault as FaultKind
from zorgspiegel.terms.standards import Standard

FIRST, LAST, SIZE = "eerste", "laatste", "aantal"


def _told(standard: Standard, kind: FaultKind, text: tuple[str, str, str]) -> Fault:
    return Fault(standard.code(kind), standard.severity(kind), None, *text)


def line_faults(standard: Standard, text: ir.Table) -> Iterator[tuple[Fault, ir.BooleanValue]]:
    """Faults of a line before it is known what it holds."""
    if standard.has_kinds:
        known = [resource.kind for resource in standard.resources]
        is_known = text[column(0)].isin(known).fill_null(False)
        yield _told(standard, FaultKind.STRUCTURE, texts.UNKNOWN_KIND), ~is_known


def width_faults(standard: Standard, kind: Kind, table: ir.Table) -> Iterator[tuple[Fault, ir.BooleanValue]]:
    """Lines of a record kind with too few or too many fields (files with a header: the opener counts
    them)."""
    if standard.has_kinds:
        expected = len(kind.resource.fields)
        text = texts.kind_width(kind.resource.title, expected)
        yield _told(standard, FaultKind.COLUMNS, text), table.aantal_velden != expected


def sender_faults(
    standard: Standard, kind: Kind, table: ir.Table, sender: str | None
) -> Iterator[tuple[Fault, ir.BooleanValue]]:
    """Lines that hold the code of another sender than the one whose account delivered the file."""
    resource, _, name = (standard.sender_field or "").rpartition(".")
    if sender is None or not name or resource not in {"", kind.resource.name}:
        return
    text = table[TEXT + name]
    fault = FaultKind.SENDER
    yield (
        Fault(standard.code(fault), standard.severity(fault), name, *texts.OTHER_SENDER),
        ~is_empty(text) & (text != sender),
    )


def kind_faults(standard: Standard, kind: Kind, totals: ir.Table) -> Iterator[tuple[Fault, ir.BooleanValue]]:
    """How often and where this kind occurs; `totals` has one row, with first, last and number of rows per
    kind."""
    resource = kind.resource
    size = totals[f"{SIZE} {resource.name}"]
    if resource.least or resource.most is not None:
        wrong = size < resource.least
        if resource.most is not None:
            wrong = wrong | (size > resource.most)
        yield (
            _told(
                standard, FaultKind.STRUCTURE, texts.kind_count(resource.title, resource.least, resource.most)
            ),
            wrong,
        )
    if resource.position is not None:
        place = FIRST if resource.position == "first" else LAST
        elsewhere = totals[f"{place} {resource.name}"] != totals[place]
        yield (
            _told(standard, FaultKind.STRUCTURE, texts.kind_position(resource.title, resource.position)),
            elsewhere,
        )


def numbers(text: ir.Table, prefix: str = "") -> dict[str, ir.Value]:
    """First, last and number of rows of a table, to aggregate; the names end in the prefix."""
    end = f" {prefix}" if prefix else ""
    return {
        FIRST + end: text.rijnummer.min(),
        LAST + end: text.rijnummer.max(),
        SIZE + end: text.count(),
    }
